package dev.holdfast.session;

import java.util.Set;
import java.util.TreeSet;

/**
 * What a request must have in the store before it answers (rules 4, 5 in its strict form, and 6 of the protocol).
 *
 * <p><b>Implementation note.</b> A commit is sent on the base that the copy was last equal to, and a state of the store that differs drops
 * the copy. So no request ever commits on a base that it has not seen: that would overwrite what another node acknowledged in between.
 */
final class Saving {
    private final Node node;
    private final SessionStore store;
    private final NearCopies copies;
    private final EndedLog ended;
    private final SessionCounters counters;
    private final Rules rules;

    Saving(Node node) {
        this.node = node;
        this.store = node.store;
        this.copies = node.copies;
        this.ended = node.ended;
        this.counters = node.counters;
        this.rules = node.rules;
    }

    /** @return whether anything was written */
    boolean save(RequestScope scope, RequestSession request, boolean renew) {
        NearCopy copy = request.copy();
        LocalSession local = copy.local();
        if (copy.isEnded() || local == null) {
            return false; // ended by a request of this node: nothing of it is to be kept
        }
        boolean written = false;
        if (copy.isServing()) {
            long settled = copy.settled();
            Base seen = copy.base();
            Changes changes = changes(scope, request, local);
            if (needsCommit(copy, local, changes) || (renew && mustRenew(request)) || !copy.settle(changes)) {
                written = saveUnderSlot(scope, request, local, seen, settled, changes, renew);
            } else {
                copy.clean(changes);
            }
        }
        if (!copy.isServing() && !copy.isEnded()) {
            saveOrphan(scope, request, local);
        }
        request.saved();
        return written;
    }

    private boolean saveUnderSlot(
            RequestScope scope,
            RequestSession request,
            LocalSession local,
            Base seen,
            long settled,
            Changes changes,
            boolean renew) {
        NearCopy copy = request.copy();
        if (!node.acquire(copy.slot, scope.budget())) {
            copies.drop(copy);
            throw node.refuse(scope, copy, node.busy(copy.id(), scope.budget()));
        }
        try {
            if (!copy.isServing()) {
                return false;
            }
            // A neighbour's commit in between may have carried some of this, and has moved the base; or a neighbour has
            // set a value back, and found nothing to write.
            boolean stands = copy.beginCommit() == settled && copy.base().equals(seen);
            Changes now = stands ? changes : changes(scope, request, local);
            copy.committing(now);
            if (needsCommit(copy, local, now)) {
                commit(scope, request, local, now);
                return true;
            }
            copy.clean(now);
            if (renew && mustRenew(request)) {
                moveEpoch(scope, request, copy);
            }
            return false;
        } catch (StoreUnavailableException e) {
            throw node.refuse(scope, copy, e);
        } finally {
            copy.endCommit();
            copy.slot.release();
        }
    }

    private boolean mustRenew(RequestSession request) {
        return rules.mustRenew(
                request.answer(), request.admitted(), request.copy().epoch());
    }

    private static boolean needsCommit(NearCopy copy, LocalSession local, Changes changes) {
        return copy.base().equals(Base.NONE)
                || !changes.isEmpty()
                || local.maxInactiveSeconds() != copy.savedMaxInactive()
                || !copy.id().equals(copy.storedId());
    }

    private Changes changes(RequestScope scope, RequestSession request, LocalSession local) {
        NearCopy copy = request.copy();
        try {
            return Changes.of(copy, local, request, node.codec, copy.base().equals(Base.NONE));
        } catch (UnencodableAttributeException e) {
            copies.drop(copy);
            throw scope.refuse("Session " + copy.id() + " cannot be saved: " + e.getMessage(), e);
        }
    }

