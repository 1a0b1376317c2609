package dev.holdfast.session.recovery;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.SettleStore.Join;
import dev.holdfast.session.SettleStore.Step;
import dev.holdfast.session.SettleStore.Waiting;
import dev.holdfast.session.copy.NearCopy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * How far this node is in recovering one shard whose data the store has lost, and whom it still waits for.
 *
 * <p><b>Implementation note.</b> Guarded by the lock of {@link ShardRecovery}.
 */
final class LostShard {
    /** A node that is there and does not come on is waited for no longer than this. */
    static final long LONGEST = 3 * Lifetimes.REGISTRY.toNanos();

    /** Of the time between two answers so much counts: they come each second, unless there are none. */
    private static final long ANSWERED = TimeUnit.SECONDS.toNanos(2);

    final int number;
    /** All nodes that this one has seen in the registry since the loss, by their incarnations. */
    final Set<String> others = new HashSet<>();

    /** Copies that need not be sent, or not again. */
    final Set<NearCopy> done = new HashSet<>();
    /** Those that could not be sent when it was last tried: the others come first. */
    final Set<NearCopy> stuck = new HashSet<>();

    Step step = Step.BEGUN;
    /** Whether the store has the first mark of this node. */
    boolean begun;
    /** Whether the store does not take all ends: then nothing that is missing is to be sent by anybody. */
    boolean untold;

    Waiting waiting = Waiting.WAITS;
    /** How far those who send were when that was last heard. */
    private long progress;

    /** So long the store has answered and others, or this node itself, did not come on. */
    private long waited;

    private long heard;

    LostShard(int number, List<LiveNode> others) {
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
        waiting = Waiting.WAITS;
        goesOn();
    }

    /** The store has all ends that this node remembers. */
    void told() {
        goesOn();
        step = Step.TOLD;
    }

    /** The store does not take some of them. */
    void toldInPart() {
        untold = true;
        step = Step.TOLD;
        waiting = atLeast(Waiting.FOR_THOSE_WHO_CAME);
    }

    /** Whom this node waits for, or fewer. */
    private Waiting atLeast(Waiting other) {
        return waiting.compareTo(other) > 0 ? waiting : other;
    }

    /**
     * What this node tells of it, to go as far as the others let it.
     *
     * @param incarnation of this node
     * @param maySend false if this node has forgotten ends, or sends no copies: then nobody sends what is missing
     * @param sent how far this node is in sending, in all shards together
     */
    Join join(String incarnation, boolean maySend, long sent) {
        Waiting told = maySend ? waiting : atLeast(Waiting.FOR_THOSE_WHO_CAME);
        return new Join(number, incarnation, step, told, sent, others);
    }

    /** So far are those who send: as long as that grows, they are waited for. */
    void othersAre(long nowAt) {
        if (progress != nowAt) {
            progress = nowAt;
            goesOn();
        }
    }

    /** It did not come on, by an answer of now. Time in which there was no answer counts for nobody. */
    void waits(long now) {
        waited += heard == 0 ? 0 : Math.min(now - heard, ANSWERED);
        heard = now;
    }

    void goesOn() {
        waited = 0;
        heard = 0;
    }

    long waited() {
        return waited;
    }

    /** Whether it did not come on for so long that it is to go on without. */
    boolean hasWaitedLongest() {
        return waited >= LONGEST;
    }
}
