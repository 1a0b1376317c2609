package dev.holdfast.session.commit;

import dev.holdfast.session.Base;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Fields;
import dev.holdfast.session.LocalSession;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.InvalidationLog;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One commit of one session, under the copy's slot, until it is in the store or cannot be brought there (rules 4 to 7).
 *
 * <p><b>Implementation note.</b> A commit is sent on the base that the copy was last equal to, so nobody overwrites
 * what it has not seen. Where the store has another state, that is merged under the copy first, and the next attempt is
 * a commit of its own with a new stamp; only a re-sent one, whose first attempt the store may have lost, keeps it. What
 * the store refuses takes the copy with it: a neighbour's commit would else make it durable. Where it does not answer,
 * this decides nothing: see {@code OutagePolicy}.
 */
public final class Commit {
    /** Other nodes write faster than this one can follow: it gives up, and the client tries again. */
    private static final int MERGES = 5;

    private final CommitServices services;
    private final ProtocolContext context;
    private final ConflictMerger merging;
    private final Initiator initiator;
    private final WaitBudget budget;
    private final RequestUse request;
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

    private ChangeSet changes;
    private int maxInactive;
    private int merges;

    public Commit(
            CommitServices services,
            ConflictMerger merging,
            Initiator initiator,
            WaitBudget budget,
            RequestUse request,
            LocalSession local,
            ChangeSet changes) {
        this.services = services;
        this.context = services.context();
        this.merging = merging;
        this.initiator = initiator;
        this.budget = budget;
        this.request = request;
        this.copy = request.copy();
        this.call = new ShardCall(context, copy);
        this.local = local;
        this.changes = changes;
        this.base = copy.stored().base();
        this.create = base.equals(Base.NONE);
        String unanswered = create ? copy.owed().createStamp() : null;
        this.again = unanswered != null;
        this.stamp = unanswered != null ? unanswered : RandomToken.next();
    }

    public NearCopy copy() {
        return copy;
    }

    public RequestUse request() {
        return request;
    }

    /** What it is to write, as far as that is known now: a merge changes it. */
    public ChangeSet changes() {
        return changes;
    }

    /**
     * Rule 7: the store has an older state of this copy's history. It gets all that the copy holds, before anything is
     * built on what it has.
     *
     * @return as {@link #run}
     */
    public CommitResult resend(SessionSnapshot stored) {
        try {
            takeWhole(stored);
        } catch (UnencodableAttributeException e) {
            return CommitResult.unencodable(e);
        }
        return run();
    }

    /** Runs it. */
    public CommitResult run() {
        while (true) {
            Attempt attempt;
            SessionStore.CommitReply reply;
            try {
                attempt = attempt();
                reply = send(attempt.command());
            } catch (StoreUnavailableException e) {
                return CommitResult.failed(CommitResult.End.UNANSWERED, e);
            }
            CommitResult result = heard(attempt, reply);
            if (result != null) {
                return result;
            }
        }
    }

    /**
     * What is sent, once.
     *
     * @param fresh epoch that the session gets if it has to move
     */
    public record Attempt(Epoch fresh, SessionStore.Write command) {
        /** Whether it changes nothing but one session under the id that it has. */
        public boolean isSimple() {
            return !(command instanceof SessionStore.Commit commit) || commit.newId() == null;
        }
    }

    /**
     * The next attempt, to be sent now. {@link #run} sends them one after the other; who sends the first one himself,
     * with those of other sessions, goes on with {@link #heard} if there is a reply, and then with {@link #run} if that
     * has not ended it.
     *
     * @throws StoreUnavailableException if the store has lost the shard's data and it is not settled
     */
    public Attempt attempt() {
        copy.window().writes(changes);
        InvalidationLog.Sent sent = call.sending();
        Epoch fresh = Epoch.fresh(context.owner());
        maxInactive = local.maxInactiveSeconds();
        return new Attempt(fresh, create ? creation(sent) : commit(sent, copy.mustMove(sent.era()), fresh));
    }

    /**
     * Takes the reply to an attempt.
     *
     * @return how the commit has ended; null if another attempt is to be made
     */
    @Nullable
    public CommitResult heard(Attempt attempt, SessionStore.CommitReply reply) {
        try {
            if (call.isOfOtherGeneration(reply.outcome(), reply.tail())) {
                return null;
            }
        } catch (StoreUnavailableException e) {
            return CommitResult.failed(CommitResult.End.UNSETTLED, e);
        }
        try {
            return take(attempt, reply);
        } catch (UnencodableAttributeException e) {
            return CommitResult.unencodable(e);
        }
    }

