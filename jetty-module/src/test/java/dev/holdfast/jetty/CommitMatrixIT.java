package dev.holdfast.jetty;

import dev.holdfast.testing.CommitMatrixContract;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.JettyProcess;
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
 * A Jetty with ee10 is killed, for most ways cut off from Redis, and a Tomcat goes on; a Jetty with ee11 is cut off,
 * and one with ee10 goes on.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(CommitMatrixIT.Pair.class)
@ExtendWith(LogScan.class)
class CommitMatrixIT extends CommitMatrixContract {
    private static RedisProcess redis;
    private static Path application;
    private static Victims victims;
    private static ContainerProcess reader;

    enum Pair {
        EE10_ENDS_AND_TOMCAT_GOES_ON,
        EE11_ENDS_AND_EE10_GOES_ON
    }

    private final Pair pair;

    CommitMatrixIT(Pair pair) {
        this.pair = pair;
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
    static void startNodes(Pair pair) {
        switch (pair) {
            case EE10_ENDS_AND_TOMCAT_GOES_ON -> {
                startKind(pair, "ee10");
                reader = TomcatProcess.node(TomcatDistribution.TOMCAT_11, "other")
                        .library(CommitWays.jarOf("tomcat-valve"))
                        .application(CommitWays.APP, application)
                        .property("holdfast.node", "other")
                        .property("holdfast.redis", redis.uri().toString())
                        .property("holdfast.timeout", "5s")
                        .start();
            }
            case EE11_ENDS_AND_EE10_GOES_ON -> {
                startKind(pair, "ee11");
                reader = jetty("ee10", "other", redis.uri()).start();
            }
        }
    }

    private static void startKind(Pair pair, String environment) {
        victims = startVictims(
                pair == Pair.EE10_ENDS_AND_TOMCAT_GOES_ON,
                redis,
                (name, uri) -> jetty(environment, name, uri).prepare());
    }

    private static JettyProcess.Builder jetty(String environment, String name, URI uri) {
        return JettyProcess.node(name)
                .application(CommitWays.APP, application, environment)
                .property("holdfast.node", name)
                .property("holdfast.redis", uri.toString())
                // The machine is busy, and this is no test of the deadline.
                .property("holdfast.timeout", "5s");
    }

    @AfterParameterizedClassInvocation
    static void stopNodes(Pair pair) {
        System.out.println("Ways of committing on Jetty, " + pair + ", " + victims + ": " + done());
        victims.close();
        reader.close();
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
        return 303;
    }

    /** Jetty restores the parameters of a POST, but not its method. */
    @Override
    protected String resumedMethod() {
        return reader instanceof TomcatProcess ? "POST" : "GET";
    }

    @Override
    public String toString() {
        return "CommitMatrixIT " + pair;
    }
}