    /** Under the slot. */
    private void commit(RequestScope scope, RequestSession request, LocalSession local, Changes changes) {
        NearCopy copy = request.copy();
        boolean create = copy.base().equals(Base.NONE);
        int shard = copy.storedId().shard();
        int maxInactive = local.maxInactiveSeconds();
        String stamp = RandomToken.next();
        for (int attempt = 0; ; attempt++) {
            EndedLog.Sent sent = ended.sending(shard);
            boolean mustMove = copy.mustMove(sent.era());
            copy.trust().sending(sent);
            Epoch fresh = Epoch.fresh(node.holder);
            SessionStore.CommitReply reply;
            try {
                reply = create
                        ? createInStore(scope, request, local, changes, stamp, sent)
                        : commitInStore(scope, request, changes, stamp, sent, mustMove, fresh, maxInactive);
            } catch (StoreUnavailableException e) {
                if (!rules.keepsRefusedWork()) {
                    copies.drop(copy);
                }
                throw node.refuse(scope, copy, e);
            }
            switch (reply.outcome()) {
                case OK -> {
                    saved(request, changes, stamp, sent, fresh, reply, maxInactive, create);
                    return;
                }
                case OTHER_GENERATION -> {
                    ended.otherGeneration(shard, reply.tail().generation());
                    if (attempt > 0) {
                        copies.drop(copy);
                        throw node.refuse(scope, copy, Node.unsettled(copy));
                    }
                }
                case GONE -> {
                    copies.drop(copy);
                    throw scope.refuse(
                            "Session " + copy.id()
                                    + " was ended elsewhere while this request was changing it; the change ("
                                    + names(changes) + ") is not kept.",
                            null);
                }
                case MISMATCH -> {
                    counters.mismatches.increment();
                    copies.drop(copy);
                    throw scope.refuse(
                            "Session " + copy.id() + " was changed by another node while this request was changing it; "
                                    + "the change (" + names(changes) + ") is not kept. The client may try again."
                                    + (reply.repeated()
                                            ? " An earlier attempt went unanswered, it may have been applied."
                                            : ""),
                            null);
                }
            }
        }
    }

    private SessionStore.CommitReply createInStore(
            RequestScope scope,
            RequestSession request,
            LocalSession local,
            Changes changes,
            String stamp,
            EndedLog.Sent sent) {
        NearCopy copy = request.copy();
        Epoch born = copy.epoch();
        if (born == null) {
            throw new IllegalStateException("A session without epoch");
        }
        if (!copy.id().equals(copy.storedId())) {
            copy.renamed(copy.id());
        }
        counters.creates.increment();
        return store.create(
                new SessionStore.Create(
                        copy.storedId(),
                        sent.generation(),
                        stamp,
                        born,
                        copy.internalId(),
                        local.createdMillis(),
                        local.maxInactiveSeconds(),
                        node.age(request.began()),
                        changes.writes()),
                scope.budget());
    }

    private SessionStore.CommitReply commitInStore(
            RequestScope scope,
            RequestSession request,
            Changes changes,
            String stamp,
            EndedLog.Sent sent,
            boolean mustMove,
            Epoch fresh,
            int maxInactive) {
        NearCopy copy = request.copy();
        counters.commits.increment();
        return store.commit(
                new SessionStore.Commit(
                        copy.storedId(),
                        sent.generation(),
                        copy.base(),
                        stamp,
                        mustMove ? null : rules.committedUnder(request.admitted(), copy.epoch()),
                        fresh,
                        maxInactive,
                        node.age(request.began()),
                        changes.writes(),
                        changes.removes(),
                        copy.id().equals(copy.storedId()) ? null : copy.id()),
                scope.budget());
    }