    private @Nullable CommitResult take(Attempt attempt, SessionStore.CommitReply reply)
            throws UnencodableAttributeException {
        switch (reply.outcome()) {
            case OK -> {
                saved(attempt.fresh(), reply);
                if (!again) {
                    return CommitResult.SAVED;
                }
                writeAll();
                return null;
            }
            case GONE -> {
                context.copies().endedElsewhere(copy);
                return refused(
                        CommitResult.End.GONE,
                        "Session " + copy.id()
                                + " was ended elsewhere while this request was changing it; the change ("
                                + names(changes) + ") is not kept.");
            }
            case RENAMED -> {
                return refused(
                        CommitResult.End.RENAMED,
                        "Session " + copy.id()
                                + " was given another id elsewhere while this request was changing it; the change ("
                                + names(changes) + ") is not kept. The client may try again.");
            }
            default -> { // another state
                context.counters().mismatches.increment();
                return follow(reply);
            }
        }
    }

    /**
     * What this was to save stays with the copy, though there was no usable answer: it is saved later, and where it may
     * have been applied its stamp is known for this node's own then.
     */
    public void staysUnsaved(StoreUnavailableException failure) {
        copy.owed().toSave(changes);
        if (failure.maybeApplied() || whole) {
            copy.owed().unanswered(stamp, changes, create, maxInactive);
        }
    }

    private SessionStore.CommitReply send(SessionStore.Write command) {
        if (command instanceof SessionStore.Create creation) {
            return context.store().create(creation, budget);
        }
        SessionStore.Commit commit = (SessionStore.Commit) command;
        return commit.newId() == null ? context.store().commit(commit, budget) : changeId(commit);
    }

    private SessionStore.Create creation(InvalidationLog.Sent sent) {
        Epoch born = copy.trust().epoch();
        if (born == null) {
            throw new IllegalStateException("A session without epoch");
        }
        // An attempt that went unanswered may have created it: under the same id again, and a change of it goes with
        // the next commit.
        if (!again && !copy.id().equals(copy.stored().id())) {
            copy.stored().renamed(copy.id());
        }
        context.counters().creates.increment();
        return new SessionStore.Create(
                copy.stored().id(),
                sent.generation(),
                stamp,
                born,
                copy.stored().internalId(),
                local.createdMillis(),
                maxInactive,
                // A request that makes a session uses it now: it may have begun longer ago than the session may be
                // idle.
                initiator == Initiator.BACKGROUND ? context.age(request.began()) : 0,
                changes.writes());
    }

    private SessionStore.Commit commit(InvalidationLog.Sent sent, boolean mustMove, Epoch fresh) {
        context.counters().commits.increment();
        return new SessionStore.Commit(
                copy.stored().id(),
                sent.generation(),
                base,
                stamp,
                mustMove
                        ? null
                        : context.rules()
                                .committedUnder(request.admitted(), copy.trust().epoch()),
                fresh,
                maxInactive,
                context.age(request.began()),
                changes.writes(),
                changes.removes(),
                copy.id().equals(copy.stored().id()) ? null : copy.id());
    }

    private SessionStore.CommitReply changeId(SessionStore.Commit command) {
        // Before it is done: a store that loses it then is to be told. Where nobody knows whether it was, the session
        // may live on under its old id, and is not to be buried later.
        context.tombstones().begun(command.id(), stamp, Tombstone.How.RENAMED, maxInactive);
        boolean done = false;
        try {
            SessionStore.CommitReply reply = context.store().commit(command, budget);
            done = reply.outcome() == SessionStore.Outcome.OK;
            return reply;
        } finally {
            if (done) {
                context.tombstones().done(command.id(), stamp);
            } else {
                context.tombstones().forget(command.id(), stamp);
            }
        }
    }

    private void saved(Epoch fresh, SessionStore.CommitReply reply) {
        Epoch epoch = reply.epoch();
        Epoch before = copy.trust().epoch();
        if (epoch == null || before == null) {
            throw new IllegalStateException("The store wrote a session without an epoch");
        }
        SessionId old = copy.stored().id();
        long era = call.heard(reply.tail());
        if (!copy.id().equals(old)) {
            copy.stored().renamed(copy.id());
            context.copies().idSaved(old, copy);
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
                context.rules()
                        .isConfirmedAfterCommit(
                                epoch.equals(before), copy.trust().isConfirmed()),
                era,
                reply.tail(),
                request.began());
        if (create) {
            return;
        }
        if (epoch.equals(fresh)) {
            context.counters().takeovers.increment();
            request.admit(fresh, fresh);
            request.movedAt(context.ticker().nanos());
        } else if (!epoch.equals(context.rules().committedUnder(request.admitted(), before))) {
            // The commit had been applied by its first attempt, and the epoch has moved on since: the answer carries a
            // dead mark.
            boolean nobodys = context.options().roaming() && !epoch.hasHolder();
            request.admit(nobodys ? epoch : null, nobodys ? epoch : fresh);
        }
    }

