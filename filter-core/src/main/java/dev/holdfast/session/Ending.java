package dev.holdfast.session;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How a session ends: by a request, or because it was idle for max inactive; in the store first, then here (rules 8 and 11). */
final class Ending {
    private final Node node;
    private final SessionStore store;
    private final NearCopies copies;
    private final EndedLog ended;
    private final SessionCounters counters;

    Ending(Node node) {
        this.node = node;
        this.store = node.store;
        this.copies = node.copies;
        this.ended = node.ended;
        this.counters = node.counters;
    }

    /**
     * Ends a session for good, in the store first: when this returns, no node brings it back. Does nothing if it has ended here already.
     *
     * @throws SessionRefusedException if the store cannot be told; the session then lives on
     */
    void end(NearCopy copy) {
        if (copy.isEnded()) {
            return;
        }
        RequestScope scope = node.currentScope();
        WaitBudget budget = scope != null ? scope.budget() : new WaitBudget(node.timeout);
        try {
            if (!node.acquire(copy.slot, budget)) {
                throw node.busy(copy.id(), budget);
            }
            try {
                if (copy.isEnded()) {
                    return;
                }
                if (!copy.base().equals(Base.NONE)) {
                    endInStore(copy, null, budget);
                    counters.ended.increment();
                }
                copy.end();
                copies.forget(copy);
            } finally {
                copy.slot.release();
            }
            // The request may have held an orphan: what took its place here has ended, too.
            NearCopy other = copies.get(copy.storedId());
            if (other != null) {
                copies.drop(other);
            }
        } catch (StoreUnavailableException e) {
            throw Node.refuse(scope, "Session " + copy.id() + " cannot be ended: ", e);
        }
    }

    private SessionStore.Outcome endInStore(NearCopy copy, @Nullable Epoch onlyIfIdle, WaitBudget budget) {
        int shard = copy.storedId().shard();
        String stamp = RandomToken.next();
        for (int attempt = 0; ; attempt++) {
            EndedLog.Sent sent = ended.sending(shard);
            copy.trust().sending(sent);
            SessionStore.EndReply reply = store.end(
                    new SessionStore.End(
                            copy.storedId(), sent.generation(), stamp, copy.savedMaxInactive(), onlyIfIdle),
                    budget);
            if (reply.outcome() != SessionStore.Outcome.OTHER_GENERATION) {
                ended.heard(shard, sent, reply.tail());
                return reply.outcome();
            }
            ended.otherGeneration(shard, reply.tail().generation());
            if (attempt > 0) {
                throw Node.unsettled(copy);
            }
        }
    }

    /**
     * Ends the sessions that were idle for max inactive and are held here, and tells their listeners. To be called with the application's
     * class loader in place.
     */
    void expireIdle() {
        for (NearCopy copy : copies.all()) {
            LocalSession local = copy.local();
            if (local == null
                    || !copy.isServing()
                    || copy.isOpen()
                    || !isIdle(copy, local)
                    || !copy.slot.tryAcquire()) {
                continue;
            }
            try {
                expire(copy);
            } catch (StoreUnavailableException e) {
                node.log.warn(
                        "HF-212",
                        () -> "Idle sessions cannot be ended, they are asked for again later: " + e.getMessage(),
                        e);
                return;
            } catch (RuntimeException e) {
                node.log.warn(
                        "HF-214",
                        () -> "The end of the idle session " + copy.id() + " could not be told to all listeners",
                        e);
            } finally {
                copy.slot.release();
            }
        }
    }

    boolean isIdle(NearCopy copy, LocalSession local) {
        int maxInactive = local.maxInactiveSeconds();
        return maxInactive > 0 && node.ticker.nanos() - copy.lastUse() >= TimeUnit.SECONDS.toNanos(maxInactive);
    }

    /** Under the slot. True if the session has ended. */
    boolean expire(NearCopy copy) {
        if (!copy.stopIfIdle()) {
            return false;
        }
        LocalSession local = copy.local();
        if (copy.base().equals(Base.NONE)) {
            expired(copy, local); // no request ever saved it, so nobody can bring it back
            return true;
        }
        SessionStore.Outcome outcome;
        try {
            outcome = endInStore(copy, copy.epoch(), new WaitBudget(node.timeout));
        } catch (StoreUnavailableException e) {
            copy.resume();
            throw e;
        }
        switch (outcome) {
            case OK -> {
                expired(copy, local);
                return true;
            }
            case GONE -> {
                copies.drop(copy);
                return true;
            }
            case MISMATCH, OTHER_GENERATION -> {
                // In use elsewhere; or our clock is ahead, then the next round finds it idle.
                if (copy.trust().isStale() || node.roaming) {
                    copies.drop(copy);
                } else {
                    copy.resume();
                }
                return false;
            }
        }
        throw new IllegalStateException("Unknown outcome " + outcome);
    }

    private void expired(NearCopy copy, @Nullable LocalSession local) {
        copy.end();
        copies.forget(copy);
        counters.expired.increment();
        if (local != null) {
            local.expired();
        }
    }
}
