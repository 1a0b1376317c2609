package dev.holdfast.session;

/**
 * Moves the epoch of a session for a request that has nothing to write, so that its browser does not keep one that is no longer the copy's
 * (rule 4). One round trip; version and stamp stay.
 */
final class Renewal {
    private final Node node;
    private final Merging merging;

    Renewal(Node node, Merging merging) {
        this.node = node;
        this.merging = merging;
    }

    /**
     * Moves it. Nothing of the request is unsaved, so it answers normally also if the session is gone or has changed.
     *
     * @throws StoreUnavailableException if the store does not answer
     */
    void move(RequestScope scope, RequestSession request, LocalSession local) {
        NearCopy copy = request.copy();
        int shard = copy.storedId().shard();
        for (int attempt = 0; ; attempt++) {
            node.requireSettled(shard);
            EndedLog.Sent sent = node.ended.sending(shard);
            copy.trust().sending(sent);
            Epoch fresh = Epoch.fresh(node.owner);
            node.counters.renewals.increment();
            SessionStore.LoadReply reply = node.store.load(
                    new SessionStore.Load(
                            copy.storedId(), sent.generation(), null, fresh, copy.base(), node.age(request.began())),
                    scope.budget());
            switch (reply.outcome()) {
                case OTHER_GENERATION -> {
                    node.ended.otherGeneration(shard, reply.tail().generation());
                    if (attempt > 0) {
                        throw Node.unsettled(copy);
                    }
                }
                case GONE -> {
                    node.copies.endedElsewhere(copy);
                    return;
                }
                case RENAMED, MISMATCH -> {
                    node.copies.drop(copy);
                    return;
                }
                case OK -> {
                    moved(scope, request, local, sent, fresh, reply);
                    return;
                }
            }
        }
    }

    private void moved(
            RequestScope scope,
            RequestSession request,
            LocalSession local,
            EndedLog.Sent sent,
            Epoch fresh,
            SessionStore.LoadReply reply) {
        NearCopy copy = request.copy();
        Epoch epoch = reply.epoch();
        if (epoch == null) {
            throw new IllegalStateException("The store moved no epoch");
        }
        if (epoch.equals(fresh) || !epoch.hasHolder()) {
            request.admit(epoch, epoch);
        } else {
            // Redis takes no writes and could only read: another's mark is not ours to send.
            request.admit(null, fresh);
        }
        request.movedAt(node.ticker.nanos());
        if (!copy.isServing()) {
            return;
        }
        SessionSnapshot stored = reply.snapshot();
        boolean behind = stored != null && copy.isAheadOf(stored.base());
        if (stored != null && !behind) {
            String conflict = merging.merge(copy, local, request, stored, reply.before());
            if (conflict != null) {
                merging.tell(conflict);
                return;
            }
        }
        long era = node.ended.heard(copy.storedId().shard(), sent, reply.tail());
        copy.trust()
                .acknowledged(
                        epoch,
                        false,
                        era,
                        LogEntry.sequenceOf(reply.tail().newestEntry()),
                        Node.useTold(reply, request));
        if (stored != null && behind) {
            Commit.resend(node, merging, scope, request, local, stored);
        }
    }
}
