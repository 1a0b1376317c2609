package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.CommitMatrixContract;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.CutOffVictim;
import dev.holdfast.testing.HttpNode;
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

/** A Tomcat 10.1 is killed, and a Tomcat 11 goes on; a Tomcat 11 is cut off from Redis, and a Tomcat 10.1 goes on. */
@ParameterizedClass(name = "work of {0} ends")
@EnumSource(TomcatDistribution.class)
@ExtendWith(LogScan.class)
class CommitMatrixIT extends CommitMatrixContract {
    private static final int SPARE_NODES = 3;

    private static RedisProcess redis;
    private static Path application;
    private static AutoCloseable victims;
    private static Supplier<Victim> nextVictim;
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
        if (isKilled(ended)) {
            NodePool pool = new NodePool(Stream.iterate(1, number -> number + 1)
                    .limit(SPARE_NODES)
                    .map(number -> (Supplier<ContainerProcess>) node(ended, "n" + number, redis.uri())::prepare)
                    .toList());
            victims = pool;
            nextVictim = () -> Victim.killed(pool);
        } else {
            CutOffVictim one =
                    new CutOffVictim(redis, uri -> node(ended, "n1", uri).start());
            victims = one;
            nextVictim = () -> one;
        }
        reader = node(other(ended), "other", redis.uri()).start();
    }

    private static boolean isKilled(TomcatDistribution ended) {
        return ALL_ARE_KILLED || ended == TomcatDistribution.TOMCAT_10_1;
    }

    @AfterParameterizedClassInvocation
    static void stopNodes(TomcatDistribution ended) throws Exception {
        System.out.println("Ways of committing on " + ended.title() + ", "
                + (isKilled(ended) ? "killed with SIGKILL" : "cut off from Redis") + " and read on "
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
    protected Victim victim(boolean differs) {
        return nextVictim.get();
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
