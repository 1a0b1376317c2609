package dev.holdfast.history;

/**
 * What a browser has sent.
 *
 * @param life the session that the browser believes to be in: a name that is used for one session only
 * @param name of the counter, collection or value; empty if the action needs none
 * @param token the element or value, used once; for {@link Action#START} the one that tells this session from all
 *     others; else empty
 * @param copied whether the cookies are a copy from the time before the session's id was given up: somebody else's, or
 *     an old tab
 * @param sentId the session id in the cookies; empty without one
 */
public record Call(String life, Action action, String name, String token, boolean copied, String sentId) {
    /** What a value is set to; empty if this call does not set it. */
    String put(String value) {
        boolean both = action == Action.PUT_BOTH && (value.equals(first(name)) || value.equals(second(name)));
        return both || (action == Action.PUT && value.equals(name)) ? token : "";
    }

    /** The name of the first of two values that are set together. */
    public static String first(String pair) {
        return pair + ".1";
    }

    /** The name of the second of two values that are set together. */
    public static String second(String pair) {
        return pair + ".2";
    }
}
