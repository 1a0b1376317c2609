package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.SentinelProcess;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three real sentinels, a primary and two replicas: who is asked, and what a request meets while the primary changes. */
class SentinelIT {
    private static final String NAME = "main";
    private static final Duration FAILOVER = Duration.ofSeconds(30);

    private final OneSession session = new OneSession();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<SentinelProcess> sentinels = new ArrayList<>();
    private final AtomicInteger heard = new AtomicInteger();
    private RedisProcess primary;
    private RedisSessionStore store;

    @BeforeEach
    void start() {
        primary = keep(RedisProcess.start());
        for (int i = 0; i < 2; i++) {
            keep(RedisProcess.start("--replicaof", "127.0.0.1 " + primary.port()));
        }
        for (int i = 0; i < 3; i++) {
            sentinels.add(keep(SentinelProcess.watch(NAME, primary.port(), 2)));
        }
        store = store(uri(NAME));
        store.onOtherPrimary(heard::incrementAndGet);
        session.create(store, "1");
    }

    private void awaitReadinessForFailover() {
        sentinels.forEach(sentinel -> sentinel.awaitKnown(NAME, 2, 2));
        assertThat(primary.<Long>ask(jedis -> jedis.waitReplicas(2, 10_000))).isEqualTo(2);
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void killedPrimaryIsReplacedAndTheStoreSaysSoBeforeItsFirstAnswer() {
        awaitReadinessForFailover();
        assertThat(heard).hasValue(0);
        primary.kill();

        assertThat(refusal(Duration.ofMillis(200)))
                .hasMessageContaining("Redis 127.0.0.1:" + primary.port() + " (primary \"main\" of the sentinels ")
                .hasMessageContaining("HF-401: ");

        await().atMost(FAILOVER)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(this::loads);
        assertThat(heard).hasValue(1);
        session.change(store, "2");
        assertThat(session.value(store)).isEqualTo("2");
    }

    @Test
    void pausedPrimaryIsLeftForTheNextOneWhichHasTheSession() {
        awaitReadinessForFailover();
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

    @Test
    void idleConnectionsToAPrimaryThatBecameAReplicaHealWithinTheRequest() {
        awaitReadinessForFailover();
        sentinels.get(0).failOver(NAME);
        await().atMost(FAILOVER).until(() -> sentinels.get(0).primary(NAME) != primary.port());
        // The sentinels do this, too, ten seconds later.
        primary.ask(jedis -> jedis.replicaof("127.0.0.1", sentinels.get(0).primary(NAME)));

        session.change(store, "2");

        assertThat(session.value(store)).isEqualTo("2");
        assertThat(heard).hasValue(1);
    }

    @Test
    void sentinelsThatAreGoneOrSilentCostNoRequestWhileOneAnswers() {
        sentinels.get(0).kill();
        sentinels.get(1).pause();
        RedisSessionStore other = store(uri(NAME));

        long start = System.nanoTime();
        assertThat(session.value(other)).isEqualTo("1");

        // A third of the time that one try may take is for each.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void configurationInTheDocumentationWorks() {
        String flags = Docs.block("redis.md", "Sentinel", "sh")
                .replace("sentinel1:26379,sentinel2:26379,sentinel3:26379", hosts());
        Matcher address = Pattern.compile("-Dholdfast.redis=([^\\s\"]+)").matcher(flags);
        assertThat(address.find()).isTrue();

        assertThat(session.value(store(URI.create(address.group(1))))).isEqualTo("1");
    }

    @Test
    void nameThatNoSentinelKnowsIsNamed() {
        store = store(uri("other"));

        assertThat(refusal(Duration.ofMillis(500)))
                .hasMessageStartingWith("Cannot load session " + session.id().shortened()
                        + ": Redis (primary \"other\" of the sentinels " + hosts() + ") is not known, ")
                .hasMessageContaining("127.0.0.1:" + sentinels.get(0).port() + " does not know it")
                .hasMessageEndingWith(
                        "HF-451: Name in holdfast.redis, behind the slash, what sentinel monitor calls it.");
    }

    @Test
    void sentinelsThatAreAllGoneAreNamed() {
        sentinels.forEach(SentinelProcess::pause);
        store = store(uri(NAME));

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

    private String hosts() {
        return sentinels.stream().map(each -> "127.0.0.1:" + each.port()).collect(Collectors.joining(","));
    }

    private URI uri(String name) {
        MinimalUser user = MinimalUser.documented();
        return URI.create("redis-sentinel://" + user.name() + ":" + user.password() + "@" + hosts() + "/" + name);
    }

    private RedisSessionStore store(URI uri) {
        return new RedisSessionStore(keep(RedisServer.connect(uri, Duration.ofSeconds(2))), "shop");
    }

    private <T extends AutoCloseable> T keep(T each) {
        open.add(each);
        return each;
    }
}
