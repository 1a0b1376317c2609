package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.ReplicatedRedis;
import dev.holdfast.testing.SentinelProcess;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/**
 * Three real sentinels, a primary and two replicas: who is asked, and what a request meets while the primary changes.
 */
class SentinelIT {
    private static final Duration FAILOVER = Duration.ofSeconds(60);

    private final OneSession session = new OneSession();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final AtomicInteger heard = new AtomicInteger();
    private ReplicatedRedis redis;
    private List<SentinelProcess> sentinels;
    private RedisProcess primary;
    private RedisSessionStore store;

    @BeforeEach
    void start() {
        redis = keep(ReplicatedRedis.start());
        sentinels = redis.sentinels();
        primary = redis.primary();
        store = store(redis.address());
        store.onOtherPrimary(heard::incrementAndGet);
        session.create(store, "1");
        redis.replicas().forEach(replica -> replica.awaitInStepWith(primary));
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void killedPrimaryIsReplacedAndTheStoreSaysSoBeforeItsFirstAnswer() {
        assertThat(heard).hasValue(0);
        primary.kill();

        // On a busy machine the sentinels may take longer to answer than a request may wait.
        await().untilAsserted(() -> assertThat(refusal(Duration.ofMillis(200)))
                .hasMessageContaining("Redis 127.0.0.1:" + primary.port() + " (primary \"main\" of the sentinels ")
                .hasMessageContaining("HF-401: "));

        await().atMost(FAILOVER)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(this::loads);
        assertThat(heard).hasValue(1);
        session.change(store, "2");
        assertThat(session.value(store)).isEqualTo("2");
    }

    @Test
    void pausedPrimaryIsLeftForTheNextOneWhichHasTheSession() {
        primary.pause();

        await().atMost(FAILOVER)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(this::loads);
        session.change(store, "2");
        assertThat(heard).hasValue(1);

        primary.resume();
        session.change(store, "3");
        assertThat(session.value(store)).isEqualTo("3");
    }

    /** One that is cut off from the others; its primary woke up, and does not know its successor for a while. */
    @Test
    void sentinelThatIsBehindDoesNotLeadBackToAFormerPrimary() {
        String former = address(primary);
        ScriptedRedis behind = keep(new ScriptedRedis(
                "behind",
                (connection, command) -> List.of(ScriptedRedis.Reply.after(0, masterWithConfigEpoch(0) + former))));
        store = store(redis.address().replace("@", "@127.0.0.1:" + behind.port() + ","));
        assertThat(session.value(store)).isEqualTo("1");
        primary.pause();
        await().atMost(FAILOVER)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(this::loads);
        RedisProcess successor = redis.primary();
        assertThat(successor).isNotSameAs(primary);
        primary.resume();

        // Each broken connection makes the next sentinel be asked, so that all of them are.
        for (int i = 0; i <= sentinels.size() + 1; i++) {
            String value = "changed " + i;
            successor.ask(jedis -> jedis.clientKill(new ClientKillParams().type(ClientType.NORMAL)));
            session.change(store, value);
            assertThat(session.value(store)).isEqualTo(value);
            assertThat(session.value(store(successor.uri().toString()))).isEqualTo(value);
        }
    }

    /** As where each of them was told to forget the primary and to watch it again. */
    @Test
    void sentinelsThatWereSetUpAnewAreBelievedWhereMostOfThemAgree() {
        AtomicInteger epoch = new AtomicInteger(7);
        String here = address(primary);
        List<ScriptedRedis> set = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            boolean remembers = i == 0;
            set.add(keep(new ScriptedRedis(
                    "s" + i,
                    (connection, command) -> List.of(
                            ScriptedRedis.Reply.after(0, masterWithConfigEpoch(remembers ? 7 : epoch.get()) + here)))));
        }
        String hosts = set.stream().map(each -> "127.0.0.1:" + each.port()).collect(Collectors.joining(","));
        store = store(redis.address().replace(redis.hosts(), hosts));
        assertThat(session.value(store)).isEqualTo("1");
        epoch.set(0);
        set.get(0).takeNoMore();

        primary.ask(jedis -> jedis.clientKill(new ClientKillParams().type(ClientType.NORMAL)));

        // For ten seconds after one was heard; on a busy machine that may take more than one request.
        await().untilAsserted(() -> assertThat(refusal(Duration.ofMillis(500)))
                .hasMessageContaining("names 127.0.0.1:" + primary.port()
                        + " with configuration epoch 0, and a higher one was heard before")
                .hasMessageContaining("HF-450: "));
        await().atMost(FAILOVER)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(this::loads);
    }

