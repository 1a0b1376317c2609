package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.history.run.HistorySite;
import dev.holdfast.redis.RedisAudit;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.Opened;
import dev.holdfast.testing.RedisClusterProcess;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.ReplicatedRedis;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/**
 * With {@code holdfast.durability=memory} a primary that dies takes what no replica has with it: how much that is, and
 * that nothing of it is lost whose holder lives and is asked first. One application refuses while there is no primary,
 * another one serves.
 */
@ExtendWith(LogScan.class)
class FailoverLossIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> APPLICATIONS = List.of("refuse", "serve");

    @RegisterExtension
    final Opened opened = new Opened();

    @Test
    void holderSendsAgainWhatGoesWithAPrimaryThatSentinelsReplace() {
        ReplicatedRedis redis = opened.keep(ReplicatedRedis.start());
        RedisProcess primary = redis.primary();
        Site site = new Site(redis.address(), key -> redis.primary());

        site.begin();
        site.loseUnreplicated(primary, redis.replicas());
        await().atMost(PATIENCE).until(() -> redis.primary() != primary);
        site.judge("Sentinels");

        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(redis.primary().ask(RedisAudit::of)).isEmpty());
    }

    @Test
    void holderSendsAgainWhatGoesWithAPrimaryOfAClusterAndSlotsThatMoveLoseNothing() {
        RedisClusterProcess cluster = opened.keep(RedisClusterProcess.start());
        cluster.grantDocumented();
        RedisProcess primary = cluster.nodes().get(0);
        RedisProcess replica = cluster.nodes().get(3);
        Site site = new Site(cluster.address(), cluster::ownerOf);

        site.begin();
        int moved = 0;
        for (String tag : site.tags()) {
            if (cluster.ownerOf(tag) != primary) {
                cluster.move(tag, primary);
                moved++;
            }
        }
        assertThat(moved).isPositive();
        site.loads.forEach(FailoverLoad::assertNothingLost);
        site.loseUnreplicated(primary, List.of(replica));
        await().atMost(PATIENCE).until(() -> site.tags().stream().noneMatch(tag -> cluster.ownerOf(tag) == primary));
        site.judge("Cluster, after " + moved + " slots moved");

        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(cluster.askPrimaries(RedisAudit::of)).allMatch(List::isEmpty));
    }

    // ---- what the tests are written with ----

    /** Two nodes with both applications, and browsers at work. */
    private final class Site {
        private final ContainerProcess killed;
        private final ContainerProcess living;
        private final Function<String, RedisProcess> owners;
        private final List<FailoverLoad> loads;
        private CompletableFuture<Void> back = CompletableFuture.completedFuture(null);

        /** @param owners the primary of each key, as it is now */
        Site(String address, Function<String, RedisProcess> owners) {
            this.owners = owners;
            killed = node(TomcatDistribution.TOMCAT_10_1, "n1", address);
            living = node(TomcatDistribution.TOMCAT_11, "n2", address);
            List<ContainerProcess> nodes = List.of(killed, living);
            nodes.forEach(ContainerProcess::launch);
            nodes.forEach(ContainerProcess::awaitAnswer);
            loads = APPLICATIONS.stream()
                    .map(application -> opened.keep(new FailoverLoad(application, killed, living, owners)))
                    .toList();
        }

        /** All shards have been there for long when browsers begin, and both nodes have seen each other. */
        void begin() {
            await().atMost(PATIENCE)
                    .until(() -> APPLICATIONS.stream()
                            .flatMap(application -> ShardTags.of(application).stream())
                            .allMatch(tag -> owners.apply(tag).ask(jedis -> jedis.exists(tag + ":g"))));
            await().atMost(PATIENCE)
                    .until(() -> APPLICATIONS.stream().allMatch(application -> {
                        String nodes = "{hf:" + application + ":nodes}";
                        return owners.apply(nodes).<Long>ask(jedis -> jedis.hlen(nodes)) == 2;
                    }));
            loads.forEach(FailoverLoad::begin);
        }

        List<String> tags() {
            return loads.stream().flatMap(load -> load.tags().stream()).toList();
        }

        /** Primary and node die with what no replica has. */
        void loseUnreplicated(RedisProcess primary, List<RedisProcess> replicas) {
            replicas.forEach(replica -> replica.awaitInStepWith(primary));
            primary.cutOffReplicas();
            loads.stream()
                    .map(load -> CompletableFuture.runAsync(() -> load.workUnreplicated(primary)))
                    .toList()
                    .forEach(CompletableFuture::join);
            // They were cut off in one moment, so one is as good as the other.
            RedisProcess replica = replicas.get(0);
            loads.forEach(load -> replica.ask(jedis -> {
                if (isCluster(jedis)) {
                    jedis.readonly();
                }
                load.lookAt(jedis);
                return null;
            }));
            killed.killNow();
            primary.kill();
            loads.forEach(FailoverLoad::died);
            killed.awaitDeath();
        }

        void judge(String title) {
            back = CompletableFuture.runAsync(killed::restart);
            List<CompletableFuture<Duration>> told = loads.stream()
                    .map(load -> CompletableFuture.supplyAsync(load::replaced))
                    .toList();
            told.forEach(CompletableFuture::join);
            back.join();
            for (int i = 0; i < loads.size(); i++) {
                System.out.println(title + ", memory, outage=" + APPLICATIONS.get(i) + ": "
                        + loads.get(i).verdict(told.get(i).join()));
            }
            loads.forEach(FailoverLoad::assertKeptWhereTheHolderLives);
        }
    }

    private static boolean isCluster(Jedis jedis) {
        return jedis.info("cluster").contains("cluster_enabled:1");
    }

    private TomcatProcess node(TomcatDistribution distribution, String name, String address) {
        TomcatProcess.Builder node = TomcatProcess.node(distribution, name)
                .library(CommitWays.jar())
                .property("holdfast.node", name)
                .property("holdfast.redis", address)
                .property("holdfast.timeout", "500ms");
        for (String outage : APPLICATIONS) {
            node.application(outage, HistorySite.application("cookie", outage, ""));
        }
        return opened.keep(node.prepare());
    }
}
