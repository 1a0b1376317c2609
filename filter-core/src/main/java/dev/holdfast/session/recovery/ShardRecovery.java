package dev.holdfast.session.recovery;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.SettleStore.Join;
import dev.holdfast.session.SettleStore.Joined;
import dev.holdfast.session.SettleStore.Patience;
import dev.holdfast.session.SettleStore.Step;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.EndMemory;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.ShardStates;
import dev.holdfast.session.outage.CopyRescue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
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
 * {@code SettlingTest} and, in all orders, by {@code ModelSettlingTest}.
 */
public final class ShardRecovery {
    /** So long one round lasts; then this node's entry in the registry is renewed. */
    private static final long ROUND = TimeUnit.SECONDS.toNanos(2);

    /** A node that is there and does not come on is waited for no longer than this. */
    private static final long LONGEST = 3 * Lifetimes.REGISTRY.toNanos();

    /** Shards in which nobody works are looked at as often, so that their generations live on. */
    private static final long QUIET = TimeUnit.HOURS.toNanos(1);

    /** Of the time between two answers so much counts: they come each second, unless there are none. */
    private static final long ANSWERED = TimeUnit.SECONDS.toNanos(2);

    private static final int COPIES = 20;
    private static final int TOMBSTONES = 500;
    private static final int MOST_TOLD = 2000;
    private static final long ALL = -1L;
    private static final long NOWHERE = -1L;

    private final ProtocolContext context;
    private final Membership membership;
    private final CopyRescue salvage;
    private final SettleStore store;
    private final ShardStates states;
    private final EndMemory tombstones;
    /** Guarded by {@link #settling}, with the shards in it. */
    private final Map<Integer, Shard> unsettled = new TreeMap<>();

    private final ReentrantLock settling = new ReentrantLock();
    private volatile long looked;
    private volatile boolean mustLook;
    /** How many other primaries were reached so far, and at which of them the ends were told. */
    private final AtomicLong primaries = new AtomicLong();

    private volatile long toldTo;
    /** Used by the thread that looks. */
    private long lookedAt;

    /** What is left to be told to the present one. Guarded by {@link #settling}, with the next. */
    private final Deque<Tombstone> untold = new ArrayDeque<>();

    private long tellingTo;
    /** As {@link #primaries} was when the shards that are being settled were last begun. */
    private long joinedAt;

    private int copiesAtOnce = COPIES;
    /** Grows with each copy that was sent: the other nodes wait for this one as long as it does. */
    private long progress;

    private long sentBefore;

    /** A shard that is being settled. */
    private static final class Shard {
        final int number;
        final Set<String> others = new HashSet<>();
        final Set<NearCopy> done = new HashSet<>();
        /** Those that could not be sent when it was last tried: the others come first. */
        final Set<NearCopy> stuck = new HashSet<>();

        Step step = Step.BEGUN;
        boolean begun;
        /** Whether the store does not take all ends: then nothing that is missing is to be sent by anybody. */
        boolean untold;

        Patience patience = Patience.WAITS;
        /** So long the store has answered and others, or this node itself, did not come on. */
        long waited;

        long heard;
        /** How far those who send were when that was last heard. */
        long progress;

        Shard(int number, List<LiveNode> others) {
            this.number = number;
            begin(others);
        }

        /** All is to be done anew: nothing was, or what was done is lost. Nobody has had the time to come yet. */
        void begin(List<LiveNode> view) {
            view.forEach(other -> others.add(other.incarnation()));
            step = Step.BEGUN;
            begun = false;
            untold = false;
            done.clear();
            stuck.clear();
            patience = Patience.WAITS;
            waited = 0;
            heard = 0;
        }

        /** Time in which there was no answer counts for nobody. */
        void waits(long now) {
            waited += heard == 0 ? 0 : Math.min(now - heard, ANSWERED);
            heard = now;
        }

        void goesOn() {
            waited = 0;
            heard = 0;
        }
    }

    public ShardRecovery(ProtocolContext context, Membership membership, CopyRescue salvage) {
        this.context = context;
        this.membership = membership;
        this.salvage = salvage;
        this.store = context.store().settling();
        this.states = context.shards();
        this.tombstones = context.tombstones();
        this.looked = context.ticker().nanos();
    }

