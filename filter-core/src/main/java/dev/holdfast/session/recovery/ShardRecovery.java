package dev.holdfast.session.recovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.SettleStore.Join;
import dev.holdfast.session.SettleStore.Progress;
import dev.holdfast.session.SettleStore.Step;
import dev.holdfast.session.SettleStore.Waiting;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.EndMemory;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.ShardStates;
import dev.holdfast.session.outage.CopyRescue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a node does when the store has lost the data of a shard, before it loads from it again (rule 7): it tells again
 * which sessions have ended, and when all nodes have done so, sends the copies that it holds.
 *
 * <p><b>Implementation note.</b> Invariants. (1) A copy is sent only when every node that any node of the shard had
 * seen in the registry has told its tombstones: one of them alone may know that the session has ended. Where one does
 * not come, nobody sends anything that is missing. (2) The generation is written when all have sent theirs, so that
 * nobody builds on a state of which another node is about to send a newer one. Both are decided in the store, in one
 * step, by the marks that the nodes leave there; a mark that is lost was lost together with what it stands for, and a
 * step is told only to the primary that took all that it stands for: another one may have lost that and kept the mark
 * before. (3) A copy is not dropped because its shard is unsettled: it may be all there is. Proved by
 * {@code ShardRecoveryTest} and, in all orders, by {@code ModelRecoveryTest}.
 */
public final class ShardRecovery {
    /** So long one round lasts; then this node's entry in the registry is renewed. */
    private static final long ROUND = TimeUnit.SECONDS.toNanos(2);

    private final ProtocolContext context;
    private final Membership membership;
    private final SettleStore store;
    private final ShardStates states;
    private final EndMemory tombstones;
    private final RecoveryReport report;
    private final GenerationWatch watch;
    /** Used with {@link #settling}, as the next. */
    private final EndResender ends;

    private final CopyResender resender;
    private final ReentrantLock settling = new ReentrantLock();
    /** The shards that are being recovered, by their numbers. */
    @GuardedBy("settling")
    private final Map<Integer, LostShard> unsettled = new TreeMap<>();

    /** As {@link #primaries} was when these were last begun. */
    @GuardedBy("settling")
    private long joinedAt;

    @GuardedBy("settling")
    private long sentBefore;
    /** How many other primaries were reached so far: the number of the present one. */
    private final AtomicLong primaries = new AtomicLong();

    public ShardRecovery(ProtocolContext context, Membership membership, CopyRescue salvage) {
        this.context = context;
        this.membership = membership;
        this.store = context.store().settling();
        this.states = context.shards();
        this.tombstones = context.tombstones();
        this.report = new RecoveryReport(context.log());
        this.watch = new GenerationWatch(context, membership, store, report);
        this.ends = new EndResender(context, store);
        this.resender = new CopyResender(context, salvage, store, report);
    }

    /** The store may have lost the last ends. */
    public void otherPrimary() {
        primaries.incrementAndGet();
    }

    /** Whether the store may not have been told all ends again yet. */
    public boolean isTelling() {
        return !ends.isTold(primaries.get());
    }

    /**
     * Whether shards are unsettled though the store is there and this node may settle them: others have something to do
     * first.
     */
    public boolean isWaitingForOthers() {
        return states.unsettled() != 0
                && !membership.isNew()
                && !context.store().isAway();
    }

    /** All shards are looked at with the next round. */
    public void lookAtAll() {
        watch.lookAtAll();
    }

    /**
     * Looks whether the store has lost data, where there is a reason to. To be called once a second, by one thread,
     * which other applications wait for: it makes one call.
     *
     * @param beat how the registry answered just before
     */
    public void look(Membership.Heartbeat beat) {
        watch.look(beat, primaries.get());
    }

    /**
     * Goes on settling; does nothing while another call is at it. Encodes attributes, so it is to be called on a thread
     * that may run the application's code.
     *
     * @return whether the store was found to have lost data since the last time
     */
    public boolean settle() {
        // Whoever was there before has to be in the view first, or this one would settle for itself what they hold.
        if (membership.isNew() || !settling.tryLock()) {
            return false;
        }
        long before = context.counters().lostShards.sum();
        try {
            long now = context.ticker().nanos();
            begin();
            if (!unsettled.isEmpty()) {
                settle(now + ROUND);
            }
        } catch (StoreUnavailableException e) {
            report.unavailable(e);
        } finally {
            settling.unlock();
        }
        return context.counters().lostShards.sum() > before;
    }

    /**
     * Tells the ends again that another primary may not have, a few seconds' worth at a time: the store serves requests
     * meanwhile. Does nothing while another call is at it.
     */
    public void tellOtherPrimary() {
        long primary = primaries.get();
        if (ends.isTold(primary) || context.store().isAway() || !settling.tryLock()) {
            return;
        }
        try {
            ends.tell(primary);
        } catch (StoreUnavailableException e) {
            report.unavailable(e);
        } finally {
            settling.unlock();
        }
    }

