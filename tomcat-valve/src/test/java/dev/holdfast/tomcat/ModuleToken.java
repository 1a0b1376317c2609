package dev.holdfast.tomcat;

import java.io.Serializable;

/**
 * A value as another module of the application has them: in WEB-INF/lib, in a package that begins as the application's
 * own.
 */
@SuppressWarnings("serial")
public final class ModuleToken implements Serializable {
    private final String text;

    public ModuleToken(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
