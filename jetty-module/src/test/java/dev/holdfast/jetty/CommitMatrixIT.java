package dev.holdfast.jetty;

import dev.holdfast.testing.CommitMatrixContract;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.CutOffVictim;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.JettyProcess;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.NodePool;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import dev.holdfast.testing.Victim;
import java.net.URI;
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

/**
 * A Jetty with ee10 is killed, for some ways cut off from Redis, and a Tomcat goes on; a Jetty with ee11 is cut off,
 * and one with ee10 goes on.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(CommitMatrixIT.Pair.class)
@ExtendWith(LogScan.class)
class CommitMatrixIT extends CommitMatrixContract {
    private static final int SPARE_NODES = 3;

    private static RedisProcess redis;
    private static Path application;
    private static NodePool killed;
    private static CutOffVictim cutOff;
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
                startVictims(pair, "ee10");
                reader = TomcatProcess.node(TomcatDistribution.TOMCAT_11, "other")
                        .library(CommitWays.jarOf("tomcat-valve"))
                        .application(CommitWays.APP, application)
                        .property("holdfast.node", "other")
                        .property("holdfast.redis", redis.uri().toString())
                        .property("holdfast.timeout", "5s")
                        .start();
            }
            case EE11_ENDS_AND_EE10_GOES_ON -> {
                startVictims(pair, "ee11");
                reader = jetty("ee10", "other", redis.uri()).start();
            }
        }
    }

    private static void startVictims(Pair pair, String environment) {
        if (ALL_ARE_KILLED || pair == Pair.EE10_ENDS_AND_TOMCAT_GOES_ON) {
            killed = new NodePool(Stream.iterate(1, number -> number + 1)
                    .limit(SPARE_NODES)
                    .map(number -> (Supplier<ContainerProcess>) jetty(environment, "n" + number, redis.uri())::prepare)
                    .toList());
        }
        if (!ALL_ARE_KILLED) {
            cutOff = new CutOffVictim(
                    redis, uri -> jetty(environment, "cut-off", uri).start());
        }
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
    static void stopNodes(Pair pair) throws Exception {
        String how = cutOff == null ? "killed" : killed == null ? "cut off from Redis" : "killed or cut off from Redis";
        System.out.println("Ways of committing on Jetty, " + pair + ", " + how + ": " + done());
        if (killed != null) {
            killed.close();
            killed = null;
        }
        if (cutOff != null) {
            cutOff.close();
            cutOff = null;
        }
        reader.close();
    }

    @Override
    protected Victim victim(boolean differs) {
        boolean kills = killed != null && (differs || cutOff == null);
        return kills ? Victim.killed(killed) : cutOff;
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