    /** Takes up what was found unsettled since the last round. */
    @GuardedBy("settling")
    private void begin() {
        long bits = states.unsettled();
        int lost = 0;
        for (int number = 0; number < SessionId.SHARDS; number++) {
            boolean is = (bits >>> number & 1) == 1;
            if (!is) {
                unsettled.remove(number);
            } else if (!unsettled.containsKey(number)) {
                if (states.wasBehind(number, membership.forgottenUntil())) {
                    tombstones.missed(number); // what a node had ended that nobody waits for
                }
                unsettled.put(number, new LostShard(number, membership.others()));
                lost += states.hasSeen(number) ? 1 : 0;
            }
        }
        if (lost > 0) {
            context.counters().lostShards.add(lost);
            report.lost(lost);
        }
    }

    @GuardedBy("settling")
    private void settle(long end) {
        boolean moves = true;
        while (moves && !unsettled.isEmpty() && context.ticker().nanos() - end < 0) {
            long primary = primaries.get();
            if (primary != joinedAt) {
                joinedAt = primary;
                unsettled.values().forEach(shard -> shard.begin(membership.others()));
            }
            tellOfNew();
            moves = join(primary, end);
        }
    }

    /** (a) for all shards in which this node has left its first mark. */
    @GuardedBy("settling")
    private void tellOfNew() {
        long bits = 0;
        for (LostShard shard : unsettled.values()) {
            bits |= shard.begun && shard.step == Step.BEGUN ? 1L << shard.number : 0;
        }
        long refused = bits == 0 || !context.rules().tellsEndsFirst() ? 0 : ends.tellOf(bits);
        long now = context.ticker().nanos();
        for (LostShard shard : unsettled.values()) {
            if ((bits >>> shard.number & 1) == 0) {
                continue;
            }
            if ((refused >>> shard.number & 1) == 0) {
                shard.told();
                continue;
            }
            shard.waits(now);
            if (shard.hasWaitedLongest()) {
                shard.toldInPart();
                report.refused("ends of sessions");
            }
        }
    }

    /** Tells how far this node is, and goes as far as the others let it. True if that is worth being told at once. */
    @GuardedBy("settling")
    private boolean join(long primary, long end) {
        List<LostShard> joining = new ArrayList<>();
        List<Join> joins = new ArrayList<>();
        for (LostShard shard : unsettled.values()) {
            joining.add(shard);
            boolean maySend = context.options().reseed() && tombstones.isComplete(shard.number);
            joins.add(shard.join(membership.incarnation(), maySend, resender.progress()));
        }
        List<@Nullable Progress> stands =
                store.join(joins, () -> primaries.get() == primary, WaitBudget.ofBackground());
        Map<Integer, List<NearCopy>> held = new TreeMap<>();
        boolean moves = false;
        for (int i = 0; i < joining.size(); i++) {
            Progress joined = stands.get(i);
            if (joined != null) {
                moves |= take(joining.get(i), joined, held, end);
            }
        }
        sayWhatCameBack();
        return moves;
    }

    @GuardedBy("settling")
    private boolean take(LostShard shard, Progress joined, Map<Integer, List<NearCopy>> held, long end) {
        if (shard.step == Step.BEGUN) {
            boolean first = !shard.begun;
            shard.begun = true;
            // Where it is settled, what this node knows of is told first; unless that is refused, or nobody would load
            // from it again.
            if (first || joined.phase() != SettleStore.Phase.SETTLED) {
                return first;
            }
            shard.untold = true;
        }
        switch (joined.phase()) {
            case SETTLED -> {
                states.settled(shard.number, joined.generation());
                unsettled.remove(shard.number);
                if (shard.untold) { // in the background now
                    ends.startOver();
                }
                return false;
            }
            case FORGOTTEN -> {
                shard.begin(membership.others());
                return true;
            }
            case WAITING -> {
                return grow(shard, joined.awaited(), Waiting.FOR_THOSE_WHO_CAME);
            }
            case SENDING -> {
                if (shard.step != Step.SENT) {
                    boolean all = resender.send(shard, held, end);
                    if (!all && shard.hasWaitedLongest()) {
                        report.refused("sessions");
                        all = true;
                    }
                    if (all) {
                        shard.step = Step.SENT;
                        shard.goesOn();
                    }
                    return all;
                }
                shard.othersAre(joined.progress());
                return grow(shard, joined.awaited(), Waiting.FOR_NOBODY);
            }
            case GIVEN_UP -> {
                if (shard.step != Step.SENT) {
                    shard.step = Step.SENT;
                    return true;
                }
                return grow(shard, joined.awaited(), Waiting.FOR_NOBODY);
            }
        }
        throw new IllegalStateException(joined.phase().name());
    }

    /**
     * Who is not there any more is not waited for when it has had the time to come back.
     *
     * @return whether this node waits for as few as {@code next} says
     */
    private boolean grow(LostShard shard, Set<String> awaited, Waiting next) {
        shard.waits(context.ticker().nanos());
        boolean allGone = awaited.stream().allMatch(who -> membership.isGone(who, shard.waited()));
        boolean over = shard.hasWaitedLongest() || allGone;
        if (over && shard.waiting.compareTo(next) < 0) {
            shard.waiting = next;
            report.notComing(awaited.size(), next);
        }
        return shard.waiting == next;
    }

    @GuardedBy("settling")
    private void sayWhatCameBack() {
        long sent = context.counters().sentAgain.sum();
        if (unsettled.isEmpty() && sent > sentBefore) {
            long now = sent - sentBefore;
            sentBefore = sent;
            report.settled(now);
        }
    }
}