    private static String masterWithConfigEpoch(int epoch) {
        return "*4\r\n$4\r\nname\r\n$4\r\nmain\r\n$12\r\nconfig-epoch\r\n$1\r\n" + epoch + "\r\n";
    }

    private static String address(RedisProcess primary) {
        String port = Integer.toString(primary.port());
        return "*2\r\n$9\r\n127.0.0.1\r\n$" + port.length() + "\r\n" + port + "\r\n";
    }

    @Test
    void idleConnectionsToAPrimaryThatBecameAReplicaHealWithinTheRequest() {
        redis.failOver();
        await().atMost(FAILOVER).until(() -> redis.primary() != primary);
        // The sentinels do this, too, ten seconds later.
        primary.ask(jedis -> jedis.replicaof("127.0.0.1", redis.primary().port()));

        session.change(store, "2");

        assertThat(session.value(store)).isEqualTo("2");
        assertThat(heard).hasValue(1);
    }

    @Test
    void sentinelsThatAreGoneOrSilentCostNoRequestWhileOneAnswers() {
        sentinels.get(0).kill();
        sentinels.get(1).pause();
        RedisSessionStore other = store(redis.address());

        long start = System.nanoTime();
        assertThat(session.value(other)).isEqualTo("1");

        // A third of the time that one try may take is for each.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void configurationInTheDocumentationWorks() {
        String variables = Docs.block("redis.md", "Sentinel", "sh")
                .replace("sentinel1:26379,sentinel2:26379,sentinel3:26379", redis.hosts());

        assertThat(session.value(store(Docs.exported(variables, "HOLDFAST_REDIS"))))
                .isEqualTo("1");
    }

    @Test
    void nameThatNoSentinelKnowsIsNamed() {
        store = store(redis.address("other"));

        // On a busy machine the sentinels may take longer to answer than a request may wait.
        await().untilAsserted(() -> assertThat(refusal(Duration.ofMillis(500)))
                .hasMessageStartingWith("Cannot load session " + session.id().shortened()
                        + ": Redis (primary \"other\" of the sentinels " + redis.hosts() + ") is not known, ")
                .hasMessageContaining("127.0.0.1:" + sentinels.get(0).port() + " does not know it")
                .hasMessageEndingWith(
                        "HF-451: Name in holdfast.redis, behind the slash, what sentinel monitor calls it."));
    }

    @Test
    void sentinelsThatAreAllGoneAreNamed() {
        sentinels.forEach(SentinelProcess::pause);
        store = store(redis.address());

        assertThat(refusal(Duration.ofMillis(500)))
                .hasMessageContaining("127.0.0.1:" + sentinels.get(2).port() + " did not answer")
                .hasMessageEndingWith("HF-450: Check that the sentinels run, and holdfast.redis.");
    }

    // ---- what the tests are written with ----

    private boolean loads() {
        return session.load(store, new WaitBudget(Duration.ofMillis(500))).snapshot() != null;
    }

    private StoreUnavailableException refusal(Duration patience) {
        return catchThrowableOfType(
                StoreUnavailableException.class, () -> session.load(store, new WaitBudget(patience)));
    }

    private RedisSessionStore store(String address) {
        return new RedisSessionStore(keep(RedisServer.connect(URI.create(address), Duration.ofSeconds(2))), "shop");
    }

    private <T extends AutoCloseable> T keep(T each) {
        open.add(each);
        return each;
    }
}
