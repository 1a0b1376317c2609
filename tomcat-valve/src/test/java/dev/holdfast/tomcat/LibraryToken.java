package dev.holdfast.tomcat;

import java.io.Serializable;

/** A value as a library has them: not in the web application's own classes. */
@SuppressWarnings("serial")
public final class LibraryToken implements Serializable {
    final String text;

    public LibraryToken(String text) {
        this.text = text;
    }
}
