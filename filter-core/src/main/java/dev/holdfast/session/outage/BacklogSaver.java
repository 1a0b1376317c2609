package dev.holdfast.session.outage;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.commit.ChangeFinder;
import dev.holdfast.session.commit.Commit;
import dev.holdfast.session.commit.CommitServices;
import dev.holdfast.session.commit.ConflictMerger;
import dev.holdfast.session.commit.Initiator;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestQueue;
import dev.holdfast.session.copy.RequestUse;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Saves what sessions owe the store. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> What is owed is saved with the base check as any change: by the next request of the
 * session, or by rounds in the background, in the order in which they began to owe, some hundred sessions with one
 * round trip (see {@link BacklogBatch}), so that a store that has just come back has one round trip of each node at a
 * time to do. What another node has changed in between, in what was used here, stands; the rest is merged. Where that
 * is in use by a request inside only, a round leaves the debt to the next one; a request, and a node that stops, cannot
 * wait for it. A round <em>encodes</em> live objects on a thread that is no request's. That makes no object and loads
 * no class by a stored name, and a request may change the objects meanwhile, as a neighbour may while a request
 * commits: what could not be encoded is tried again. The application's own {@code writeObject} runs there, so the
 * thread is one of this application, with its class loader; see {@code SessionCoordinator.saveOwed}. Proved by
 * {@code BacklogSaverTest} and {@code WriteBacklogTest}.
 */
public final class BacklogSaver {
    /** So long one round lasts: then what the store has lost meanwhile is settled first. */
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(500);

    /** So many sessions are saved with one round trip: requests wait for the locks that it holds. */
    private static final int MOST = 200;

    /** So long a stop may last. */
    private static final long STOP = TimeUnit.SECONDS.toNanos(10);

    private final ProtocolContext context;
    private final WriteBacklog backlog;
    private final CommitServices commits;
    private final CopyRescue salvage;
    private final ConflictMerger merging;
    private final ConflictMerger mergingInRounds;
    private final Semaphore round = new Semaphore(1);
    /**
     * How many sessions go together: fewer where a round trip with more was not answered. Guarded by {@link #round}; a
     * stop that could not have it goes on without, and at worst takes another number.
     */
    private int most = MOST;

    /** Since when the last copy has owed that the last round tried. Guarded by {@link #round}. */
    private volatile long lastTried = Long.MIN_VALUE;

    public BacklogSaver(
            ProtocolContext context,
            WriteBacklog backlog,
            CommitServices commits,
            ConflictMerger merging,
            CopyRescue salvage) {
        this.context = context;
        this.backlog = backlog;
        this.commits = commits;
        this.salvage = salvage;
        this.merging = merging;
        this.mergingInRounds = merging.inRounds();
    }

    // ---- one session

    /** How the saving of one copy ended. */
    public enum Saved {
        YES,
        /** Another node went on from there, or the session ended. */
        GIVEN_UP,
        /**
         * A value is being changed just now, other nodes are faster, or a request is inside that a round can wait for.
         */
        LATER
    }

    /**
     * Saves what a copy owes, for a request that goes on behind it. Under its lock.
     *
     * @throws StoreUnavailableException if the store does not answer; it is owed as before
     */
    public Saved save(NearCopy copy, ContainerSession local, WaitBudget budget) {
        copy.window().open();
        try {
            Commit commit = begun(copy, local, budget, merging);
            return commit == null ? Saved.YES : OutagePolicy.afterSaving(commit, commit.run());
        } catch (UnencodableAttributeException e) {
            return notNow(copy);
        } finally {
            copy.window().close();
        }
    }

    /** What could not be saved, though the store has answered: with the copy it is given up, too. */
    static Saved notNow(NearCopy copy) {
        return copy.isServing() ? Saved.LATER : Saved.GIVEN_UP;
    }

    /** Null if there is nothing to write. */
    private @Nullable Commit begun(NearCopy copy, ContainerSession local, WaitBudget budget, ConflictMerger merging)
            throws UnencodableAttributeException {
        RequestUse nobody = new RequestUse(copy, copy.admission().lastUse());
        nobody.admit(copy.trust().epoch(), copy.trust().epoch());
        ChangeSet changes = commits.unsaved().of(Initiator.BACKGROUND, nobody, local, budget);
        if (!ChangeFinder.needsCommit(copy, local, changes)) {
            copy.clean(changes);
            return null;
        }
        return new Commit(commits, merging, Initiator.BACKGROUND, budget, nobody, local, changes);
    }

