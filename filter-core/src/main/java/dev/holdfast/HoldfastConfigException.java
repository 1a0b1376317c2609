package dev.holdfast;

import dev.holdfast.config.SettingsReader;
import dev.holdfast.session.SerializedAsJdk;
import java.util.List;

/**
 * Settings are wrong. The message lists all of them, each with its name, masked value, where it was read, and what is
 * allowed.
 */
public final class HoldfastConfigException extends RuntimeException implements SerializedAsJdk {
    private static final long serialVersionUID = 1L;

    // A list of strings made by List.copyOf is serializable.
    @SuppressWarnings("serial")
    private final List<String> mistakes;

    HoldfastConfigException(List<String> mistakes) {
        super(SettingsReader.text(mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    /** One sentence for each wrong setting. */
    public List<String> mistakes() {
        return mistakes;
    }

    private Object writeReplace() {
        return SerializedAsJdk.form(this);
    }
}
