package dev.holdfast.session.request;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.copy.CopiesBound;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestQueue;
import dev.holdfast.session.expiry.ExpirySweeper;
import dev.holdfast.session.expiry.ReachedPrimaries;
import dev.holdfast.session.expiry.TouchBatcher;
import dev.holdfast.session.outage.BacklogSaver;
import dev.holdfast.session.outage.WriteBacklog;
import dev.holdfast.session.recovery.Membership;
import dev.holdfast.session.recovery.ShardRecovery;
import java.util.concurrent.TimeUnit;

/**
 * What is done for all sessions of the application together and no request waits for: at the start, once a second,
 * behind that as long as anything is owed, and at the stop. Each of its methods is as the one of that name in
 * {@link SessionCoordinator}, where it is said on which thread it is to be called.
 */
final class Maintenance {
    /** So long a start waits for others that settle the store with it. */
    private static final long START = TimeUnit.SECONDS.toNanos(2);

    private static final long START_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

    private final ProtocolContext context;
    private final Membership membership;
    private final RequestQueue turns;
    private final WriteBacklog backlog;
    private final BacklogSaver saver;
    private final ShardRecovery settling;
    private final TouchBatcher touches;
    private final ExpirySweeper expiring;
    private final ReachedPrimaries reached;
    private final CopiesBound bound;
    private final PendingLogouts inDoubt;
    private final InvalidationListener listener;

    Maintenance(
            ProtocolContext context,
            Membership membership,
            RequestQueue turns,
            WriteBacklog backlog,
            BacklogSaver saver,
            ShardRecovery settling,
            TouchBatcher touches,
            ExpirySweeper expiring,
            ReachedPrimaries reached,
            CopiesBound bound,
            PendingLogouts inDoubt,
            InvalidationListener listener) {
        this.context = context;
        this.membership = membership;
        this.turns = turns;
        this.backlog = backlog;
        this.saver = saver;
        this.settling = settling;
        this.touches = touches;
        this.expiring = expiring;
        this.reached = reached;
        this.bound = bound;
        this.inDoubt = inDoubt;
        this.listener = listener;
    }

    void start() {
        settling.lookAtAll();
        look();
        settle();
        long end = context.ticker().nanos() + START;
        while (settling.isWaitingForOthers() && context.ticker().nanos() - end < 0) {
            context.ticker().await(context.ticker().nanos() + START_PAUSE);
            settle();
        }
    }

    void tick() {
        look();
        boolean[] followed = new boolean[SessionId.SHARDS];
        context.copies().all().forEach(copy -> followed[copy.id().shard()] = true);
        try {
            inDoubt.follow(followed);
            context.ended().ask(shard -> followed[shard], (shard, entry) -> listener.heard(entry));
        } finally {
            inDoubt.forgetOld(context.ticker().nanos());
            touchLongRequests();
            flushTouches();
            listener.forgetStale();
            context.local().forgetOld(context.ticker().nanos());
            bound.drop();
            backlog.tellIfPaid();
        }
    }

    private void look() {
        Membership.Heartbeat beat = membership.beat(context.shards().unsettled());
        if (beat == Membership.Heartbeat.UNKNOWN) {
            // It was taken for dead, or stood still for long: all that it holds is to be asked for again. Marks are its
            // own, so this only comes on top.
            context.shards().otherPrimary();
        }
        settling.look(beat);
    }

    /** A session is in use as long as a request is inside, whoever holds it. */
    private void touchLongRequests() {
        long now = context.ticker().nanos();
        for (NearCopy copy : context.copies().all()) {
            // Else the touch would find nothing, and the copy be dropped.
            boolean stored = !copy.stored().base().equals(StateVersion.NONE);
            if (stored && copy.isServing() && copy.admission().isOpenSince(now - RequestLifecycle.LONG_REQUEST)) {
                touches.note(copy, now);
            }
        }
    }

    private void flushTouches() {
        try {
            context.counters().touches.add(touches.flush(listener::touchedGone));
        } catch (StoreUnavailableException e) {
            context.log()
                    .warn(
                            "HF-211",
                            () -> "Uses of sessions cannot be told to the store, they are kept and told later: "
                                    + e.getMessage(),
                            e);
        }
    }

    boolean isOwing() {
        return backlog.hasWork() || context.shards().unsettled() != 0 || settling.isTelling();
    }

    void saveOwed() {
        do {
            if (context.shards().unsettled() != 0) {
                settle();
            }
            settling.tellOtherPrimary();
        } while (saver.saveAll(turns));
    }

    private void settle() {
        if (settling.settle()) {
            reached.otherPrimary(); // uses were lost, too
        }
    }

    void stop() {
        expiring.stop();
        saver.stop(turns);
        try {
            touches.flushAll();
        } catch (StoreUnavailableException e) {
            context.log()
                    .warn(
                            "HF-211",
                            () -> "The last uses of sessions could not be told to the store: " + e.getMessage(),
                            e);
        }
        context.copies().clear();
        context.local().clear();
    }
}
