package dev.holdfast.jetty;

import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CommitMatrixContract;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.FaultyLink;
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
 * A Jetty with ee10 is killed, and a Tomcat goes on; a Jetty with ee11 is cut off from Redis, and one with ee10 goes on.
 *
 * <p>To Redis, and to the node that goes on, the one is like the other. A Jetty takes longer to start again than all else in this test, so
 * only one of the environments is killed for each way.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(CommitMatrixIT.Pair.class)
@ExtendWith(LogScan.class)
class CommitMatrixIT extends CommitMatrixContract {
    private static final int SPARE_NODES = 3;

    private static RedisProcess redis;
    private static Path application;
    private static AutoCloseable victims;
    private static Supplier<Victim> nextVictim;
    private static ContainerProcess reader;

    enum Pair {
        EE10_IS_KILLED_AND_TOMCAT_GOES_ON,
        EE11_IS_CUT_OFF_AND_EE10_GOES_ON
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
            case EE10_IS_KILLED_AND_TOMCAT_GOES_ON -> {
                NodePool pool = new NodePool(Stream.iterate(1, number -> number + 1)
                        .limit(SPARE_NODES)
                        .map(number -> (Supplier<ContainerProcess>) jetty("ee10", "n" + number, redis.uri())::prepare)
                        .toList());
                victims = pool;
                nextVictim = () -> Victim.killed(pool);
                reader = TomcatProcess.node(TomcatDistribution.TOMCAT_11, "other")
                        .library(CommitWays.jarOf("tomcat-valve"))
                        .application(CommitWays.APP, application)
                        .property("holdfast.node", "other")
                        .property("holdfast.redis", redis.uri().toString())
                        .property("holdfast.timeout", "5s")
                        .start();
            }
            case EE11_IS_CUT_OFF_AND_EE10_GOES_ON -> {
                CutOff one = new CutOff(FaultyLink.to(redis.port()));
                victims = one;
                nextVictim = () -> one;
                reader = jetty("ee10", "other", redis.uri()).start();
            }
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

    /** Lives on, but nothing that it sends arrives before somebody has looked at what it had done. */
    private static final class CutOff implements Victim, AutoCloseable {
        private final FaultyLink link;
        private final JettyProcess jetty;

        private CutOff(FaultyLink link) {
            this.link = link;
            this.jetty = jetty("ee11", "n1", link.uri()).start();
        }

        @Override
        public HttpNode node() {
            return jetty;
        }

        @Override
        public void endNow() {
            link.stall();
        }

        @Override
        public void awaitEnd() {
            // What has not passed by then is kept.
        }

        /** Waits until the node saves again: it may have found Redis away. */
        @Override
        public void revive() {
            link.heal();
            await().until(() -> {
                Browser browser = new Browser();
                Answer answer = browser.request(jetty, "GET", "/ways/ways/small")
                        .header("X-Value", "revived")
                        .send();
                return answer.status() == 200 && isSaved(browser.sessionId());
            });
        }

        private static boolean isSaved(String id) {
            String key = "{hf:" + CommitWays.APP + ":" + id.substring(0, 2) + "}:s:" + id;
            return redis.ask(jedis -> jedis.exists(key));
        }

        @Override
        public void close() {
            jetty.close();
            link.close();
        }
    }

    @AfterParameterizedClassInvocation
    static void stopNodes(Pair pair) throws Exception {
        System.out.println("Ways of committing on Jetty, " + pair + ": " + done());
        victims.close();
        reader.close();
    }

    @Override
    protected Victim victim() {
        return nextVictim.get();
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
