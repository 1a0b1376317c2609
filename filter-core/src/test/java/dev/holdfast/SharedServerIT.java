package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Source;
import dev.holdfast.session.Membership;
import dev.holdfast.testing.RedisProcess;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the applications of one server have in common, and what not. */
class SharedServerIT {
    private static final String NODES = "{hf:shop:nodes}";

    /** It does not remember what the one before had ended: other nodes must not take it for that one when Redis has lost data. */
    @Test
    void applicationThatIsDeployedAnewIsAnotherNode() {
        try (RedisProcess redis = RedisProcess.start()) {
            HoldfastConfig config = HoldfastConfig.read(
                    List.of(Source.contextParams(
                            "web.xml of /shop",
                            Map.of("holdfast.redis", redis.uri().toString()))),
                    "/shop");
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
}
