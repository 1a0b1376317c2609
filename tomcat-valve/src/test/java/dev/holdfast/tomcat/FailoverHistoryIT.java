package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.run.Cluster;
import dev.holdfast.history.run.HistoryContract;
import dev.holdfast.history.run.HistoryRun;
import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.Pace;
import dev.holdfast.history.run.Plan;
import dev.holdfast.history.run.Report;
import dev.holdfast.redis.RedisAudit;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.Opened;
import dev.holdfast.testing.RedisClusterProcess;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.ReplicatedRedis;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two real nodes with browsers at work while the primary of their Redis is lost together with writes that no replica
 * has, and a judge of what the browsers saw: with {@code holdfast.durability=replicas:1} nothing that was acknowledged
 * is missing.
 *
 * <p>{@code -Dfailover.durability=memory} shows what goes without it, {@code -Dfailover.seconds=300} takes longer.
 */
@ExtendWith(LogScan.class)
class FailoverHistoryIT {
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("failover.seconds", 18));
    private static final String DURABILITY = System.getProperty("failover.durability", "replicas:1");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int BROWSERS = 3;

    /** Bytes of some dozen changes. */
    private static final long MUCH = 40_000;

    @RegisterExtension
    final Opened opened = new Opened();

    @Test
    void nothingAcknowledgedGoesWithAPrimaryThatSentinelsReplace() {
        ReplicatedRedis redis = opened.keep(ReplicatedRedis.start());
        RedisProcess primary = redis.primary();

        Report report = runWith(redis.address(), () -> {
            awaitWrites(primary);
            primary.cutOffReplicas();
            awaitWrites(primary);
            primary.kill();
            await().atMost(PATIENCE).until(() -> redis.primary() != primary);
        });

        judge(report);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(redis.primary().ask(RedisAudit::of)).isEmpty());
    }

    @Test
    void nothingAcknowledgedGoesWithAPrimaryOfAClusterNorWithSlotsThatMove() {
        RedisClusterProcess cluster = opened.keep(RedisClusterProcess.start());
        cluster.grantDocumented();
        RedisProcess killed = cluster.nodes().get(0);
        List<String> tags = ShardTags.of(Cluster.STICKY);

        Report report = runWith(cluster.address(), () -> {
            awaitWrites(killed);
            tags.forEach(tag -> cluster.move(tag, cluster.otherThanOwnerOf(tag)));
            awaitWrites(killed);
            List<String> its =
                    tags.stream().filter(tag -> cluster.ownerOf(tag) == killed).toList();
            killed.kill();
            // Started before its replica has taken over, it would have its slots back, and nothing in them.
            await().atMost(PATIENCE).until(() -> its.stream().noneMatch(tag -> cluster.ownerOf(tag) == killed));
            // The new primary has no replica until the old one comes back, so nothing is acknowledged there.
            killed.restart();
            cluster.awaitWhole();
        });

        judge(report);
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(cluster.askPrimaries(RedisAudit::of)).allMatch(List::isEmpty));
    }

    // ---- what the tests are written with ----

    private Report runWith(String address, Runnable fault) {
        Path sticky = HistorySite.application("cookie", "");
        Path roaming = HistorySite.application("none", "");
        List<ContainerProcess> nodes = List.of(
                node(TomcatDistribution.TOMCAT_10_1, "n1", address, sticky, roaming),
                node(TomcatDistribution.TOMCAT_11, "n2", address, sticky, roaming));
        nodes.forEach(ContainerProcess::launch);
        nodes.forEach(ContainerProcess::awaitAnswer);
        Cluster cluster = new Cluster(nodes, List.of(), null);

        CompletableFuture<Void> faults = CompletableFuture.runAsync(fault);
        Report report = HistoryRun.during(
                faults, cluster, new Plan("failover, " + DURABILITY, 1, TIME, Set.of(), BROWSERS, Pace.PEOPLE));
        assertThat(faults).as("the fault happened while browsers were at work").isCompleted();
        return report;
    }

    private static void judge(Report report) {
        System.out.println(report);
        HistoryContract.show(report.verdict().violations());
        assertThat(report.verdict().violations().size())
                .as("violations, printed above")
                .isZero();
        assertThat(report.of(Outcome.ACKNOWLEDGED)).isGreaterThan(report.operations() / 4);
        assertThat(report.takeovers()).isPositive();
    }

    private TomcatProcess node(
            TomcatDistribution distribution, String name, String address, Path sticky, Path roaming) {
        return opened.keep(HistoryNode.of(distribution, name, address, sticky, roaming)
                .property("holdfast.durability", DURABILITY)
                .property("holdfast.timeout", "500ms")
                .prepare());
    }

    /** Waits until much has been written from now on. */
    private static void awaitWrites(RedisProcess redis) {
        long before = redis.replicationOffset();
        await().atMost(PATIENCE).until(() -> redis.replicationOffset() - before > MUCH);
    }
}