    /**
     * After a mismatch: makes what is stored the base of the next attempt.
     *
     * @return how the commit has ended; null if another attempt is to be made
     */
    private @Nullable CommitResult follow(SessionStore.CommitReply reply) throws UnencodableAttributeException {
        SessionSnapshot stored = reply.snapshot();
        if (stored == null || isAnother(stored)) {
            return changed(reply);
        }
        if (++merges > MERGES) {
            // What is owed can wait until the others are not so fast.
            return initiator == Initiator.BACKGROUND
                    ? CommitResult.refused(
                            CommitResult.End.CHANGED_TOO_OFTEN, "Session " + copy.id() + " is changed all the time.")
                    : changed(reply);
        }
        if (copy.stored().isAheadOf(stored.base())) {
            takeWhole(stored);
            if (!reply.repeated()) {
                stamp = RandomToken.next();
            }
            return null;
        }
        if (!context.rules().mayMerge(reply.repeated()) && !takeOver()) {
            return changed(reply);
        }
        String conflict = merging.merge(copy, local, request, stored, reply.epoch());
        if (conflict != null) {
            return CommitResult.refused(CommitResult.End.CONFLICT, conflict);
        }
        create = false;
        again = false;
        base = copy.stored().base();
        stamp = RandomToken.next();
        copy.window().open();
        changes = services.unsaved().of(initiator, request, local);
        if (ChangeFinder.needsCommit(copy, local, changes)) {
            return null;
        }
        copy.clean(changes); // the other node wrote the same
        return CommitResult.NOTHING_LEFT;
    }

    /** Two sessions of one id: the one that is stored is not the one that this copy created, or tries to. */
    private boolean isAnother(SessionSnapshot stored) {
        return create && !stored.internalId().equals(copy.stored().internalId());
    }

    /**
     * A commit was sent twice, and the first attempt may have been applied and written over since. A blind write of a
     * request must not be repeated then (rule 6). What a copy owes may: it is in the way of every other change of the
     * same, blind or not. So what this commit was to save is taken over by the copy, and its stamp is known for this
     * node's own.
     *
     * @return false if the copy owes nothing
     */
    private boolean takeOver() {
        if (!copy.owed().isOwing()
                || !(initiator == Initiator.BACKGROUND
                        || services.keepsUnsaved().test(request))) {
            return false;
        }
        copy.owed().toSave(changes);
        copy.owed().unanswered(stamp, changes, create, maxInactive);
        return true;
    }

    /**
     * The session was created by an attempt that is not known, and so with values that are not known: all of them are
     * written again.
     */
    private void writeAll() throws UnencodableAttributeException {
        again = false;
        create = false;
        base = copy.stored().base();
        stamp = RandomToken.next();
        copy.window().open();
        changes = ChangeSet.whole(copy.values(), local, copy.values().all().keySet(), context.codec());
    }

    private void takeWhole(SessionSnapshot stored) throws UnencodableAttributeException {
        context.counters().resends.increment();
        context.log()
                .warn(
                        "HF-206",
                        () -> "Session " + copy.id()
                                + " is older in Redis than on this node: Redis lost data. It is sent again.",
                        null);
        whole = true;
        base = stored.base();
        copy.window().open();
        changes = ChangeSet.whole(copy.values(), local, stored.values().keySet(), context.codec());
    }

    private CommitResult changed(SessionStore.CommitReply reply) {
        return refused(
                CommitResult.End.CHANGED,
                "Session " + copy.id() + " was changed by another node while this request was changing it; the change ("
                        + names(changes) + ") is not kept. The client may try again."
                        + (reply.repeated() ? " An earlier attempt went unanswered, it may have been applied." : ""));
    }

    private CommitResult refused(CommitResult.End end, String message) {
        context.copies().drop(copy);
        return CommitResult.refused(end, message);
    }

    private static String names(ChangeSet changes) {
        Set<String> names = new TreeSet<>();
        changes.writes().keySet().forEach(field -> names.add(Fields.shown(field)));
        changes.removes().forEach(field -> names.add(Fields.shown(field)));
        return names.isEmpty() ? "id or timeout" : String.join(", ", names);
    }
}
