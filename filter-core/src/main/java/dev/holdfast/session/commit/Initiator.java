package dev.holdfast.session.commit;

/** On whose behalf a commit is made. */
public enum Initiator {
    /** A request, which is refused if its work cannot be kept. */
    REQUEST,
    /** No request waits for it: what cannot be saved now is tried again, and the copy stays as it is. */
    BACKGROUND
}
