package dev.holdfast.session.recovery;

import dev.holdfast.session.SettleStore;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.EndMemory;
import dev.holdfast.session.copy.ProtocolContext;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Repeats the ends that this node remembers to a store that may have lost them (rule 7 (a)): those of lost shards at
 * once, before anything is loaded from them, and all of them to another primary, in the background.
 *
 * <p><b>Implementation note.</b> Guarded by the lock of {@link ShardRecovery}, but for {@link #isTold}.
 */
final class EndResender {
    /** So many go with one round trip. */
    private static final int TOMBSTONES = 500;

    /** So many are told to another primary at a time: the store serves requests meanwhile. */
    private static final int MOST_TOLD = 2000;

    private static final long ALL = -1L;
    private static final long NOWHERE = -1L;

    private final ProtocolContext context;
    private final SettleStore store;
    private final EndMemory tombstones;
    /** At which primary all ends were told, by its number. */
    private volatile long toldTo;

    /** What is left to be told to another one, and its number. */
    private final Deque<Tombstone> untold = new ArrayDeque<>();

    private long tellingTo;

    EndResender(ProtocolContext context, SettleStore store) {
        this.context = context;
        this.store = store;
        this.tombstones = context.tombstones();
    }

    /** Whether that primary has all ends. */
    boolean isTold(long primary) {
        return primary == toldTo;
    }

    /** All are to be told again, whichever primary it is. */
    void startOver() {
        toldTo = NOWHERE;
        tellingTo = NOWHERE;
    }

    /**
     * Tells the ends again that another primary may not have, a few seconds' worth of them.
     *
     * @throws dev.holdfast.session.StoreUnavailableException if it does not answer: they are told with the next call
     */
    void tell(long primary) {
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
        for (Boolean there : store.bury(ends, WaitBudget.ofBackground())) {
            all &= there != null;
        }
        context.counters().endsToldAgain.add(ends.size());
        return all;
    }

    /**
     * Tells the store of all ends in lost shards.
     *
     * @param shards one bit for each
     * @return those of which it did not take all
     * @throws dev.holdfast.session.StoreUnavailableException if it does not answer
     */
    long tellOf(long shards) {
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
            List<@Nullable Boolean> there = store.bury(batch, WaitBudget.ofBackground());
            for (int i = 0; i < batch.size(); i++) {
                refused |= there.get(i) == null ? 1L << batch.get(i).id().shard() : 0;
            }
            context.counters().endsToldAgain.add(batch.size());
        }
        return refused;
    }
}
