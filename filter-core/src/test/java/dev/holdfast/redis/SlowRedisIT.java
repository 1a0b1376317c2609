package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.client.Connections;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.CommitReply;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.Ports;
import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a request meets when Redis is there and answers late, or refuses for a reason that passes. */
class SlowRedisIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration PATIENT = Duration.ofSeconds(3);

    private final SessionId id = SessionId.random();
    private final Epoch epoch = Epoch.fresh("n1");
    private final RedisProcess redis = RedisProcess.start();
    private final FaultyLink link = FaultyLink.to(redis.port());
    private final RedisServer server = RedisServer.connect(link.uri(), TIMEOUT);
    private final RedisSessionStore store = new RedisSessionStore(server, "shop");
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
        link.heal();
        server.close();
        link.close();
        redis.close();
    }

    /** The second attempt takes a new connection, whose handshake alone is as slow. */
    @Test
    void anAnswerThatComesBehindHalfOfTheTimeCounts() {
        String stamp = create();
        try (RedisServer patient = RedisServer.connect(link.uri(), PATIENT)) {
            RedisSessionStore way = new RedisSessionStore(patient, "shop");
            load(way, new WaitBudget(PATIENT));
            link.slow(Duration.ofMillis(1_800));

            assertThat(load(way, new WaitBudget(PATIENT)).outcome()).isEqualTo(Outcome.OK);
            CommitReply committed = way.commit(commit(new StateVersion(1, stamp)), new WaitBudget(PATIENT));
            assertThat(committed.outcome()).isEqualTo(Outcome.OK);

            link.heal();
            assertThat(load(way, new WaitBudget(PATIENT)).snapshot().base().version())
                    .isEqualTo(2);
            assertThat(Connections.busy(patient.client())).isZero();
        }
    }

    @Test
    void answersThatAllComeTooLateAreSignsOfLife() throws Exception {
        create();
        AtomicBoolean over = new AtomicBoolean();
        AtomicBoolean away = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        List<Future<?>> asking = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            asking.add(threads.submit(() -> {
                while (!over.get()) {
                    try {
                        load(new WaitBudget(TIMEOUT));
                    } catch (StoreUnavailableException e) {
                        away.compareAndSet(false, e.reason() == Reason.AWAY);
                        refused.incrementAndGet();
                    }
                }
            }));
        }
        // At once, it would be a silence first.
        for (int late = 100; late <= 1_500; late += 100) {
            link.slow(Duration.ofMillis(late));
            int before = refused.get();
            if (late > 1_000) {
                await().atMost(Duration.ofSeconds(20)).until(() -> refused.get() >= before + 4 || away.get());
            } else {
                load(new WaitBudget(TIMEOUT.multipliedBy(5)));
            }
        }
        int before = refused.get();
        await().atMost(Duration.ofSeconds(30)).until(() -> refused.get() >= before + 20 || away.get());
        over.set(true);
        for (Future<?> each : asking) {
            each.get(20, TimeUnit.SECONDS);
        }

        assertThat(away).as("taken for away").isFalse();
        link.heal();
        assertThat(load(new WaitBudget(TIMEOUT.multipliedBy(5))).outcome()).isEqualTo(Outcome.OK);
        assertThat(Connections.busy(server.client())).isZero();
    }

    /** A request may wait for as long as that takes, so a look for it has to. */
    @Test
    void aRedisThatIsFarAwayIsFoundAgain() {
        create();
        link.down();
        await().atMost(TIMEOUT.multipliedBy(20)).until(() -> {
            StoreUnavailableException refused =
                    catchThrowableOfType(StoreUnavailableException.class, () -> load(new WaitBudget(TIMEOUT)));
            return refused != null && server.isAway();
        });
        link.heal();
        link.slow(Duration.ofMillis(400)); // and two of them make a new connection answer

        await().atMost(TIMEOUT.multipliedBy(20)).until(() -> !server.isAway());
    }

    /**
     * A failover is mostly over within a second; an address that leads to a replica stays what it is, and must not hold
     * threads.
     */
    @Test
    void whatIsRefusedForLongIsNotTriedAgainByEachRequest() {
        String stamp = create();
        // Long enough that a busy machine, too, hears each refusal.
        try (RedisServer patient = RedisServer.connect(redis.uri(), PATIENT)) {
            RedisSessionStore way = new RedisSessionStore(patient, "shop");
            redis.ask(jedis -> jedis.replicaof("127.0.0.1", Ports.free()));
            await().atMost(PATIENT.multipliedBy(20))
                    .until(() -> triesOfOneCommit(way, new StateVersion(1, stamp)) == 1);
            assertThat(triesOfOneCommit(way, new StateVersion(1, stamp))).isEqualTo(1);

            redis.ask(jedis -> jedis.replicaofNoOne());
            Commit taken = commit(new StateVersion(1, stamp));
            assertThat(way.commit(taken, new WaitBudget(PATIENT)).outcome()).isEqualTo(Outcome.OK);

            redis.ask(jedis -> jedis.replicaof("127.0.0.1", Ports.free()));
            assertThat(triesOfOneCommit(way, new StateVersion(2, taken.stamp())))
                    .as("tries behind a change that was taken")
                    .isGreaterThan(1);
        }
    }

    private int triesOfOneCommit(RedisSessionStore way, StateVersion base) {
        redis.ask(jedis -> jedis.configResetStat());
        StoreUnavailableException refused = catchThrowableOfType(
                StoreUnavailableException.class, () -> way.commit(commit(base), new WaitBudget(PATIENT)));
        assertThat(refused).hasMessageContaining("HF-432");
        assertThat(refused.maybeApplied()).isFalse();
        return redis.ask(jedis -> jedis.info("commandstats"))
                .lines()
                .filter(line -> line.startsWith("cmdstat_evalsha:"))
                .mapToInt(line -> Integer.parseInt(line.replaceAll(".*?calls=(\\d+).*", "$1")))
                .sum();
    }

    private String create() {
        String stamp = RandomToken.next();
        store.create(
                new Create(id, "", stamp, epoch, RandomToken.next(), 0, 1800, 1000, Map.of("a:x", bytes("1"))),
                new WaitBudget(TIMEOUT));
        // Redis knows both scripts from now on.
        store.commit(commit(new StateVersion(9, RandomToken.next())), new WaitBudget(TIMEOUT));
        load(new WaitBudget(TIMEOUT));
        return stamp;
    }

    private Commit commit(StateVersion base) {
        return new Commit(
                id,
                "",
                base,
                RandomToken.next(),
                epoch,
                Epoch.fresh("n1"),
                1800,
                0,
                Map.of("a:x", bytes("2")),
                Set.of(),
                null);
    }

    private LoadReply load(WaitBudget budget) {
        return load(store, budget);
    }

    private LoadReply load(RedisSessionStore way, WaitBudget budget) {
        return way.load(new Load(id, "", epoch, Epoch.fresh("n1"), null, 0), budget);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