    /** The store may have lost the last ends. */
    public void otherPrimary() {
        primaries.incrementAndGet();
    }

    /** Whether the store may not have been told all ends again yet. */
    public boolean isTelling() {
        return primaries.get() != toldTo;
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
        mustLook = true;
    }

    /**
     * Looks whether the store has lost data, where there is a reason to. To be called once a second, by one thread,
     * which other applications wait for: it makes one call.
     *
     * @param beat how the registry answered just before
     */
    public void look(Membership.Beat beat) {
        if (beat == Membership.Beat.NO_ANSWER && context.store().isAway()) {
            return;
        }
        long primary = primaries.get();
        boolean all = mustLook
                || primary != lookedAt
                || beat == Membership.Beat.UNKNOWN
                || context.ticker().nanos() - looked > QUIET;
        mustLook = all;
        try {
            if (look((all ? ALL : membership.unsettledOfOthers()) & ~states.unsettled()) && all) {
                mustLook = false;
                looked = context.ticker().nanos();
                lookedAt = primary;
            }
        } catch (StoreUnavailableException e) {
            unavailable(e);
        }
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
            unavailable(e);
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
        if (primary == toldTo || context.store().isAway() || !settling.tryLock()) {
            return;
        }
        try {
            tellOtherPrimary(primary);
        } catch (StoreUnavailableException e) {
            unavailable(e);
        } finally {
            settling.unlock();
        }
    }

    private void tellOtherPrimary(long primary) {
        if (primary != tellingTo) {
            tellingTo = primary;
            untold.clear();
            untold.addAll(tombstones.of(ALL));
        }
        for (int i = 0; i < MOST_TOLD / TOMBSTONES && !untold.isEmpty(); i++) {
            List<Tombstone> batch = new ArrayList<>();
            for (Tombstone next = untold.peek(); next != null && batch.size() < TOMBSTONES; next = untold.peek()) {
                batch.add(untold.remove());
            }
            boolean told = false;
            try {
                told = bury(batch);
            } finally {
                if (!told) {
                    untold.addAll(batch);
                }
            }
            if (!told) {
                return;
            }
        }
        if (untold.isEmpty()) {
            toldTo = primary;
        }
    }

    private void unavailable(StoreUnavailableException e) {
        context.log()
                .warn(
                        "HF-219",
                        () -> "Redis cannot be asked whether it has lost data, nor be told again what it lost; it is"
                                + " tried again each second: "
                                + e.getMessage(),
                        e);
    }

    private WaitBudget budget() {
        return WaitBudget.ofBackground();
    }

    /** True if all of them answered. */
    private boolean look(long shards) {
        List<Integer> asked = new ArrayList<>();
        for (int shard = 0; shard < SessionId.SHARDS; shard++) {
            if ((shards >>> shard & 1) == 1) {
                asked.add(shard);
            }
        }
        if (asked.isEmpty()) {
            return true;
        }
        List<@Nullable String> generations = store.generations(asked, WaitBudget.ofBackground());
        boolean all = true;
        for (int i = 0; i < asked.size(); i++) {
            String generation = generations.get(i);
            all &= generation != null;
            if (generation != null) {
                states.found(asked.get(i), generation);
            }
        }
        return all;
    }