    private void saved(
            RequestSession request,
            Changes changes,
            String stamp,
            EndedLog.Sent sent,
            Epoch fresh,
            SessionStore.CommitReply reply,
            int maxInactive,
            boolean create) {
        NearCopy copy = request.copy();
        Epoch epoch = reply.epoch();
        Epoch before = copy.epoch();
        if (epoch == null || before == null) {
            throw new IllegalStateException("The store wrote a session without an epoch");
        }
        long era = ended.heard(copy.storedId().shard(), sent, reply.tail());
        SessionId old = copy.storedId();
        if (!copy.id().equals(old)) {
            copy.renamed(copy.id());
            copies.idSaved(old, copy);
        }
        copy.saved(copy.base().next(stamp), maxInactive, changes);
        boolean kept = epoch.equals(before);
        copy.trust()
                .acknowledged(
                        epoch,
                        rules.isConfirmedAfterCommit(kept, copy.trust().isConfirmed()),
                        era,
                        LogEntry.sequenceOf(reply.tail().newestEntry()),
                        request.began());
        if (create) {
            return;
        }
        if (epoch.equals(fresh)) {
            counters.takeovers.increment();
            request.admit(fresh, fresh);
            request.movedAt(node.ticker.nanos());
        } else if (!epoch.equals(request.admitted())) {
            // The commit had been applied by its first attempt, and the epoch has moved on since: the answer carries a
            // dead mark.
            boolean nobodys = node.roaming && !epoch.hasHolder();
            request.admit(nobodys ? epoch : null, nobodys ? epoch : fresh);
        }
    }

    private void moveEpoch(RequestScope scope, RequestSession request, NearCopy copy) {
        int shard = copy.storedId().shard();
        for (int attempt = 0; ; attempt++) {
            EndedLog.Sent sent = ended.sending(shard);
            copy.trust().sending(sent);
            Epoch fresh = Epoch.fresh(node.holder);
            counters.renewals.increment();
            SessionStore.LoadReply reply = store.load(
                    new SessionStore.Load(
                            copy.storedId(), sent.generation(), null, fresh, copy.base(), node.age(request.began())),
                    scope.budget());
            switch (reply.outcome()) {
                case OTHER_GENERATION -> {
                    ended.otherGeneration(shard, reply.tail().generation());
                    if (attempt > 0) {
                        throw Node.unsettled(copy);
                    }
                }
                case GONE, MISMATCH -> {
                    copies.drop(copy);
                    return; // nothing of this request is unsaved: it answers normally
                }
                case OK -> {
                    Epoch epoch = reply.epoch();
                    if (epoch == null) {
                        throw new IllegalStateException("The store moved no epoch");
                    }
                    if (epoch.equals(fresh) || !epoch.hasHolder()) {
                        request.admit(epoch, epoch);
                    } else {
                        // Redis is out of memory and could only read: another's mark is not ours to send.
                        request.admit(null, fresh);
                    }
                    request.movedAt(node.ticker.nanos());
                    if (reply.snapshot() != null) {
                        copies.drop(copy);
                    } else if (copy.isServing()) {
                        long era = ended.heard(shard, sent, reply.tail());
                        copy.trust()
                                .acknowledged(
                                        epoch,
                                        false,
                                        era,
                                        LogEntry.sequenceOf(reply.tail().newestEntry()),
                                        request.began());
                    }
                    return;
                }
            }
        }
    }

    /** The copy was dropped while this request was inside: it is refused unless all it did, and all it saw, is in the store. */
    private void saveOrphan(RequestScope scope, RequestSession request, LocalSession local) {
        NearCopy copy = request.copy();
        if (rules.isDoomed(needsCommit(copy, local, changes(scope, request, local)))) {
            throw scope.refuse(
                    "Session " + copy.id() + " was taken over or changed elsewhere while this request was changing it; "
                            + "the change is not kept. The client may try again.",
                    null);
        }
        if (request.answer() == null) {
            try {
                moveEpoch(scope, request, copy);
            } catch (StoreUnavailableException e) {
                throw node.refuse(scope, copy, e);
            }
        }
    }

    private static String names(Changes changes) {
        Set<String> names = new TreeSet<>();
        changes.writes().keySet().forEach(field -> names.add(Fields.shown(field)));
        changes.removes().forEach(field -> names.add(Fields.shown(field)));
        return names.isEmpty() ? "id or timeout" : String.join(", ", names);
    }
}
