package dev.holdfast.session;

import java.util.Set;
import java.util.TreeSet;

/**
 * One request's commit of one session, under the copy's slot, until it is in the store or the request is refused (rules 4 to 7).
 *
 * <p><b>Implementation note.</b> A commit is sent on the base that the copy was last equal to, so nobody overwrites what it has not seen.
 * Where the store has another state, that is merged under the copy first, and the next attempt is a commit of its own with a new stamp;
 * only a re-sent one, whose first attempt the store may have lost, keeps it. Whatever is refused takes the copy with it: a neighbour's
 * commit would else make it durable.
 */
final class Commit {
    /** Other nodes write faster than this one can follow: it gives up, and the client tries again. */
    private static final int MERGES = 5;

    private final Node node;
    private final Merging merging;
    private final RequestScope scope;
    private final RequestSession request;
    private final NearCopy copy;
    private final LocalSession local;
    private final boolean create;
    private Base base;
    private String stamp = RandomToken.next();
    private Changes changes;
    private int maxInactive;
    private int merges;

    Commit(
            Node node,
            Merging merging,
            RequestScope scope,
            RequestSession request,
            LocalSession local,
            Changes changes) {
        this.node = node;
        this.merging = merging;
        this.scope = scope;
        this.request = request;
        this.copy = request.copy();
        this.local = local;
        this.changes = changes;
        this.base = copy.base();
        this.create = base.equals(Base.NONE);
    }

    /**
     * Rule 7: the store has an older state of this copy's history. It gets all that the copy holds, before anything is built on what it has.
     *
     * @throws SessionRefusedException if it does not take it; the copy is dropped
     */
    static void resend(
            Node node,
            Merging merging,
            RequestScope scope,
            RequestSession request,
            LocalSession local,
            SessionSnapshot stored) {
        Commit commit = new Commit(node, merging, scope, request, local, Changes.none());
        try {
            commit.takeWhole(stored);
            commit.run();
        } finally {
            request.copy().window().close();
        }
    }

    /**
     * Runs it.
     *
     * @return false if the request still has to move the epoch: after a merge nothing was left to write
     * @throws SessionRefusedException if the change cannot be kept; the copy is dropped
     */
    boolean run() {
        boolean otherGeneration = false;
        while (true) {
            copy.window().writes(changes);
            EndedLog.Sent sent = node.ended.sending(copy.storedId().shard());
            Epoch fresh = Epoch.fresh(node.holder);
            SessionStore.CommitReply reply = send(sent, fresh);
            switch (reply.outcome()) {
                case OK -> {
                    saved(sent, fresh, reply);
                    return true;
                }
                case OTHER_GENERATION -> {
                    node.ended.otherGeneration(
                            copy.storedId().shard(), reply.tail().generation());
                    if (otherGeneration) {
                        node.copies.drop(copy);
                        throw node.refuse(scope, copy, Node.unsettled(copy));
                    }
                    otherGeneration = true;
                }
                case GONE -> {
                    node.copies.endedElsewhere(copy);
                    throw refuse("Session " + copy.id()
                            + " was ended elsewhere while this request was changing it; the change ("
                            + names(changes) + ") is not kept.");
                }
                case MISMATCH -> {
                    node.counters.mismatches.increment();
                    if (!follow(reply)) {
                        return false;
                    }
                }
            }
        }
    }

    private SessionStore.CommitReply send(EndedLog.Sent sent, Epoch fresh) {
        boolean mustMove = copy.mustMove(sent.era());
        copy.trust().sending(sent);
        maxInactive = local.maxInactiveSeconds();
        try {
            return create ? createInStore(sent) : commitInStore(sent, mustMove, fresh);
        } catch (StoreUnavailableException e) {
            if (!node.rules.keepsRefusedWork()) {
                node.copies.drop(copy);
            }
            throw node.refuse(scope, copy, e);
        }
    }

    private SessionStore.CommitReply createInStore(EndedLog.Sent sent) {
        Epoch born = copy.epoch();
        if (born == null) {
            throw new IllegalStateException("A session without epoch");
        }
        if (!copy.id().equals(copy.storedId())) {
            copy.renamed(copy.id());
        }
        node.counters.creates.increment();
        return node.store.create(
                new SessionStore.Create(
                        copy.storedId(),
                        sent.generation(),
                        stamp,
                        born,
                        copy.internalId(),
                        local.createdMillis(),
                        maxInactive,
                        node.age(request.began()),
                        changes.writes()),
                scope.budget());
    }

