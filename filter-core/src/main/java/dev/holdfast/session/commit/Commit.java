package dev.holdfast.session.commit;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import org.jspecify.annotations.Nullable;

/**
 * One commit of one session, under the copy's lock, until it is in the store or cannot be brought there (rules 4 to 7).
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
    private final ConflictMerger merging;
    private final Initiator initiator;
    private final WaitBudget budget;
    private final RequestUse request;
    private final ContainerSession local;
    private final ShardCall call;
    private final CommitAttempt attempt;
    private int merges;

    public Commit(
            CommitServices services,
            ConflictMerger merging,
            Initiator initiator,
            WaitBudget budget,
            RequestUse request,
            ContainerSession local,
            ChangeSet changes) {
        this.services = services;
        this.merging = merging;
        this.initiator = initiator;
        this.budget = budget;
        this.request = request;
        this.call = new ShardCall(services.context(), request.copy());
        this.local = local;
        this.attempt = new CommitAttempt(services.context(), request, local, changes);
    }

    public NearCopy copy() {
        return request.copy();
    }

    public RequestUse request() {
        return request;
    }

    /** What it is to write, as far as that is known now: a merge changes it. */
    public ChangeSet changes() {
        return attempt.changes();
    }

    /**
     * Rule 7: the store has an older state of this copy's history. It gets all that the copy holds, before anything is
     * built on what it has.
     *
     * @return as {@link #run}
     */
    public CommitResult resend(SessionSnapshot stored) {
        try {
            attempt.takeWhole(stored);
        } catch (UnencodableAttributeException e) {
            return CommitResult.unencodable(e);
        }
        return run();
    }

    private ProtocolContext context() {
        return services.context();
    }

    /** Runs it. */
    public CommitResult run() {
        while (true) {
            SessionStore.CommitReply reply;
            try {
                reply = send(attempt());
            } catch (StoreUnavailableException e) {
                return CommitResult.failed(CommitResult.End.UNANSWERED, e);
            }
            CommitResult result = heard(reply);
            if (result != null) {
                return result;
            }
        }
    }

    /**
     * The command of the next attempt, to be sent now. {@link #run} sends them one after the other; who sends the first
     * one himself, with those of other sessions, goes on with {@link #heard} if there is a reply, and then with
     * {@link #run} if that has not ended it.
     *
     * @throws StoreUnavailableException if the store has lost the shard's data and it is not settled
     */
    public SessionStore.Write attempt() {
        copy().window().writes(attempt.changes());
        return attempt.command(initiator, call.sending());
    }

    /**
     * Takes the reply to the last attempt.
     *
     * @return how the commit has ended; null if another attempt is to be made
     */
    @Nullable
    public CommitResult heard(SessionStore.CommitReply reply) {
        try {
            if (call.isOfOtherGeneration(reply.outcome(), reply.tail())) {
                return null;
            }
        } catch (StoreUnavailableException e) {
            return CommitResult.failed(CommitResult.End.UNSETTLED, e);
        }
        try {
            return take(reply);
        } catch (UnencodableAttributeException e) {
            return CommitResult.unencodable(e);
        }
    }

    private @Nullable CommitResult take(SessionStore.CommitReply reply) throws UnencodableAttributeException {
        switch (reply.outcome()) {
            case OK -> {
                if (saved(reply)) {
                    return CommitResult.SAVED;
                }
                attempt.writeAll();
                return null;
            }
            case GONE -> {
                context().copies().endedElsewhere(copy());
                return refused(
                        CommitResult.End.GONE,
                        "Session " + copy().id()
                                + " was ended elsewhere while this request was changing it; the change ("
                                + attempt.names() + ") is not kept.");
            }
            case RENAMED -> {
                return refused(
                        CommitResult.End.RENAMED,
                        "Session " + copy().id()
                                + " was given another id elsewhere while this request was changing it; the change ("
                                + attempt.names() + ") is not kept. The client may try again.");
            }
            default -> { // another state
                context().counters().mismatches.increment();
                return follow(reply);
            }
        }
    }

    /**
     * What this was to save stays with the copy, though there was no usable answer: it is saved later, and where it may
     * have been applied its stamp is known for this node's own then.
     */
    public void staysUnsaved(StoreUnavailableException failure) {
        attempt.staysUnsaved(failure);
    }

    private SessionStore.CommitReply send(SessionStore.Write command) {
        if (command instanceof SessionStore.Create creation) {
            return context().store().create(creation, budget);
        }
        SessionStore.Commit commit = (SessionStore.Commit) command;
        return commit.newId() == null ? context().store().commit(commit, budget) : changeId(commit);
    }

    private SessionStore.CommitReply changeId(SessionStore.Commit command) {
        // Before it is done: a store that loses it then is to be told. Where nobody knows whether it was, the session
        // may live on under its old id, and is not to be buried later.
        context()
                .tombstones()
                .begun(command.id(), command.stamp(), Tombstone.How.RENAMED, command.maxInactiveSeconds());
        boolean done = false;
        try {
            SessionStore.CommitReply reply = context().store().commit(command, budget);
            done = reply.outcome() == SessionStore.Outcome.OK;
            return reply;
        } finally {
            if (done) {
                context().tombstones().done(command.id(), command.stamp());
            } else {
                context().tombstones().forget(command.id(), command.stamp());
            }
        }
    }

    /** @return false if all is to be written again */
    private boolean saved(SessionStore.CommitReply reply) {
        Epoch epoch = reply.epoch();
        Epoch before = copy().trust().epoch();
        if (epoch == null || before == null) {
            throw new IllegalStateException("The store wrote a session without an epoch");
        }
        SessionId old = copy().stored().id();
        long era = call.heard(reply.tail());
        if (!copy().id().equals(old)) {
            copy().stored().renamed(copy().id());
            context().copies().idSaved(old, copy());
        }
        boolean wasCreation = attempt.isCreation();
        boolean all = attempt.saved();
        call.acknowledged(
                epoch,
                context()
                        .rules()
                        .isConfirmedAfterCommit(
                                epoch.equals(before), copy().trust().isConfirmed()),
                era,
                reply.tail(),
                request.began());
        if (!wasCreation) {
            admit(epoch, before);
        }
        return all;
    }

    /**
     * The request goes on under the epoch that its commit has left.
     *
     * @param before the copy's, until the reply came
     */
    private void admit(Epoch epoch, Epoch before) {
        if (attempt.hasMovedTo(epoch)) {
            context().counters().takeovers.increment();
            request.tookOver(epoch, context().ticker().nanos());
        } else if (!epoch.equals(context().rules().committedUnder(request.admitted(), before))) {
            // The commit had been applied by its first attempt, and the epoch has moved on since: the answer carries a
            // dead mark.
            boolean unheld = context().options().roaming() && !epoch.hasHolder();
            request.admit(unheld ? epoch : null, unheld ? epoch : attempt.fresh());
        }
    }

    /**
     * After a mismatch: makes what is stored the base of the next attempt.
     *
     * @return how the commit has ended; null if another attempt is to be made
     */
    private @Nullable CommitResult follow(SessionStore.CommitReply reply) throws UnencodableAttributeException {
        SessionSnapshot stored = reply.snapshot();
        if (stored == null || attempt.isAnother(stored)) {
            return changed(reply);
        }
        if (++merges > MERGES) {
            // What is owed can wait until the others are not so fast.
            return initiator == Initiator.BACKGROUND
                    ? CommitResult.refused(
                            CommitResult.End.CHANGED_TOO_OFTEN, "Session " + copy().id() + " is changed all the time.")
                    : changed(reply);
        }
        if (copy().stored().isAheadOf(stored.base())) {
            attempt.takeWhole(stored);
            if (!reply.repeated()) {
                attempt.drawStamp();
            }
            return null;
        }
        if (!context().rules().mayMerge(reply.repeated()) && !takeOver()) {
            return changed(reply);
        }
        String conflict = merging.merge(copy(), local, request, stored, reply.epoch());
        if (conflict != null) {
            return CommitResult.refused(CommitResult.End.CONFLICT, conflict);
        }
        attempt.merged();
        ChangeSet left = services.unsaved().of(initiator, request, local, budget);
        attempt.writes(left);
        if (ChangeFinder.needsCommit(copy(), local, left)) {
            return null;
        }
        copy().clean(left); // the other node wrote the same
        return CommitResult.NOTHING_LEFT;
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
        if (!copy().owed().isOwing()
                || !(initiator == Initiator.BACKGROUND
                        || services.keepsUnsaved().test(request))) {
            return false;
        }
        attempt.takeOver();
        return true;
    }

    private CommitResult changed(SessionStore.CommitReply reply) {
        return refused(
                CommitResult.End.CHANGED,
                "Session " + copy().id()
                        + " was changed by another node while this request was changing it; the change ("
                        + attempt.names() + ") is not kept. The client may try again."
                        + (reply.repeated() ? " An earlier attempt went unanswered, it may have been applied." : ""));
    }

    private CommitResult refused(CommitResult.End end, String message) {
        context().copies().drop(copy());
        return CommitResult.refused(end, message);
    }
}
