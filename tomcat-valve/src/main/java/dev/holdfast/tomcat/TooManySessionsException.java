package dev.holdfast.tomcat;

import dev.holdfast.session.SerializedAsJdk;
import org.apache.catalina.session.TooManyActiveSessionsException;

/** Tomcat's own refusal of one session more, which an application may keep in another session. */
final class TooManySessionsException extends TooManyActiveSessionsException implements SerializedAsJdk {
    private static final long serialVersionUID = 1L;

    TooManySessionsException(String message, int most) {
        super(message, most);
    }

    private Object writeReplace() {
        return SerializedAsJdk.form(this);
    }
}
