package dev.holdfast.redis.client;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One round trip that waits for a primary, for as long as it does. Heard by its own thread, looked at by others. */
final class Waiter {
    /**
     * So long a reply has been coming before it is known to be none of those that say that nobody can be served: they
     * come at once.
     */
    private static final long LONG_REPLY = 20_000_000L;

    private static final long NOTHING = Long.MIN_VALUE;

    private final OutageGate gate;
    private final long number;
    private final boolean background;
    private final int slot;
    private final @Nullable String key;

    private volatile long firstHeard = NOTHING;
    private volatile long lastHeard = NOTHING;

    /** Used by its own thread alone. */
    private BooleanSupplier answeredMeanwhile = () -> false;

    /**
     * @param number later ones have larger ones
     * @param background true if no request waits for it
     * @param key one of those that it is about; null if it is about none
     */
    Waiter(OutageGate gate, long number, boolean background, int slot, @Nullable String key) {
        this.gate = gate;
        this.number = number;
        this.background = background;
        this.slot = slot;
        this.key = key;
    }

    /** Some of a reply has come. */
    void heard(long now) {
        if (firstHeard == NOTHING) {
            firstHeard = now;
        }
        lastHeard = now;
    }

    /** What was heard says that nobody can be served, and is no sign of life. */
    void heardNothingOfUse() {
        firstHeard = NOTHING;
        lastHeard = NOTHING;
    }

    /** When something of a reply came that may be of use; {@link Long#MIN_VALUE} if none did. */
    long lastHeard() {
        return lastHeard;
    }

    /** The same, if it is sure by now that it is of use. */
    long surelyHeard(long now) {
        long first = firstHeard;
        return first != NOTHING && now - first > LONG_REPLY ? lastHeard : NOTHING;
    }

    /**
     * @param meanwhile whether what was waited for before has come after all, so that there is no need to wait for what
     *     is now
     */
    void alsoListens(BooleanSupplier meanwhile) {
        answeredMeanwhile = meanwhile;
    }

    /**
     * Whether there is nothing to wait for now: it is to give up, or has been answered on another connection. To be
     * asked by its own thread.
     */
    boolean waitsInVain() {
        return mustLeave() || answeredMeanwhile.getAsBoolean();
    }

    /** Whether it is to give up, because the primary is away, or because too many wait for one that says nothing. */
    boolean mustLeave() {
        return gate.isAway() || isOneTooMany();
    }

    boolean isOneTooMany() {
        return !background && number > gate.lastToStay();
    }

    long number() {
        return number;
    }

    boolean isBackground() {
        return background;
    }

    int slot() {
        return slot;
    }

    @Nullable
    String key() {
        return key;
    }
}
