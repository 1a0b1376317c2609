package dev.holdfast.session;

import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

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

    /** How a commit that was not refused ended. */
    enum Ended {
        SAVED,
        /** After a merge nothing was left to write: the request still has to move the epoch. */
        NOTHING_LEFT,
        /** Acknowledged all the same: the store is away, and what is unsaved is owed to it. */
        AT_RISK
    }

    private final Node node;
    private final Merging merging;
    private final RequestScope scope;
    private final RequestSession request;
    private final NearCopy copy;
    private final LocalSession local;
    private final ShardCall call;
    private boolean create;
    private Base base;
    private String stamp;
    /** Whether an earlier attempt to create the session went unanswered. */
    private boolean again;
    /** Whether the store has an older state, and nothing but this tells it so. */
    private boolean whole;

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
        this.call = new ShardCall(node, copy);
        this.local = local;
        this.changes = changes;
        this.base = copy.base();
        this.create = base.equals(Base.NONE);
        String unanswered = create ? copy.owed().createStamp() : null;
        this.again = unanswered != null;
        this.stamp = unanswered != null ? unanswered : RandomToken.next();
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
     * @throws SessionRefusedException if the change cannot be kept; the copy is dropped
     * @throws StoreUnavailableException if the store does not answer, and no request waits for this
     */
    Ended run() {
        while (true) {
            Attempt attempt;
            SessionStore.CommitReply reply;
            try {
                attempt = attempt();
                reply = send(attempt.command());
            } catch (StoreUnavailableException e) {
                failed(e);
                return Ended.AT_RISK;
            }
            Ended ended = heard(attempt, reply);
            if (ended != null) {
                return ended;
            }
        }
    }

    /**
     * What is sent, once.
     *
     * @param fresh epoch that the session gets if it has to move
     */
    record Attempt(Epoch fresh, SessionStore.Write command) {
        /** Whether it changes nothing but one session under the id that it has. */
        boolean isSimple() {
            return !(command instanceof SessionStore.Commit commit) || commit.newId() == null;
        }
    }

    /**
     * The next attempt, to be sent now. {@link #run} sends them one after the other; who sends the first one himself, with those of other
     * sessions, goes on with {@link #heard} or {@link #failed}, and then with {@link #run} if that has not ended it.
     *
     * @throws StoreUnavailableException if the store has lost the shard's data and it is not settled
     */
    Attempt attempt() {
        copy.window().writes(changes);
        EndedLog.Sent sent = call.sending();
        Epoch fresh = Epoch.fresh(node.owner);
        maxInactive = local.maxInactiveSeconds();
        return new Attempt(fresh, create ? creation(sent) : commit(sent, copy.mustMove(sent.era()), fresh));
    }

    /**
     * Takes the reply to an attempt.
     *
     * @return how the commit has ended; null if another attempt is to be made
     * @throws SessionRefusedException as {@link #run}
     * @throws StoreUnavailableException as {@link #run}
     */
    @Nullable
    Ended heard(Attempt attempt, SessionStore.CommitReply reply) {
        if (isOfOtherGeneration(reply)) {
            return null;
        }
        switch (reply.outcome()) {
            case OK -> {
                saved(attempt.fresh(), reply);
                if (!again) {
                    return Ended.SAVED;
                }
                writeAll();
            }
            case GONE -> {
                node.copies.endedElsewhere(copy);
                throw refuse("Session " + copy.id()
                        + " was ended elsewhere while this request was changing it; the change ("
                        + names(changes) + ") is not kept.");
            }
            case RENAMED ->
                throw refuse("Session " + copy.id()
                        + " was given another id elsewhere while this request was changing it; the change ("
                        + names(changes) + ") is not kept. The client may try again.");
            default -> { // another state
                node.counters.mismatches.increment();
                if (!follow(reply)) {
                    return Ended.NOTHING_LEFT;
                }
            }
        }
        return null;
    }

    private boolean isOfOtherGeneration(SessionStore.CommitReply reply) {
        try {
            return call.isOfOtherGeneration(reply.outcome(), reply.tail());
        } catch (StoreUnavailableException unsettled) {
            if (scope.isNobodys()) {
                throw unsettled;
            }
            if (!node.atRisk.keep(request, unsettled)) {
                node.salvage.dropUnderSlot(copy, unsettled);
            }
            throw node.refuse(scope, copy, unsettled);
        }
    }

    private SessionStore.CommitReply send(SessionStore.Write command) {
        if (command instanceof SessionStore.Create creation) {
            return node.store.create(creation, scope.budget());
        }
        SessionStore.Commit commit = (SessionStore.Commit) command;
        return commit.newId() == null ? node.store.commit(commit, scope.budget()) : changeId(commit);
    }

    /**
     * An attempt has failed. Returns if the request is acknowledged all the same.
     *
     * @throws SessionRefusedException as {@link #run}
     * @throws StoreUnavailableException as {@link #run}
     */
    void failed(StoreUnavailableException e) {
        boolean acknowledged = !scope.isNobodys() && node.atRisk.acknowledge(request, changes, e);
        boolean stays = acknowledged || scope.isNobodys() || node.atRisk.keep(request, e);
        if (stays) {
            copy.owed().toSave(changes);
        }
        if (stays && (e.maybeApplied() || whole)) {
            copy.owed().unanswered(stamp, changes, create, maxInactive);
        }
        if (acknowledged) {
            return;
        }
        if (scope.isNobodys()) {
            throw e;
        }
        if (!stays && !node.rules.keepsRefusedWork()) {
            node.salvage.dropUnderSlot(copy, e);
        }
        throw node.refuse(scope, copy, e);
    }

    private SessionStore.Create creation(EndedLog.Sent sent) {
        Epoch born = copy.epoch();
        if (born == null) {
            throw new IllegalStateException("A session without epoch");
        }
        // An attempt that went unanswered may have created it: under the same id again, and a change of it goes with
        // the next commit.
        if (!again && !copy.id().equals(copy.storedId())) {
            copy.renamed(copy.id());
        }
        node.counters.creates.increment();
        return new SessionStore.Create(
                copy.storedId(),
                sent.generation(),
                stamp,
                born,
                copy.internalId(),
                local.createdMillis(),
                maxInactive,
                // A request that makes a session uses it now: it may have begun longer ago than the session may be
                // idle.
                scope.isNobodys() ? node.age(request.began()) : 0,
                changes.writes());
    }

    private SessionStore.Commit commit(EndedLog.Sent sent, boolean mustMove, Epoch fresh) {
        node.counters.commits.increment();
        return new SessionStore.Commit(
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
                copy.id().equals(copy.storedId()) ? null : copy.id());
    }

    private SessionStore.CommitReply changeId(SessionStore.Commit command) {
        // Before it is done: a store that loses it then is to be told. Where nobody knows whether it was, the session
        // may live on
        // under its old id, and is not to be buried later.
        node.tombstones.begun(command.id(), stamp, Tombstone.How.RENAMED, maxInactive);
        boolean done = false;
        try {
            SessionStore.CommitReply reply = node.store.commit(command, scope.budget());
            done = reply.outcome() == SessionStore.Outcome.OK;
            return reply;
        } finally {
            if (done) {
                node.tombstones.done(command.id(), stamp);
            } else {
                node.tombstones.forget(command.id(), stamp);
            }
        }
    }

    private void saved(Epoch fresh, SessionStore.CommitReply reply) {
        Epoch epoch = reply.epoch();
        Epoch before = copy.epoch();
        if (epoch == null || before == null) {
            throw new IllegalStateException("The store wrote a session without an epoch");
        }
        SessionId old = copy.storedId();
        long era = call.heard(reply.tail());
        if (!copy.id().equals(old)) {
            copy.renamed(copy.id());
            node.copies.idSaved(old, copy);
        }
        if (again) {
            Set<String> perhapsStored = copy.owed().created();
            perhapsStored.addAll(changes.writes().keySet());
            copy.created(base.next(stamp), maxInactive, perhapsStored);
        } else {
            copy.saved(base.next(stamp), maxInactive, changes);
        }
        call.acknowledged(
                epoch,
                node.rules.isConfirmedAfterCommit(
                        epoch.equals(before), copy.trust().isConfirmed()),
                era,
                reply.tail(),
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
        if (stored == null || isAnother(stored)) {
            throw refuseChanged(reply);
        }
        if (++merges > MERGES) {
            // What is owed can wait until the others are not so fast.
            throw scope.isNobodys()
                    ? scope.refuse("Session " + copy.id() + " is changed all the time.", null)
                    : refuseChanged(reply);
        }
        if (copy.isAheadOf(stored.base())) {
            takeWhole(stored);
            if (!reply.repeated()) {
                stamp = RandomToken.next();
            }
            return true;
        }
        if (!node.rules.mayMerge(reply.repeated()) && !takeOver()) {
            throw refuseChanged(reply);
        }
        String conflict = merging.merge(copy, local, request, stored, reply.epoch());
        if (conflict != null) {
            throw scope.refuse(Merging.CONFLICT, conflict, null);
        }
        create = false;
        again = false;
        base = copy.base();
        stamp = RandomToken.next();
        copy.window().open();
        changes = node.unsaved.of(scope, request, local);
        if (Unsaved.needsCommit(copy, local, changes)) {
            return true;
        }
        copy.clean(changes); // the other node wrote the same
        return false;
    }

    /** Two sessions of one id: the one that is stored is not the one that this copy created, or tries to. */
    private boolean isAnother(SessionSnapshot stored) {
        return create && !stored.internalId().equals(copy.internalId());
    }

    /**
     * A commit was sent twice, and the first attempt may have been applied and written over since. A blind write of a request must not be
     * repeated then (rule 6). What a copy owes may: it is in the way of every other change of the same, blind or not. So what this commit
     * was to save is taken over by the copy, and its stamp is known for this node's own.
     *
     * @return false if the copy owes nothing
     */
    private boolean takeOver() {
        if (!copy.owed().isOwing() || !(scope.isNobodys() || node.atRisk.keep(request, null))) {
            return false;
        }
        copy.owed().toSave(changes);
        copy.owed().unanswered(stamp, changes, create, maxInactive);
        return true;
    }

    /** The session was created by an attempt that is not known, and so with values that are not known: all of them are written again. */
    private void writeAll() {
        again = false;
        create = false;
        base = copy.base();
        stamp = RandomToken.next();
        copy.window().open();
        changes = node.unsaved.whole(scope, copy, local, copy.values().all().keySet());
    }

    private void takeWhole(SessionSnapshot stored) {
        node.counters.resends.increment();
        node.log.warn(
                "HF-206",
                () -> "Session " + copy.id()
                        + " is older in Redis than on this node: Redis lost data. It is sent again.",
                null);
        whole = true;
        base = stored.base();
        copy.window().open();
        changes = node.unsaved.whole(scope, copy, local, stored.values().keySet());
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
