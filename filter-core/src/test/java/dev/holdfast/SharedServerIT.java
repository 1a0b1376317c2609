package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.config.Source;
import dev.holdfast.session.Membership;
import dev.holdfast.testing.RedisProcess;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the applications of one server have in common, and what not. */
class SharedServerIT {
    private static final String NODES = "{hf:shop:nodes}";

    @Test
    void heartbeatGoesOnBehindAnError() {
        try (RedisProcess redis = RedisProcess.start()) {
            SharedServer server = SharedServer.acquire(this, config(redis), "n1");
            try {
                AtomicInteger beats = new AtomicInteger();

                ScheduledFuture<?> heartbeat = server.everySecond(() -> {
                    if (beats.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                });

                await().until(() -> beats.get() >= 2);
                heartbeat.cancel(false);
            } finally {
                server.release();
            }
        }
    }

    /** It does not remember what the one before had ended: other nodes must not take it for that one when Redis has lost data. */
    @Test
    void applicationThatIsDeployedAnewIsAnotherNode() {
        try (RedisProcess redis = RedisProcess.start()) {
            HoldfastConfig config = config(redis);
            SharedServer server = SharedServer.acquire(this, config, "n1");
            try {
                Membership before = server.join(config, "host-1:8080");
                Set<String> first = redis.ask(jedis -> jedis.hkeys(NODES));
                server.leave(before);
                Membership after = server.join(config, "host-1:8080");
                Set<String> second = redis.ask(jedis -> jedis.hkeys(NODES));
                server.leave(after);

                assertThat(first).hasSize(1).allMatch(incarnation -> incarnation.matches("[A-Za-z0-9_-]{22}\\.1"));
                assertThat(second).hasSize(1).doesNotContainAnyElementsOf(first);
            } finally {
                server.release();
            }
        }
    }

    private static HoldfastConfig config(RedisProcess redis) {
        return HoldfastConfig.read(
                List.of(Source.contextParams(
                        "web.xml of /shop", Map.of("holdfast.redis", redis.uri().toString()))),
                "/shop");
    }
}
