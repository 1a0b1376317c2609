package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.CommitMatrixContract;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.NodePool;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import dev.holdfast.testing.Victim;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** On both versions of Tomcat, each read on the other. */
@ParameterizedClass(name = "{0} is killed")
@EnumSource(TomcatDistribution.class)
@ExtendWith(LogScan.class)
class CommitMatrixIT extends CommitMatrixContract {
    private static final int SPARE_NODES = 3;

    private static RedisProcess redis;
    private static Path application;
    private static NodePool pool;
    private static TomcatProcess reader;

    CommitMatrixIT(TomcatDistribution killed) {
        assertThat(reader.distribution()).isNotEqualTo(killed);
    }

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
        application = CommitWays.application();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeParameterizedClassInvocation
    static void startNodes(TomcatDistribution killed) {
        pool = new NodePool(Stream.iterate(1, number -> number + 1)
                .limit(SPARE_NODES)
                .map(number -> (Supplier<ContainerProcess>) node(killed, "n" + number)::prepare)
                .toList());
        reader = node(other(killed), "other").start();
    }

    @AfterParameterizedClassInvocation
    static void stopNodes(TomcatDistribution killed) {
        System.out.println("Ways of committing on " + killed.title() + ", killed with SIGKILL and read on "
                + other(killed).title() + ": " + done());
        pool.close();
        reader.close();
    }

    private static TomcatDistribution other(TomcatDistribution killed) {
        return killed == TomcatDistribution.TOMCAT_11 ? TomcatDistribution.TOMCAT_10_1 : TomcatDistribution.TOMCAT_11;
    }

    private static TomcatProcess.Builder node(TomcatDistribution distribution, String name) {
        return TomcatProcess.node(distribution, name)
                .library(CommitWays.jar())
                .application(CommitWays.APP, application)
                .property("holdfast.node", name)
                .property("holdfast.redis", redis.uri().toString())
                // The machine is busy, and this is no test of the deadline.
                .property("holdfast.timeout", "5s");
    }

    @Override
    protected Victim victim() {
        return Victim.killed(pool);
    }

    @Override
    protected HttpNode reader() {
        return reader;
    }

    @Override
    protected int loginPageStatus() {
        return 200;
    }

    @Override
    protected String resumedMethod() {
        return "POST";
    }
}
