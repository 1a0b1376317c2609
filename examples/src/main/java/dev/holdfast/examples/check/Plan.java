package dev.holdfast.examples.check;

/**
 * How much a check does.
 *
 * @param sessions customers, each with a session of its own
 * @param kills how often a node is killed
 * @param changes how many changes have to be acknowledged before the check may end
 */
public record Plan(int sessions, int kills, int changes) {

    private static final int CHANGES_PER_SESSION = 25;

    /** The plan whose sessions each make 25 changes or more. */
    public static Plan of(int sessions, int kills) {
        return new Plan(sessions, kills, sessions * CHANGES_PER_SESSION);
    }
}
