package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.CommitRefusedContract;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** On both versions of Tomcat. */
@ParameterizedClass(name = "{0}")
@EnumSource(TomcatDistribution.class)
@ExtendWith(LogScan.class)
class CommitRefusedIT extends CommitRefusedContract {
    private static RedisProcess redis;
    private static TomcatProcess node;

    CommitRefusedIT(TomcatDistribution distribution) {
        assertThat(node.distribution()).isEqualTo(distribution);
    }

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeParameterizedClassInvocation
    static void startNode(TomcatDistribution distribution) {
        node = TomcatProcess.node(distribution, "n1")
                .library(CommitWays.jar())
                .application(CommitWays.APP, CommitWays.application())
                .property("holdfast.node", "n1")
                .property("holdfast.redis", redis.uri().toString())
                .property("holdfast.timeout", "2s")
                .property("holdfast.outage", "refuse")
                .start();
    }

    @AfterParameterizedClassInvocation
    static void stopNode() {
        node.close();
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
        return 8 * 1024;
    }
}
