package dev.holdfast.history;

/** What a request asks the application for. */
public enum Action {
    /** Begins a session, unless there is one, and gives it the life's token. */
    START,
    /** Looks at everything. */
    READ,
    /** Reads a counter and writes it back, one higher. */
    INCREMENT,
    /** Puts an element into a collection that is in the session, without setAttribute. */
    ADD,
    /** Takes an element out of a collection that is in the session, without setAttribute. */
    TAKE,
    /** Sets a value without having read it. */
    PUT,
    /** Removes a value. */
    DROP,
    /** Sets two values to the same token. */
    PUT_BOTH,
    /** Gives the session another id. */
    CHANGE_ID,
    /** Logs a user in, which gives the session another id, too. */
    LOG_IN,
    /** Ends the session. */
    LOG_OUT;

    /** Whether it may give the session an id. */
    boolean givesId() {
        return this == START || this == CHANGE_ID || this == LOG_IN;
    }

    /** Whether the session is another one afterwards. */
    boolean changes() {
        return this != READ && this != START;
    }
}
