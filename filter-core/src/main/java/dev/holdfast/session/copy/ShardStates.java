package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows of the data of each shard in the store: its generation, whether it was lost and is to be
 * recovered first (rule 7), and how often the trust in what was read of it was lost. {@link InvalidationLog} keeps
 * there how far it has read, since the two change together.
 *
 * <p><b>Implementation note.</b> Each state has a monitor of its own, and nobody takes two. Invariant: whatever may
 * have swallowed entries of the log, or ends, moves {@code era} on in the same step, so that no copy is trusted by an
 * answer from before.
 */
public final class ShardStates {
    private final SessionCounters counters;
    private final BooleanSupplier alone;
    private final IntPredicate nothingToTell;
    private final IntConsumer missed;
    private final State[] shards = new State[SessionId.SHARDS];

    /**
     * @param alone whether this node has seen no other
     * @param nothingToTell whether there is no end in a shard that a store which lost data would have to be told
     * @param missed is told of each shard of which this node may have missed ends
     */
    public ShardStates(
            SessionCounters counters, BooleanSupplier alone, IntPredicate nothingToTell, IntConsumer missed) {
        this.counters = counters;
        this.alone = alone;
        this.nothingToTell = nothingToTell;
        this.missed = missed;
        for (int i = 0; i < shards.length; i++) {
            shards[i] = new State();
        }
    }

    /** Of one shard. What is volatile is written under its monitor, and read without. */
    static final class State {
        @GuardedBy("this")
        String generation = "";
        /** Newest entry read; empty if the log was empty then; null if the shard is not followed. */
        @GuardedBy("this")
        @Nullable
        String position;

        /** Newest entry that a reply told of and no answer has shown yet; empty if there is none. */
        @GuardedBy("this")
        String told = "";

        @GuardedBy("this")
        long era;

        @GuardedBy("this")
        boolean good = true;

        @GuardedBy("this")
        long goodSentAt;
        /** Whether its data was lost, so that it is to be settled before anything is loaded from it. */
        volatile boolean unsettled;
        /** Newest entry read since then: the log has begun anew. Empty if none was. */
        @GuardedBy("this")
        String reread = "";

        /** Ticker time up to which the log was read when the shard was found to be unsettled. */
        @GuardedBy("this")
        long readUntil;

        /** Whether the last question about the unsettled shard had no answer. */
        @GuardedBy("this")
        boolean silent;
    }

    State of(int shard) {
        return shards[shard];
    }

    boolean isAlone() {
        return alone.getAsBoolean();
    }

    void missed(int shard) {
        missed.accept(shard);
    }

    /**
     * A script said that the shard's generation is missing or another than this node's. Another one is taken if there
     * is nothing that this node would have to tell first; else the shard is unsettled from here on.
     */
    public void otherGeneration(int shard, String generation) {
        State s = of(shard);
        synchronized (s) {
            other(shard, s, generation);
        }
    }

    /** Whether there is anything to tell is asked only here, not with each answer: it may take a look at all ends. */
    @GuardedBy("s")
    void other(int shard, State s, String generation) {
        if (s.unsettled || (s.generation.equals(generation) && !generation.isEmpty())) {
            return;
        }
        boolean takes = !generation.isEmpty() && nothingToTell.test(shard);
        s.unsettled = !takes;
        s.reread = "";
        s.silent = false;
        s.readUntil = s.goodSentAt;
        if (takes) {
            s.generation = generation;
            if (s.position != null) {
                missed.accept(shard); // other nodes have settled it without this one, and ended more since
            }
        }
        lose(s);
    }

    /**
     * What the generation of a shard was found to be, by a look that asked for nothing else; empty if it is missing.
     */
    public void found(int shard, String generation) {
        State s = of(shard);
        synchronized (s) {
            if (s.generation.isEmpty() && !generation.isEmpty()) {
                s.generation = generation;
            } else {
                other(shard, s, generation);
            }
        }
    }

    /** The same by a look that found no session: of a shard that this node never used that says nothing. */
    public void foundWithout(int shard, String generation) {
        State s = of(shard);
        synchronized (s) {
            if (!s.generation.isEmpty() || (generation.isEmpty() && !alone.getAsBoolean())) {
                other(shard, s, generation);
            }
        }
    }

    /** Whether the data of a shard was lost, and not all nodes have done their part yet. */
    public boolean isUnsettled(int shard) {
        return shards[shard].unsettled;
    }

    /** All that are, one bit for each. */
    public long unsettled() {
        long bits = 0;
        for (int i = 0; i < shards.length; i++) {
            bits |= shards[i].unsettled ? 1L << i : 0;
        }
        return bits;
    }

    /**
     * Whether an unsettled shard is one that this node followed, but had not read up to that moment when its data was
     * lost.
     */
    public boolean wasBehind(int shard, long moment) {
        State s = of(shard);
        synchronized (s) {
            return s.position != null && s.readUntil - moment < 0;
        }
    }

    /** Whether this node has ever seen a generation of the shard. */
    public boolean hasSeen(int shard) {
        State s = of(shard);
        synchronized (s) {
            return !s.generation.isEmpty();
        }
    }

    /** A shard has a generation again. Its log began anew: it is read from its beginning. */
    public void settled(int shard, String generation) {
        State s = of(shard);
        synchronized (s) {
            if (!s.unsettled) {
                return;
            }
            s.generation = generation;
            if (s.position != null) {
                s.position = "";
            }
            lose(s);
            s.unsettled = false;
        }
    }

    /** All shards are at another primary than before, or may be. */
    public void otherPrimary() {
        for (State s : shards) {
            synchronized (s) {
                lose(s);
            }
        }
    }

    @GuardedBy("s")
    void lose(State s) {
        s.era++;
        s.told = "";
        if (s.position != null) {
            s.good = false;
            counters.gaps.increment();
        }
    }

    /** The era in which copies may now be trusted. */
    public long era(int shard) {
        State s = of(shard);
        synchronized (s) {
            return s.era;
        }
    }
}
