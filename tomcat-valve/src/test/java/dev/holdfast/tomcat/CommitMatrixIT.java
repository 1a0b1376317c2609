package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.CommitMatrixContract;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import dev.holdfast.testing.Victims;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A Tomcat 10.1 is killed, for most ways cut off from Redis, and a Tomcat 11 goes on; a Tomcat 11 is cut off, and a
 * Tomcat 10.1 goes on.
 */
@ParameterizedClass(name = "work of {0} ends")
@EnumSource(TomcatDistribution.class)
@ExtendWith(LogScan.class)
class CommitMatrixIT extends CommitMatrixContract {
    private static RedisProcess redis;
    private static Path application;
    private static Victims victims;
    private static TomcatProcess reader;

    CommitMatrixIT(TomcatDistribution ended) {
        assertThat(reader.distribution()).isNotEqualTo(ended);
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
    static void startNodes(TomcatDistribution ended) {
        victims = startVictims(
                ended == TomcatDistribution.TOMCAT_10_1,
                redis,
                (name, uri) -> node(ended, name, uri).prepare());
        reader = node(other(ended), "other", redis.uri()).start();
    }

    @AfterParameterizedClassInvocation
    static void stopNodes(TomcatDistribution ended) {
        System.out.println("Ways of committing on " + ended.title() + ", " + victims + " and read on "
                + other(ended).title() + ": " + done());
        victims.close();
        reader.close();
    }

    private static TomcatDistribution other(TomcatDistribution ended) {
        return ended == TomcatDistribution.TOMCAT_11 ? TomcatDistribution.TOMCAT_10_1 : TomcatDistribution.TOMCAT_11;
    }

    private static TomcatProcess.Builder node(TomcatDistribution distribution, String name, URI uri) {
        return TomcatProcess.node(distribution, name)
                .library(CommitWays.jar())
                .application(CommitWays.APP, application)
                .property("holdfast.node", name)
                .property("holdfast.redis", uri.toString())
                // The machine is busy, and this is no test of the deadline.
                .property("holdfast.timeout", "5s");
    }

    @Override
    protected Victims victims() {
        return victims;
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
