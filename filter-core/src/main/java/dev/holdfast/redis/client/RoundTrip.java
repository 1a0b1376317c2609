package dev.holdfast.redis.client;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.WaitBudget;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What goes to Redis at once, about which slots, and in which time: the same for each attempt. Says it in words where
 * there is no answer.
 *
 * @param slots that one primary has; the first stands for all
 * @param end of its time, by {@link OwnTime}
 * @param budget for messages, and whether a request waits
 * @param began when, by {@link OwnTime}
 * @param stoodBefore for how long this process had stood still by then, in nanoseconds
 */
record RoundTrip(Pipeline pipeline, List<Integer> slots, long end, WaitBudget budget, long began, long stoodBefore) {
    /** A pause of this process that is worth a word. */
    private static final long STOOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    RoundTrip(Pipeline pipeline, List<Integer> slots, long end, WaitBudget budget) {
        this(pipeline, slots, end, budget, OwnTime.now(), OwnTime.stood());
    }

    int slot() {
        return slots.get(0);
    }

    /** One of the keys that it is about; null if it is about none. */
    @Nullable
    String key() {
        List<String> keys = pipeline.calls().get(0).keys();
        return keys.isEmpty() ? null : keys.get(0);
    }

    /** When the whole wait began that this is a part of, so that who waited for all of it saw all of the silence. */
    long waitBegan() {
        return Math.min(began, end - budget.remainingNanos());
    }

    /** Of its time, in nanoseconds. */
    long half() {
        return (end - began) / 2;
    }

    /** @param unknown whether an attempt has an unknown outcome, or was applied in part, here and below */
    StoreUnavailableException away(RedisNode node, boolean unknown) {
        return new StoreUnavailableException(
                "Cannot " + pipeline.what() + ": Redis " + node + " was not asked, it has been away for "
                        + node.gate().awayMillis()
                        + "ms. "
                        + mayBeApplied(unknown)
                        + "HF-402: The log says what it did, by the code HF-105.",
                unknown,
                Reason.AWAY,
                null);
    }

    StoreUnavailableException tooMany(RedisNode node, boolean unknown) {
        return new StoreUnavailableException(
                "Cannot " + pipeline.what() + ": Redis " + node
                        + " says nothing, and as many requests as may wait for it do. "
                        + mayBeApplied(unknown)
                        + "HF-453: See HF-131; nothing is to be done here.",
                unknown,
                Reason.CROWDED,
                null);
    }

    /**
     * @param last what became of its last attempt
     * @param number of attempts
     * @param earlier what was heard before, and of whom, if it tells more than the last attempt
     */
    StoreUnavailableException unanswered(
            RedisNode node,
            AttemptResult last,
            int number,
            @Nullable EarlierFailure earlier,
            boolean unknown,
            Reason reason) {
        ConnectionFailure problem = last.problem();
        return new StoreUnavailableException(
                "Cannot " + pipeline.what() + ": Redis " + node + " "
                        + problem.what() + " (attempt " + number + ", "
                        + node.pool().busy() + " of " + ConnectionPool.SIZE + " connections busy, budget "
                        + budget.whole().toMillis() + "ms). "
                        + (earlier == null ? "" : earlier.behind(node))
                        + mayBeApplied(unknown)
                        + standing(OwnTime.stood() - stoodBefore)
                        + (earlier == null ? problem : earlier.failure()).remedy(),
                unknown,
                reason,
                last.cause());
    }

    private static String mayBeApplied(boolean unknown) {
        return unknown ? "It may or may not be applied. " : "";
    }

    private static String standing(long nanos) {
        return nanos < STOOD_NANOS
                ? ""
                : "This node itself stood still for " + TimeUnit.NANOSECONDS.toMillis(nanos)
                        + "ms meanwhile, which was not counted. "
                        + "HF-454: See its garbage collection and its share of the processor before you look at"
                        + " Redis. ";
    }
}
