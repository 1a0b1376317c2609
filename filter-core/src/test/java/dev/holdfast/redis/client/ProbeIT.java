package dev.holdfast.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How a primary that is away is looked for. */
class ProbeIT {
    /**
     * Somebody has heard of the successor meanwhile: the sentinel that named this one is not to be left for another.
     */
    @Test
    void whoNamedAPrimaryIsNotDoubtedBecauseItsSuccessorWasFound() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger doubts = new AtomicInteger();
        try (RedisProcess redis = RedisProcess.start()) {
            PrimaryLocator locator = new PrimaryLocator() {
                @Override
                public Location find(long deadline) {
                    asked.incrementAndGet();
                    return new Location(new Endpoint("127.0.0.1", redis.port()), 1);
                }

                @Override
                public boolean isFormer(Location location) {
                    return asked.get() <= 3;
                }

                @Override
                public void doubt() {
                    doubts.incrementAndGet();
                }

                @Override
                public boolean moves() {
                    return true;
                }
            };
            RedisNode node = RedisNode.of(
                    new Connector(Connector.Login.NONE, null),
                    locator,
                    new RedisNode.Manner(Duration.ofMillis(200), () -> 8, away -> {}, () -> {}));
            assertThat(node.gate().enter(OwnTime.now(), false, 0, "key")).isNotNull();
            await().until(() -> {
                node.gate().look();
                return node.gate().isAway();
            });

            Probe.start(new SingleTopology(node), node, Duration.ofSeconds(1).toNanos());

            await().until(() -> !node.gate().isAway());
            assertThat(asked.get()).isGreaterThan(3);
            assertThat(doubts).hasValue(0);
            node.pool().close();
        }
    }
}
