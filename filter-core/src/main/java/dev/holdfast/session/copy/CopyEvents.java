package dev.holdfast.session.copy;

/**
 * What copies tell of themselves. Is called with locks of a copy held, so it must neither wait nor call the
 * application.
 */
public interface CopyEvents {
    /** The copy serves nobody any more, and nothing of it is saved; once. */
    void dropped(NearCopy copy);

    /** The session has ended here. */
    void ended(NearCopy copy);

    /** A copy owes nothing any more. */
    void paid(PendingWrites.Cleared cleared);

    /** A copy has a value that no request answers for. */
    void unowned(NearCopy copy, String field);
}
