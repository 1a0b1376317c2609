package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which fields a commit under way writes, so that a neighbour who finds that it has nothing to write can be sure of it:
 * a value equal to the stored one is none to write only if no commit is about to replace the stored one. Safe for use
 * by many threads.
 */
public final class InFlightFields {
    /** Null while a commit still examines which fields it writes. */
    @GuardedBy("this")
    private @Nullable Set<String> committing = Set.of();

    @GuardedBy("this")
    private long cleaned;

    /**
     * A request has found nothing to write.
     *
     * @return false if a commit under way may write what the request used: it must look again after that
     */
    synchronized boolean tryClean(ChangeSet changes) {
        Collection<String> used = changes.examined();
        if (used.isEmpty()) {
            return true;
        }
        if (committing == null || (!committing.isEmpty() && !Collections.disjoint(committing, used))) {
            return false;
        }
        cleaned++;
        return true;
    }

    /**
     * Number of requests that have found nothing to write: what was examined before another one did is to be examined
     * again.
     */
    public synchronized long cleaned() {
        return cleaned;
    }

    /** With the copy's lock: from now on nobody counts as clean until it is known what is written. */
    public synchronized long open() {
        committing = null;
        return cleaned;
    }

    public synchronized void writes(ChangeSet changes) {
        if (changes.removes().isEmpty()) {
            committing = changes.writes().keySet(); // nothing changes any more in what a look has found
            return;
        }
        Set<String> fields = new HashSet<>(changes.writes().keySet());
        fields.addAll(changes.removes());
        committing = fields;
    }

    public synchronized void close() {
        committing = Set.of();
    }
}