    private SessionStore.CommitReply commitInStore(EndedLog.Sent sent, boolean mustMove, Epoch fresh) {
        node.counters.commits.increment();
        return node.store.commit(
                new SessionStore.Commit(
                        copy.storedId(),
                        sent.generation(),
                        base,
                        stamp,
                        mustMove ? null : node.rules.committedUnder(request.admitted(), copy.epoch()),
                        fresh,
                        maxInactive,
                        node.age(request.began()),
                        changes.writes(),
                        changes.removes(),
                        copy.id().equals(copy.storedId()) ? null : copy.id()),
                scope.budget());
    }

    private void saved(EndedLog.Sent sent, Epoch fresh, SessionStore.CommitReply reply) {
        Epoch epoch = reply.epoch();
        Epoch before = copy.epoch();
        if (epoch == null || before == null) {
            throw new IllegalStateException("The store wrote a session without an epoch");
        }
        SessionId old = copy.storedId();
        long era = node.ended.heard(old.shard(), sent, reply.tail());
        if (!copy.id().equals(old)) {
            copy.renamed(copy.id());
            node.copies.idSaved(old, copy);
        }
        copy.saved(base.next(stamp), maxInactive, changes);
        copy.trust()
                .acknowledged(
                        epoch,
                        node.rules.isConfirmedAfterCommit(
                                epoch.equals(before), copy.trust().isConfirmed()),
                        era,
                        LogEntry.sequenceOf(reply.tail().newestEntry()),
                        request.began());
        if (create) {
            return;
        }
        if (epoch.equals(fresh)) {
            node.counters.takeovers.increment();
            request.admit(fresh, fresh);
            request.movedAt(node.ticker.nanos());
        } else if (!epoch.equals(node.rules.committedUnder(request.admitted(), before))) {
            // The commit had been applied by its first attempt, and the epoch has moved on since: the answer carries a
            // dead mark.
            boolean nobodys = node.options.roaming() && !epoch.hasHolder();
            request.admit(nobodys ? epoch : null, nobodys ? epoch : fresh);
        }
    }

    /**
     * After a mismatch: makes what is stored the base of the next attempt.
     *
     * @return false if nothing is left to write
     */
    private boolean follow(SessionStore.CommitReply reply) {
        SessionSnapshot stored = reply.snapshot();
        if (stored == null || ++merges > MERGES) {
            throw refuseChanged(reply);
        }
        if (copy.isAheadOf(stored.base())) {
            takeWhole(stored);
            if (!reply.repeated()) {
                stamp = RandomToken.next();
            }
            return true;
        }
        if (!node.rules.mayMerge(reply.repeated())) {
            throw refuseChanged(reply);
        }
        String conflict = merging.merge(copy, local, request, stored, reply.epoch());
        if (conflict != null) {
            throw scope.refuse(Merging.CONFLICT, conflict, null);
        }
        base = copy.base();
        stamp = RandomToken.next();
        copy.window().open();
        changes = node.unsaved.of(scope, request, local);
        if (Unsaved.needsCommit(copy, local, changes)) {
            return true;
        }
        copy.values().clean(changes); // the other node wrote the same
        return false;
    }

    private void takeWhole(SessionSnapshot stored) {
        node.counters.resends.increment();
        node.log.warn(
                "HF-206",
                () -> "Session " + copy.id()
                        + " is older in Redis than on this node: Redis lost data. It is sent again.",
                null);
        base = stored.base();
        copy.window().open();
        changes = node.unsaved.whole(scope, copy, local, stored);
    }

    private SessionRefusedException refuseChanged(SessionStore.CommitReply reply) {
        return refuse(
                "Session " + copy.id() + " was changed by another node while this request was changing it; the change ("
                        + names(changes) + ") is not kept. The client may try again."
                        + (reply.repeated() ? " An earlier attempt went unanswered, it may have been applied." : ""));
    }

    private SessionRefusedException refuse(String message) {
        node.copies.drop(copy);
        return scope.refuse(message, null);
    }

    private static String names(Changes changes) {
        Set<String> names = new TreeSet<>();
        changes.writes().keySet().forEach(field -> names.add(Fields.shown(field)));
        changes.removes().forEach(field -> names.add(Fields.shown(field)));
        return names.isEmpty() ? "id or timeout" : String.join(", ", names);
    }
}
