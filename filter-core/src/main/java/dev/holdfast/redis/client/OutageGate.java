package dev.holdfast.redis.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether a primary is away, and who may wait for it. Each round trip enters before it waits and leaves behind its last
 * attempt. Safe for use by many threads.
 *
 * <p>It is away when nothing of use came from it, on any connection, for the whole of {@code holdfast.timeout} in which
 * somebody waited; it is back with the first answer. Slow answers, many requests and busy connections are no silence.
 * Where answers come, but too late for those who wait, it takes twice as long.
 *
 * <p><b>Implementation note.</b> Invariant: {@link #silent} is what was waited in silence before {@link #since}, and
 * while somebody waits, all time since then is. Anything of use sets it to zero; times in which nobody waits are left
 * out. An answer that says that nobody can be served (LOADING and the like) is of no use, so the bytes of an answer
 * count when it is known not to be one. The clock stands still while this process does. Proved by {@code
 * OutageGateTest}.
 */
final class OutageGate {
    /** Once nothing was answered for so long, at most half of the container's threads wait. */
    static final long CROWDED = TimeUnit.MILLISECONDS.toNanos(250);

    private static final int NEARLY = 20;

    private final OutageMessages messages;
    private final long timeout;
    private final LongSupplier clock;
    private final IntSupplier requestThreads;
    private final Runnable onAway;
    private final Runnable onBack;

    @GuardedBy("this")
    private final Set<Waiter> waiting = new LinkedHashSet<>();

    @GuardedBy("this")
    private long entered;

    @GuardedBy("this")
    private long silent;

    @GuardedBy("this")
    private long since;
    /** For how long beyond the timeout it may say nothing: answers come, and too late. */
    @GuardedBy("this")
    private long longer;

    @GuardedBy("this")
    private long lateAt;

    @GuardedBy("this")
    private long answeredAt;

    @GuardedBy("this")
    private String problem = "said nothing";

    @GuardedBy("this")
    private @Nullable Waiter lastAsking;

    // Written under the monitor, read without.
    private volatile boolean away;
    private volatile long awaySince;
    private volatile long silence;
    private volatile long lastToStay = Long.MAX_VALUE;

    /**
     * @param redis its text names it in messages
     * @param timeout of silence in nanoseconds, until it is away
     * @param clock stands still while this process does
     * @param requestThreads of the container
     * @param onAway looks for it until {@link #answered}; must be quick
     * @param onBack runs when it was away and has answered; must be quick, and throw nothing
     */
    OutageGate(
            Object redis,
            long timeout,
            LongSupplier clock,
            IntSupplier requestThreads,
            Runnable onAway,
            Runnable onBack) {
        this.messages = new OutageMessages(redis);
        this.timeout = timeout;
        this.clock = clock;
        this.requestThreads = requestThreads;
        this.onAway = onAway;
        this.onBack = onBack;
    }

    /**
     * Begins to wait.
     *
     * @param began when the round trip began, by the clock
     * @return null if it must not: the primary is away, or too many wait for it
     */
    synchronized @Nullable Waiter enter(long began, boolean background, int slot, @Nullable String key) {
        if (away) {
            messages.countHeldBack();
            return null;
        }
        long now = clock.getAsLong();
        if (waiting.isEmpty()) {
            since = Math.max(since, began);
            answeredAt = Math.max(answeredAt, began);
            if (now - lateAt > 2 * timeout) {
                longer = 0; // that was long ago
            }
        } else if (!background && isSilent(now) && crowd() >= mayWait()) {
            return null;
        }
        Waiter waiter = new Waiter(this, ++entered, background, slot, key);
        waiting.add(waiter);
        lastAsking = waiter;
        return waiter;
    }

    /** It was answered, whatever was said. */
    void answered(Waiter waiter) {
        leave(waiter, "", true);
        answered();
    }

    /** Something of use came from the primary, to whomever. */
    void answered() {
        boolean back;
        long millis;
        synchronized (this) {
            long now = clock.getAsLong();
            silent = 0;
            longer = 0;
            since = now;
            answeredAt = now;
            lastToStay = Long.MAX_VALUE;
            back = away;
            millis = awayMillis();
            away = false;
        }
        messages.answered();
        if (back) {
            messages.back(millis);
            onBack.run();
        }
    }

    /**
     * A connection that was given up has been answered after all: it is not away, and still answers nobody in time. The
     * next answer may be as late, so a silence begins only when that is over, too. One that is away is back when it
     * answers in time.
     */
    synchronized void heardLate() {
        if (!away) {
            silent = 0;
            longer = timeout;
            lateAt = clock.getAsLong();
            since = Math.max(since, clock.getAsLong());
        }
    }

    /**
     * It was not answered.
     *
     * @param what the primary did, as the end of a sentence that begins with its name; empty if it was not asked
     */
    void unanswered(Waiter waiter, String what) {
        leave(waiter, what, false);
    }

    private synchronized void leave(Waiter waiter, String what, boolean answered) {
        if (!waiting.contains(waiter)) {
            return;
        }
        long now = clock.getAsLong();
        if (!what.isEmpty()) {
            problem = what;
        }
        try {
            if (!answered && waiter.lastHeard() > since) {
                silent = 0;
                since = waiter.lastHeard();
            }
            if (!answered) {
                look(now);
            }
        } finally {
            waiting.remove(waiter);
            if (waiting.isEmpty()) {
                silent += Math.max(0, now - since);
                since = Math.max(since, now);
                lastToStay = Long.MAX_VALUE;
            }
        }
    }

    /** To be called every now and then, and before anybody is told that it is not away. */
    synchronized void look() {
        look(clock.getAsLong());
    }

    @GuardedBy("this")
    private void look(long now) {
        if (waiting.isEmpty() || away) {
            return;
        }
        long heard = surelyHeard(now);
        if (heard > since) {
            silent = 0;
            since = heard;
        }
        if (silent + now - since >= timeout + longer) {
            away = true;
            awaySince = now;
            silence = silent + now - since;
            messages.beginsAway();
            boolean looksForIt = false;
            try {
                onAway.run();
                looksForIt = true;
            } finally {
                away = looksForIt; // nobody else finds out that it is back; it is tried again at the next look
            }
            return;
        }
        lastToStay = lastThatMayStay(now);
    }

    /** Of more than may wait, those who came last leave: who came first has the best chance to be answered in time. */
    @GuardedBy("this")
    private long lastThatMayStay(long now) {
        int most = mayWait();
        if (waiting.size() > most && isSilent(now)) {
            int stay = 0;
            for (Waiter waiter : waiting) {
                if (!waiter.isBackground() && ++stay == most) {
                    return waiter.number();
                }
            }
        }
        return Long.MAX_VALUE;
    }

    @GuardedBy("this")
    private boolean isSilent(long now) {
        return now - answeredAt >= CROWDED && now - surelyHeard(now) >= CROWDED;
    }

    @GuardedBy("this")
    private long surelyHeard(long now) {
        long heard = now - Long.MAX_VALUE / 2; // long ago
        for (Waiter waiter : waiting) {
            heard = Math.max(heard, waiter.surelyHeard(now));
        }
        return heard;
    }

    @GuardedBy("this")
    private int crowd() {
        int requests = 0;
        for (Waiter waiter : waiting) {
            requests += waiter.isBackground() ? 0 : 1;
        }
        return requests;
    }

    /** How many requests may wait for it at a time once it says nothing. */
    int mayWait() {
        return Math.max(1, requestThreads.getAsInt() / 2);
    }

    /** A request that would wait, or waits, is one too many. */
    void sayTooMany() {
        messages.tooMany(CROWDED, mayWait());
    }

    /** How many requests were not let wait since the start. */
    long tooMany() {
        return messages.tooMany();
    }

    /**
     * How long it would have to go on saying nothing to be away, in nanoseconds; 0 if that is not soon, or it is away.
     * Who waited for nearly all of it, because a little of its time was spent before, is told the truth by waiting for
     * the rest.
     */
    synchronized long nearlyAway() {
        long now = clock.getAsLong();
        if (waiting.isEmpty() || away) {
            return 0;
        }
        long left = timeout + longer - silent - now + Math.max(since, surelyHeard(now));
        return left > 0 && left <= timeout / NEARLY ? left : 0;
    }

    /** Whether nobody was answered for a while. */
    synchronized boolean isSilent() {
        return isSilent(clock.getAsLong());
    }

    /** The number of the last waiter that may stay. */
    long lastToStay() {
        return lastToStay;
    }

    /** Whether it is taken for away. */
    boolean isAway() {
        return away;
    }

    /** How long it has been taken for away, in milliseconds; 0 if it is not. */
    synchronized long awayMillis() {
        return away ? TimeUnit.NANOSECONDS.toMillis(clock.getAsLong() - awaySince) : 0;
    }

    /** What somebody asked when it was found to be away. */
    synchronized @Nullable Waiter lastAsking() {
        return lastAsking;
    }

    /** Says that it is away; not where the clock would have to wait for the log. */
    void sayAway(long apartMillis) {
        String what;
        synchronized (this) {
            what = problem;
        }
        messages.away(silence, what, apartMillis);
    }
}
