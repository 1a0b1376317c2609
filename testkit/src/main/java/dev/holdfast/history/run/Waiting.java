package dev.holdfast.history.run;

import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import redis.clients.jedis.Jedis;

/** What a course of events waits for. */
public final class Waiting {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration MARGIN = Duration.ofSeconds(30);

    private Waiting() {}

    /** Lets that time go by, in which others are at work. */
    public static void pass(Duration time) {
        await().pollDelay(time).atMost(time.plus(MARGIN)).until(() -> true);
    }

    /** Until Redis itself answers, however its nodes reach it. */
    public static void untilAnswers(RedisProcess redis) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(2))
                .ignoreExceptions()
                .until(() -> redis.ask(Jedis::ping).equals("PONG"));
    }
}
