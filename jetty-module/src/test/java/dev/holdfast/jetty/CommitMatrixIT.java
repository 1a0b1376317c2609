package dev.holdfast.jetty;

import dev.holdfast.testing.CommitMatrixContract;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.JettyProcess;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.NodePool;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
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

/** Jettys of both environments are killed; a Tomcat goes on, or a Jetty of the other environment. */
@ParameterizedClass(name = "{0}")
@EnumSource(CommitMatrixIT.Pair.class)
@ExtendWith(LogScan.class)
class CommitMatrixIT extends CommitMatrixContract {
    private static final int SPARE_NODES = 3;

    private static RedisProcess redis;
    private static Path application;
    private static NodePool pool;
    private static ContainerProcess reader;

    private final Pair pair;

    enum Pair {
        EE10_TO_TOMCAT("ee10"),
        EE11_TO_EE10("ee11");

        private final String killed;

        Pair(String killed) {
            this.killed = killed;
        }
    }

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
        pool = new NodePool(Stream.iterate(1, number -> number + 1)
                .limit(SPARE_NODES)
                .map(number -> (Supplier<ContainerProcess>) jetty(pair.killed, "n" + number)::prepare)
                .toList());
        reader = switch (pair) {
            case EE10_TO_TOMCAT ->
                TomcatProcess.node(TomcatDistribution.TOMCAT_11, "other")
                        .library(CommitWays.jarOf("tomcat-valve"))
                        .application(CommitWays.APP, application)
                        .property("holdfast.node", "other")
                        .property("holdfast.redis", redis.uri().toString())
                        .property("holdfast.timeout", "10s")
                        .start();
            case EE11_TO_EE10 -> jetty("ee10", "other").start();
        };
    }

    private static JettyProcess.Builder jetty(String environment, String name) {
        return JettyProcess.node(name)
                .application(CommitWays.APP, application, environment)
                .property("holdfast.node", name)
                .property("holdfast.redis", redis.uri().toString())
                // The machine is busy, and this is no test of the deadline.
                .property("holdfast.timeout", "10s");
    }

    @AfterParameterizedClassInvocation
    static void stopNodes(Pair pair) {
        System.out.println("Ways of committing on Jetty, " + pair + ", killed with SIGKILL: " + done());
        pool.close();
        reader.close();
    }

    @Override
    protected NodePool pool() {
        return pool;
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