    // ---- all of them

    /**
     * Saves what is owed, the oldest debt first, until the round is over or the store is away. Does nothing while
     * another round runs.
     *
     * @return whether there is more to save that is worth another round now
     */
    public boolean saveAll(RequestQueue turns) {
        if (!backlog.hasWork() || context.store().isAway() || !round.tryAcquire()) {
            return false;
        }
        try {
            long end = context.ticker().nanos() + ROUND;
            return saveAll(turns, () -> !backlog.isStopped() && context.ticker().nanos() - end <= 0)
                    && !backlog.isStopped();
        } finally {
            round.release();
            backlog.tellIfPaid();
        }
    }

    /**
     * @param goOn asked behind each batch
     * @return whether there is more to save, and some of it was saved
     */
    private boolean saveAll(RequestQueue turns, BooleanSupplier goOn) {
        List<WriteBacklog.PendingCopy> pendingCopies = backlog.pendingCopies(lastTried);
        int before = backlog.owing();
        int from = 0;
        while (from < pendingCopies.size()) {
            BacklogBatch batch = new BacklogBatch(context, salvage, turns);
            int first = from;
            while (from < pendingCopies.size() && from - first < most && batch.hasRoom()) {
                lastTried = pendingCopies.get(from).since();
                enter(batch, pendingCopies.get(from).copy());
                from++;
            }
            batch.save(this::ended);
            most = batch.hasFailed() ? Math.max(1, (from - first) / 2) : Math.min(MOST, 2 * most);
            // What is owed to another part of the store must not wait for this one.
            if (context.store().isAway() || (from < pendingCopies.size() && !goOn.getAsBoolean())) {
                return backlog.owing() < before; // the next round begins behind this one
            }
        }
        lastTried = Long.MIN_VALUE;
        return false;
    }

    private void enter(BacklogBatch batch, NearCopy copy) {
        ContainerSession local = copy.local();
        if (local != null) {
            // A node that stops has no later round.
            ConflictMerger merges = backlog.isStopped() ? merging : mergingInRounds;
            batch.add(
                    copy,
                    budget -> WriteBacklog.isPending(copy) ? begun(copy, local, budget, merges) : null,
                    this::ended);
        }
    }

    /** @param failure null if it is saved, or given up, or to be saved later for reasons of its own */
    private void ended(NearCopy copy, Saved saved, @Nullable StoreUnavailableException failure) {
        ContainerSession local = copy.local();
        if (failure != null
                && (failure.reason() == StoreUnavailableException.Reason.NONE
                        || failure.reason() == StoreUnavailableException.Reason.FOREIGN)) {
            backlog.notSaved(copy, String.valueOf(failure.getMessage()));
        } else if (failure == null && saved == Saved.LATER && local != null) {
            later(copy, local);
        }
        backlog.forgetIfSaved(copy);
    }

    private void later(NearCopy copy, ContainerSession local) {
        long maxInactive = local.maxInactiveSeconds();
        if (maxInactive > 0
                && context.ticker().nanos() - copy.admission().lastUse() > TimeUnit.SECONDS.toNanos(maxInactive)) {
            context.copies().drop(copy); // nobody will repair it any more
        } else {
            backlog.notSaved(
                    copy,
                    "A value of it cannot be encoded just now, a request inside has used what another node changed, or"
                            + " other nodes change it all the time.");
        }
    }

    /**
     * The node stops: what is owed is saved now, or lost, and no request is acknowledged at risk any more. Waits for
     * the round under way; one that hangs in the application's code is left to itself.
     */
    public void stop(RequestQueue turns) {
        backlog.stop();
        boolean alone =
                context.ticker().acquire(round, context.options().timeout().toNanos());
        try {
            long end = context.ticker().nanos() + STOP;
            int before = Integer.MAX_VALUE;
            while (backlog.left() > 0
                    && backlog.left() < before
                    && context.ticker().nanos() - end <= 0) {
                before = backlog.left();
                saveAll(turns, () -> context.ticker().nanos() - end <= 0);
            }
        } finally {
            if (alone) {
                round.release();
            }
        }
        backlog.tellOfRest();
    }
}
