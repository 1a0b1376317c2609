package dev.holdfast.session.commit;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.UnencodableAttributeException;
import org.jspecify.annotations.Nullable;

/**
 * How a commit ended. What becomes of the request then is not the commit's to say: {@code OutagePolicy} does.
 *
 * @param message why the change is not kept; empty where it is, or where the cause says so
 * @param cause why there is no answer, or what cannot be written
 */
public record CommitResult(
        End end, String message, @Nullable Exception cause) {
    public static final CommitResult SAVED = new CommitResult(End.SAVED, "", null);
    static final CommitResult NOTHING_LEFT = new CommitResult(End.NOTHING_LEFT, "", null);

    public enum End {
        SAVED,
        /** After a merge nothing was left to write: a request still has to move the epoch. */
        NOTHING_LEFT,
        /**
         * Another node has changed what an open request of this copy has used; the copy is dropped, unless a round may
         * wait.
         */
        CONFLICT,
        /** The session has ended elsewhere; so has the copy. */
        GONE,
        /** The session goes by another id since; the copy is dropped. */
        RENAMED,
        /**
         * Another node has changed the session, and what this one wanted is not to be written over that; the copy is
         * dropped.
         */
        CHANGED,
        /** Others change it all the time, and nobody waits for this: it can be tried again. */
        CHANGED_TOO_OFTEN,
        /** A value cannot be encoded. Nothing is decided about the copy. */
        UNENCODABLE,
        /** There was no usable answer, or none can be had. Nothing is decided about the copy. */
        UNANSWERED,
        /**
         * The store has lost the shard's data, and it is not settled; nothing was done. Nothing is decided about the
         * copy.
         */
        UNSETTLED
    }

    static CommitResult refused(End end, String message) {
        return new CommitResult(end, message, null);
    }

    static CommitResult unencodable(UnencodableAttributeException cause) {
        return new CommitResult(End.UNENCODABLE, "", cause);
    }

    /** @param end unanswered or unsettled */
    public static CommitResult failed(End end, StoreUnavailableException cause) {
        return new CommitResult(end, "", cause);
    }

    /** Of a commit that failed. */
    public StoreUnavailableException failure() {
        if (cause instanceof StoreUnavailableException failure) {
            return failure;
        }
        throw new IllegalStateException("The store has answered: " + end);
    }
}
