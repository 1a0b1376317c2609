package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.LogEntry;
import org.jspecify.annotations.Nullable;

/**
 * What decides whether a copy may be served without asking the store: its epoch, what was heard about it since, and how
 * old the use is that the store knows of (rules 1, 2 and 8). Safe for use by many threads.
 */
public final class Trust {
    private final Rules rules;

    @GuardedBy("this")
    private @Nullable Epoch epoch;

    @GuardedBy("this")
    private boolean confirmed;
    /**
     * Whether the epoch was confirmed at some time since it is this one, for this copy or the one whose place it took.
     */
    @GuardedBy("this")
    private boolean wasConfirmed;

    @GuardedBy("this")
    private boolean bornTaken;
    /** Newest entry of the ended log about this session that another node wrote. */
    @GuardedBy("this")
    private long heardSequence;
    /** Newest entry of the ended log when this copy was last equal to the store. */
    @GuardedBy("this")
    private long loadedSequence;

    /** In which era of the log these two count: what is read of it in another may have begun anew. */
    @GuardedBy("this")
    private long sequencesOf = -1;

    /**
     * The same, whatever becomes of the numbers: until the store has said what this copy is worth, it is nobody's to
     * serve.
     */
    @GuardedBy("this")
    private boolean movedAway;

    @GuardedBy("this")
    private long era = -1;

    @GuardedBy("this")
    private long acknowledgedUse;

    Trust(Rules rules) {
        this.rules = rules;
    }

    /** A session that begins here. */
    synchronized void born(Epoch with, boolean bornConfirmed) {
        epoch = with;
        confirmed = bornConfirmed;
        wasConfirmed = bornConfirmed;
    }

    /** The epoch that a new session is born with stands in one answer only. */
    public synchronized boolean takeBorn() {
        boolean first = !bornTaken;
        bornTaken = true;
        return first;
    }

    /** Rule 1 for a copy that serves. */
    synchronized boolean covers(
            @Nullable Epoch presented,
            boolean roaming,
            int shard,
            int maxInactiveSeconds,
            InvalidationLog log,
            long now) {
        return presented != null
                && presented.equals(epoch)
                && rules.mayTrust(confirmed, roaming)
                && !isStale()
                && rules.isUseRecent(now - acknowledgedUse, maxInactiveSeconds)
                && log.fresh(shard, era);
    }

    /**
     * Where the store does not answer, or refuses: whether the browser's last answer was this copy's, by all that this
     * node knows.
     */
    public synchronized boolean coversWithoutStore(@Nullable Epoch presented) {
        return rules.mayServeWithoutStore(presented, epoch, wasConfirmed) && !isStale();
    }

    /**
     * For a copy that takes the place of one: its browser was served by that one last, and may read here what was
     * saved.
     */
    public synchronized void servesTheSame() {
        wasConfirmed = true;
    }

    /** Whether {@link #coversWithoutStore} is not to be refused for want of a confirmed epoch. */
    public synchronized boolean wasConfirmed() {
        return wasConfirmed;
    }

    /** Ticker time of the newest use that the store knows of. */
    public synchronized long acknowledgedUse() {
        return acknowledgedUse;
    }

    /**
     * Before a call is sent. Sequences of a log that was interrupted say nothing about the one that follows: it may
     * have gone back.
     */
    public synchronized void sending(InvalidationLog.Sent sent) {
        if (era != sent.era()) {
            loadedSequence = 0;
            heardSequence = 0;
        }
        sequencesOf = sent.era();
    }

    /** After a reply that read or wrote the state of this copy. */
    public synchronized void acknowledged(Epoch newEpoch, boolean isConfirmed, long inEra, long sequence, long use) {
        wasConfirmed = isConfirmed || (wasConfirmed && newEpoch.equals(epoch));
        epoch = newEpoch;
        confirmed = isConfirmed;
        era = inEra;
        movedAway = false;
        loadedSequence = Math.max(loadedSequence, sequence);
        acknowledgedUse = Math.max(acknowledgedUse, use);
    }

    public synchronized void touched(long use) {
        acknowledgedUse = Math.max(acknowledgedUse, use);
    }

    public synchronized boolean needsTouch(long use) {
        return acknowledgedUse < use;
    }

    /**
     * An entry of the ended log says that the epoch moved to another node, or that the session ended.
     *
     * @param inEra of the log when it was read
     * @return false if it is old news
     */
    public synchronized boolean heard(LogEntry entry, long inEra) {
        if (sequencesOf == inEra && !rules.isNews(entry.sequence(), loadedSequence)) {
            return false;
        }
        heardSequence = Math.max(heardSequence, entry.sequence());
        movedAway = true;
        return true;
    }

    /** The same for a copy that takes the place of one of which it was heard. */
    public synchronized void movedAway() {
        movedAway = true;
    }

    /** Whether another node has taken the session over or ended it since this copy was last equal to the store. */
    public synchronized boolean isStale() {
        return movedAway || rules.isNews(heardSequence, loadedSequence);
    }

    /** Whether the log was interrupted since the last call. */
    synchronized boolean mustMove(long eraNow) {
        return rules.mustMove(era, eraNow);
    }

    public synchronized @Nullable Epoch epoch() {
        return epoch;
    }

    public synchronized boolean isConfirmed() {
        return confirmed;
    }
}
