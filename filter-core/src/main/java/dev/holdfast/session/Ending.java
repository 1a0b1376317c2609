package dev.holdfast.session;

/** How a session ends because a request says so: in the store first, then here (rule 8). */
final class Ending {
    private final Node node;
    private final SessionStore store;
    private final NearCopies copies;
    private final EndedLog ended;
    private final SessionCounters counters;
    private final EndsInDoubt inDoubt = new EndsInDoubt();

    Ending(Node node) {
        this.node = node;
        this.store = node.store;
        this.copies = node.copies;
        this.ended = node.ended;
        this.counters = node.counters;
    }

    EndsInDoubt inDoubt() {
        return inDoubt;
    }

    /**
     * Ends a session for good, in the store first: when this returns, no node brings it back. Does nothing if it has ended here already.
     *
     * @return false if another request or node has ended it before, and tells the listeners
     * @throws SessionRefusedException if the store cannot be told, or does not answer; the session then lives on, or its listeners are told
     *     when the log has shown its end
     */
    boolean end(NearCopy copy) {
        if (copy.isEnded()) {
            return false;
        }
        RequestScope scope = node.currentScope();
        String stamp = RandomToken.next();
        WaitBudget budget = scope != null ? scope.budget() : new WaitBudget(node.options.timeout());
        try {
            if (!node.acquire(copy.slot, budget)) {
                throw node.busy(copy.id(), budget);
            }
            try {
                if (copy.isEnded()) {
                    return false;
                }
                if (!copy.base().equals(Base.NONE)) {
                    if (endInStore(copy, stamp, budget) == SessionStore.Outcome.GONE) {
                        copies.endedElsewhere(copy);
                        return false;
                    }
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
                copies.endedElsewhere(other);
            }
            return true;
        } catch (StoreUnavailableException e) {
            LocalSession local = copy.local();
            if (e.maybeApplied()) {
                copies.drop(copy); // whether there is a session is to be asked (rule 6)
                if (local != null) {
                    inDoubt.add(stamp, copy.storedId().shard(), local, node.ticker.nanos());
                }
            }
            throw Node.refuse(scope, "Session " + copy.id() + " cannot be ended: ", e);
        }
    }

    private SessionStore.Outcome endInStore(NearCopy copy, String stamp, WaitBudget budget) {
        int shard = copy.storedId().shard();
        for (int attempt = 0; ; attempt++) {
            EndedLog.Sent sent = ended.sending(shard);
            copy.trust().sending(sent);
            SessionStore.EndReply reply = store.end(
                    new SessionStore.End(copy.storedId(), sent.generation(), stamp, copy.savedMaxInactive()), budget);
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
}
