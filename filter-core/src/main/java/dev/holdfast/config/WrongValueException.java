package dev.holdfast.config;

/**
 * A text that is no value of a setting. The message says what the text must be and never repeats it: it may hold a
 * secret.
 */
final class WrongValueException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    WrongValueException(String mustBe) {
        super(mustBe);
    }
}
