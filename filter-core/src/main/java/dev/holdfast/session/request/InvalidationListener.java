package dev.holdfast.session.request;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.LogEntry;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.expiry.ExpiryClaims;
import dev.holdfast.session.expiry.ExpiryNotifier;
import java.util.concurrent.TimeUnit;

/**
 * What this node does with a copy of which it hears that the session has ended, has another id, or went to another node
 * (rule 8).
 */
final class InvalidationListener {
    /** A copy that another node has taken over is kept this long, in case the browser comes back. */
    private static final long STALE_KEEP = TimeUnit.SECONDS.toNanos(30);

    private final ProtocolContext context;
    private final PendingLogouts inDoubt;
    private final ExpiryClaims claims;
    private final ExpiryNotifier notifier;

    InvalidationListener(
            ProtocolContext context, PendingLogouts inDoubt, ExpiryClaims claims, ExpiryNotifier notifier) {
        this.context = context;
        this.inDoubt = inDoubt;
        this.claims = claims;
        this.notifier = notifier;
    }

    /** A touch found no session; if a commit has changed the id meanwhile, that says nothing. */
    void touchedGone(NearCopy copy, SessionId touched) {
        if (copy.lock.tryAcquire()) {
            try {
                if (copy.stored().id().equals(touched)) {
                    context.copies().endedElsewhere(copy);
                }
            } finally {
                copy.lock.release();
            }
        }
    }

    /** Copies that other nodes have taken over go after a while. */
    void forgetStale() {
        long now = context.ticker().nanos();
        for (NearCopy copy : context.copies().all()) {
            if (copy.trust().isStale()
                    && !copy.owed().isOwing()
                    && !copy.values().hasUnowned()
                    && now - copy.admission().lastUse() > STALE_KEEP
                    && copy.lock.tryAcquire()) {
                try {
                    if (copy.admission().stopIfIdle()) {
                        context.copies().drop(copy);
                    }
                } finally {
                    copy.lock.release();
                }
            }
        }
    }

    /** An entry of the log that was not read before. */
    void heard(LogEntry entry) {
        context.tombstones().heard(entry);
        ContainerSession endedHere = inDoubt.endedBy(entry);
        if (endedHere != null) {
            notifier.tellLater(entry.id(), endedHere);
        }
        if (!entry.end()
                && !context.options().roaming()
                && context.rules().isOwnEntry(entry.owner(), context.owner())) {
            return; // this node's own move, also of a call that it has given up: its reply says the rest
        }
        NearCopy copy = context.copies().get(entry.id());
        // Numbers of the log that was lost say nothing about the one that follows; and an end is one whatever its
        // number.
        boolean toldAgain =
                entry.end() && context.shards().isUnsettled(entry.id().shard());
        long era = context.shards().era(entry.id().shard());
        if (copy != null && (copy.trust().heard(entry, era) || toldAgain) && entry.end() && !claims.isUnderWay(copy)) {
            if (entry.renamed()) {
                // It goes on under its new id: no end for a request that is inside, and nobody else comes to this copy.
                // What such a request wants to save is refused by the store.
                context.copies().drop(copy);
            } else {
                heardEnd(copy);
            }
        }
    }

    private void heardEnd(NearCopy copy) {
        if (!copy.lock.tryAcquire()) {
            context.copies().drop(copy); // perhaps it is this node that ends it just now, and has its listeners to tell
            return;
        }
        try {
            context.copies().endedElsewhere(copy);
        } finally {
            copy.lock.release();
        }
    }
}
