package dev.holdfast.jetty;

import dev.holdfast.testing.CommitRefusedContract;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On embedded Jetty. */
class CommitRefusedIT extends CommitRefusedContract {
    private static RedisProcess redis;
    private static EmbeddedWebapp node;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        node = new EmbeddedWebapp(
                "n1",
                redis.uri(),
                "/" + CommitWays.APP,
                CommitWays.application(),
                Map.of("holdfast.timeout", "2s", "holdfast.outage", "refuse"));
    }

    @AfterAll
    static void stop() {
        node.close();
        redis.close();
    }

    @Override
    protected RedisProcess redis() {
        return redis;
    }

    @Override
    protected HttpNode node() {
        return node;
    }

    @Override
    protected int ownBuffer() {
        return 32 * 1024;
    }
}