    /** Takes up what was found unsettled since the last round. */
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
                unsettled.put(number, new Shard(number, membership.others()));
                lost += states.hasSeen(number) ? 1 : 0;
            }
        }
        if (lost > 0) {
            int shards = lost;
            context.counters().lostShards.add(lost);
            context.log()
                    .warn(
                            "HF-222",
                            () -> "Redis has lost the data of " + shards + " of " + SessionId.SHARDS
                                    + " shards of the sessions, or was replaced. What needs them is answered 503 until"
                                    + " all nodes have told it which sessions had ended, and have sent it those that"
                                    + " they hold.",
                            null);
        }
    }

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
    private void tellOfNew() {
        long bits = 0;
        for (Shard shard : unsettled.values()) {
            bits |= shard.begun && shard.step == Step.BEGUN ? 1L << shard.number : 0;
        }
        long refused = bits == 0 || !context.rules().tellsEndsFirst() ? 0 : tell(bits);
        long now = context.ticker().nanos();
        for (Shard shard : unsettled.values()) {
            if ((bits >>> shard.number & 1) == 0) {
                continue;
            }
            if ((refused >>> shard.number & 1) == 0) {
                shard.goesOn();
                shard.step = Step.TOLD;
                continue;
            }
            shard.waits(now);
            if (shard.waited >= LONGEST) {
                shard.untold = true;
                shard.step = Step.TOLD;
                shard.patience = later(shard.patience, Patience.FOR_THOSE_WHO_CAME);
                sayWhatIsRefused("ends of sessions");
            }
        }
    }

    private void sayWhatIsRefused(String what) {
        context.log()
                .warn(
                        "HF-223",
                        () -> "Redis lost data, and has not taken " + what + " that this node sends again for "
                                + TimeUnit.NANOSECONDS.toSeconds(LONGEST)
                                + " seconds. What it lost of the shards concerned is settled without.",
                        null);
    }

    /**
     * Tells the store of all ends in some shards.
     *
     * @return the shards of which it did not take all
     */
    private long tell(long shards) {
        List<Tombstone> all = new ArrayList<>();
        long refused = 0;
        for (Tombstone tombstone : tombstones.of(shards)) {
            if (tombstones.isUnderWay(tombstone)) {
                refused |= 1L << tombstone.id().shard(); // it is told when it is known to be made
            } else {
                all.add(tombstone);
            }
        }
        for (int from = 0; from < all.size(); from += TOMBSTONES) {
            List<Tombstone> batch = all.subList(from, Math.min(all.size(), from + TOMBSTONES));
            List<@Nullable Boolean> there = store.bury(batch, budget());
            for (int i = 0; i < batch.size(); i++) {
                refused |= there.get(i) == null ? 1L << batch.get(i).id().shard() : 0;
            }
            context.counters().endsToldAgain.add(batch.size());
        }
        return refused;
    }

    /**
     * Tells those that still stand: an end that was under way when it was to be told may not have been made. One that
     * still is waits for its call: a session whose change of id is refused lives on under the old one.
     */
    private boolean bury(List<Tombstone> some) {
        List<Tombstone> ends = new ArrayList<>();
        boolean all = true;
        for (Tombstone tombstone : some) {
            boolean underWay = tombstones.isUnderWay(tombstone); // first: it stands from then on, or is forgotten
            all &= !underWay;
            if (!underWay && tombstones.stands(tombstone)) {
                ends.add(tombstone);
            }
        }
        for (Boolean there : store.bury(ends, budget())) {
            all &= there != null;
        }
        context.counters().endsToldAgain.add(ends.size());
        return all;
    }

    /** Tells how far this node is, and goes as far as the others let it. True if that is worth being told at once. */
    private boolean join(long primary, long end) {
        List<Shard> joining = new ArrayList<>();
        List<Join> joins = new ArrayList<>();
        for (Shard shard : unsettled.values()) {
            joining.add(shard);
            joins.add(new Join(
                    shard.number,
                    membership.incarnation(),
                    shard.step,
                    !context.options().reseed() || !tombstones.isComplete(shard.number)
                            ? later(Patience.FOR_THOSE_WHO_CAME, shard.patience)
                            : shard.patience,
                    progress,
                    shard.others));
        }
        List<@Nullable Joined> stands = store.join(joins, () -> primaries.get() == primary, budget());
        Map<Integer, List<NearCopy>> held = new TreeMap<>();
        boolean moves = false;
        for (int i = 0; i < joining.size(); i++) {
            Joined joined = stands.get(i);
            if (joined != null) {
                moves |= take(joining.get(i), joined, held, end);
            }
        }
        sayWhatCameBack();
        return moves;
    }

    private static Patience later(Patience one, Patience other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private boolean take(Shard shard, Joined joined, Map<Integer, List<NearCopy>> held, long end) {
        if (shard.step == Step.BEGUN) {
            boolean first = !shard.begun;
            shard.begun = true;
            // Where it is settled, what this node knows of is told first; unless that is refused, or nobody would load
            // from it again.
            if (first || joined.stand() != SettleStore.Stand.SETTLED) {
                return first;
            }
            shard.untold = true;
        }
        switch (joined.stand()) {
            case SETTLED -> {
                states.settled(shard.number, joined.generation());
                unsettled.remove(shard.number);
                if (shard.untold) { // in the background now
                    toldTo = NOWHERE;
                    tellingTo = NOWHERE;
                }
                return false;
            }
            case FORGOTTEN -> {
                shard.begin(membership.others());
                return true;
            }
            case WAITING -> {
                grow(shard, joined.awaited(), Patience.FOR_THOSE_WHO_CAME);
                return shard.patience == Patience.FOR_THOSE_WHO_CAME;
            }
            case SENDING -> {
                if (shard.step != Step.SENT) {
                    if (held.isEmpty()) {
                        context.copies()
                                .all()
                                .forEach(copy -> held.computeIfAbsent(copy.id().shard(), s -> new ArrayList<>())
                                        .add(copy));
                    }
                    boolean all = send(shard, held.getOrDefault(shard.number, List.of()), end);
                    if (!all && shard.waited >= LONGEST) {
                        sayWhatIsRefused("sessions");
                        all = true;
                    }
                    if (all) {
                        shard.step = Step.SENT;
                        shard.goesOn();
                    }
                    return all;
                }
                if (joined.progress() != shard.progress) {
                    shard.progress = joined.progress();
                    shard.goesOn();
                }
                grow(shard, joined.awaited(), Patience.FOR_NOBODY);
                return shard.patience == Patience.FOR_NOBODY;
            }
            case GIVEN_UP -> {
                if (shard.step != Step.SENT) {
                    shard.step = Step.SENT;
                    return true;
                }
                grow(shard, joined.awaited(), Patience.FOR_NOBODY);
                return shard.patience == Patience.FOR_NOBODY;
            }
        }
        throw new IllegalStateException(joined.stand().name());
    }

    /** Who is not there any more is not waited for when it has had the time to come back. */
    private void grow(Shard shard, Set<String> awaited, Patience next) {
        shard.waits(context.ticker().nanos());
        boolean allGone = awaited.stream().allMatch(who -> membership.isGone(who, shard.waited));
        boolean over = shard.waited >= LONGEST || allGone;
        if (over && shard.patience.compareTo(next) < 0) {
            shard.patience = next;
            context.log()
                    .warn(
                            "HF-217",
                            () -> "Nodes that were there before Redis lost its data do not come back to settle it: "
                                    + awaited.size()
                                    + " of them are waited for no longer. "
                                    + (next == Patience.FOR_THOSE_WHO_CAME
                                            ? "They may know of sessions that ended, so no session that Redis lost is"
                                                    + " sent again; new sessions begin."
                                            : "Sessions that they alone held are lost."),
                            null);
        }
    }

    /**
     * Sends all copies of a shard; false if some are to be sent later. Those that cannot be sent now keep no others
     * waiting.
     */
    private boolean send(Shard shard, List<NearCopy> copies, long end) {
        List<NearCopy> left = new ArrayList<>(copies);
        left.removeAll(shard.done);
        left.sort(Comparator.comparing(shard.stuck::contains));
        boolean all = true;
        for (int from = 0; from < left.size(); ) {
            if (context.ticker().nanos() - end >= 0) {
                all = false;
                break;
            }
            int to = Math.min(left.size(), from + copiesAtOnce);
            List<NearCopy> batch = left.subList(from, to);
            int before = shard.done.size();
            boolean answered = false;
            try {
                all &= new CopyResender(context, salvage, store, budget()).send(batch, shard.done);
                answered = true;
                copiesAtOnce = COPIES;
            } catch (StoreUnavailableException e) {
                unavailable(e);
                all = false;
                copiesAtOnce = Math.max(1, (to - from) / 2); // they may be more than can be sent in time
            }
            if (shard.done.size() > before) {
                progress += shard.done.size() - before;
                shard.goesOn();
            }
            shard.stuck.addAll(batch);
            shard.stuck.removeAll(shard.done);
            if (!answered) {
                break; // the others of this shard with the next round, and now those of other shards
            }
            from = to;
        }
        if (!all) {
            shard.waits(context.ticker().nanos());
        }
        return all;
    }

    private void sayWhatCameBack() {
        long sent = context.counters().sentAgain.sum();
        if (unsettled.isEmpty() && sent > sentBefore) {
            long now = sent - sentBefore;
            sentBefore = sent;
            context.log()
                    .warn(
                            "HF-220",
                            () -> "All shards whose data Redis lost are settled: this node has sent " + now
                                    + " sessions again.",
                            null);
        }
    }
}
