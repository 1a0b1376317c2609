package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.ExpiryStore.Claim;
import dev.holdfast.session.ExpiryStore.ClaimReply;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.CommitReply;
import dev.holdfast.session.SessionStore.End;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.Touch;
import dev.holdfast.session.SessionStore.TouchReply;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.RedisProcess;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** A real primary with two replicas: where a change is when it counts as done, and what is said when it is not. */
class DurabilityIT {
    private static final Duration SHORT = Duration.ofMillis(1200);

    private final OneSession session = new OneSession();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<RedisProcess> replicas = new ArrayList<>();
    private RedisProcess primary;

    @BeforeEach
    void start() {
        primary = keep(RedisProcess.start("--repl-diskless-sync-delay", "0"));
        for (int i = 0; i < 2; i++) {
            replicas.add(keep(RedisProcess.start("--replicaof", "127.0.0.1", Integer.toString(primary.port()))));
        }
        awaitReplicas();
    }

    private void awaitReplicas() {
        await().until(() -> replicas.stream()
                .allMatch(replica ->
                        replica.ask(jedis -> jedis.info("replication")).contains("master_link_status:up")));
        assertThat(primary.<Long>ask(jedis -> jedis.waitReplicas(2, 10_000))).isEqualTo(2);
    }

    @AfterEach
    void stop() throws Exception {
        replicas.forEach(RedisProcess::resume);
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void changeIsInTheReplicasWhenItIsAcknowledged() {
        RedisSessionStore store = store(2);
        session.create(store, "0");

        for (int i = 1; i <= 200; i++) {
            session.change(store, Integer.toString(i));

            String expected = Integer.toString(i);
            assertThat(replicas)
                    .allSatisfy(replica -> assertThat(storedIn(replica)).endsWith(expected));
        }
    }

    @Test
    void waitIsSentInTheSameRoundTripAsTheScriptAndNotBehindTouches() {
        RedisSessionStore store = store(1);
        session.create(store, "1");
        session.change(store, "2");
        session.load(store, OneSession.budget());
        store.touch(List.of(new Touch(session.id(), "", 1800, 0)), OneSession.budget());

        List<String> commands = MonitoredCommand.of(primary.monitor(() -> {
                    session.change(store, "3");
                    session.load(store, OneSession.budget());
                    store.touch(List.of(new Touch(session.id(), "", 1800, 0)), OneSession.budget());
                }))
                .stream()
                .map(MonitoredCommand::name)
                .filter(name -> !List.of("ping", "replconf", "echo").contains(name))
                .toList();

        assertThat(commands)
                .containsExactly(
                        "commit.lua",
                        "pexpire",
                        "pexpire",
                        "wait",
                        "load.lua",
                        "hgetall",
                        "pexpire",
                        "pexpire",
                        "wait",
                        "touch.lua");
    }

    @Test
    void oneStoppedReplicaOfTwoIsNoReasonToRefuse() {
        RedisSessionStore store = store(1);
        session.create(store, "1");
        replicas.get(0).pause();

        session.change(store, "2");

        assertThat(session.value(store)).isEqualTo("2");
    }

    @Test
    void changeThatTooFewReplicasHaveIsRefusedAndSaysSo() {
        RedisSessionStore store = store(2);
        session.create(store, "1");
        replicas.get(0).pause();

        StoreUnavailableException refused = refusal(() -> session.change(store, "2", new WaitBudget(SHORT)));

        assertThat(refused)
                .hasMessage("Cannot commit session " + session.id().shortened() + " for good: Redis 127.0.0.1:"
                        + primary.port()
                        + " did it, but fewer replicas than the 2 of holdfast.durability acknowledged that"
                        + " in time, so it would be lost with the primary. HF-460: See INFO replication.");
        assertThat(refused.maybeApplied()).isTrue();
        assertThat(session.value(store(1))).isEqualTo("2");
    }

    @Test
    void withoutReplicasNothingIsShownOrPromisedThatWouldBeLostWithThePrimary() {
        RedisSessionStore store = store(1);
        session.create(store, "1");
        SessionId id = session.id();
        replicas.forEach(RedisProcess::pause);

        assertThat(store.touch(List.of(new Touch(id, "", 1800, 0)), OneSession.budget()))
                .extracting(TouchReply::outcome)
                .containsExactly(Outcome.OK);
        Map<String, Runnable> calls = new LinkedHashMap<>();
        calls.put("change", () -> session.change(store, "2", new WaitBudget(SHORT)));
        // The change is there, and must not be seen before it is there for good.
        calls.put("load", () -> session.load(store, new WaitBudget(SHORT)));
        calls.put("load of another state", () -> session.load(store, new WaitBudget(SHORT), session.base()));
        calls.put("creation", () -> new OneSession().create(store, "1", new WaitBudget(SHORT)));
        calls.put(
                "end",
                () -> store.end(new End(id, "", RandomToken.next(), 1800, StateVersion.NONE), new WaitBudget(SHORT)));
        calls.put("load of an ended one", () -> session.load(store, new WaitBudget(SHORT)));
        calls.forEach((name, call) ->
                assertThat(refusal(call)).as(name).hasMessageContaining("fewer replicas than the 1 of"));
    }

    /**
     * Two nodes write the same value. The first one is refused, because no replica has it; the second one meets it,
     * finds nothing left to write, and was acknowledged with what the primary alone had.
     */
    @Test
    void stateThatACommitMeetsIsNotTakenForSavedBeforeReplicasHaveIt() {
        RedisSessionStore store = store(1);
        session.create(store, "1");
        replicas.forEach(RedisProcess::pause);
        assertThat(refusal(() -> session.change(store, "2", new WaitBudget(SHORT))))
                .isNotNull();

        // Its own waiting takes a part of it.
        assertThat(refusal(() -> session.commit(store, "2", RandomToken.next(), new WaitBudget(SHORT.multipliedBy(3)))))
                .hasMessageContaining("Cannot read what another node made of session "
                        + session.id().shortened() + " for good: ")
                .hasMessageContaining("HF-460: ");

        replicas.forEach(RedisProcess::resume);
        CommitReply met = session.commit(store, "2", RandomToken.next(), OneSession.budget());
        assertThat(met.outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(met.snapshot()).isNotNull();
        assertThat(replicas).anySatisfy(replica -> assertThat(storedIn(replica)).endsWith("2"));
    }

    @Test
    void waitForTheStateThatACommitMeetsStandsBehindItsReading() {
        RedisSessionStore store = store(1);
        session.create(store, "1");
        session.commit(store, "2", RandomToken.next(), OneSession.budget());

        List<String> commands =
                MonitoredCommand.of(primary.monitor(
                                () -> session.commit(store, "3", RandomToken.next(), OneSession.budget())))
                        .stream()
                        .map(MonitoredCommand::name)
                        .filter(name -> !List.of("ping", "replconf", "echo").contains(name))
                        .toList();

        assertThat(commands)
                .containsExactly("commit.lua", "pexpire", "pexpire", "wait", "hgetall", "pexpire", "pexpire", "wait");
    }

    @Test
    void claimCountsOnlyIfAnotherPrimaryWouldKnowOfIt() {
        RedisSessionStore store = store(1);
        session.create(store, "1", OneSession.budget(), 1);
        Claim claim = new Claim(session.id(), "", RandomToken.next(), "n1", 3_600_000, null);
        await().until(() -> isIdleForASecond());
        replicas.forEach(RedisProcess::pause);

        // On a busy machine Redis itself may not answer in time, and the message then tells of that.
        await().untilAsserted(() -> assertThat(refusal(() -> store.claim(List.of(claim), new WaitBudget(SHORT))))
                .hasMessageContaining("Cannot claim session ")
                .hasMessageContaining("HF-460: "));

        replicas.forEach(RedisProcess::resume);
        assertThat(store.claim(List.of(claim), OneSession.budget()))
                .extracting(ClaimReply::outcome)
                .containsExactly(Outcome.OK);
    }

    @Test
    void repeatedChangeWaitsForItsFirstAttempt() {
        try (FaultyLink proxy = FaultyLink.to(primary.port());
                RedisServer behind = RedisServer.connect(proxy.uri(), List.of(), Duration.ofSeconds(5), 1)) {
            RedisSessionStore lossy = new RedisSessionStore(behind, "shop");
            session.create(lossy, "1");
            session.change(lossy, "1"); // Redis knows the script from now on
            replicas.forEach(RedisProcess::pause);
            proxy.loseReplies(1);

            // Its new connection wrote nothing: a server that waited for the writes of a connection alone would not
            // wait.
            assertThat(refusal(() -> session.change(lossy, "2", new WaitBudget(SHORT))))
                    .hasMessageContaining("fewer replicas than the 1 of");
        }
    }

    @Test
    void replicasThatComeBackWithinTheRequestAreWaitedFor() {
        RedisSessionStore store = store(2);
        session.create(store, "1");
        replicas.get(0).pause();
        CompletableFuture<CommitReply> change =
                CompletableFuture.supplyAsync(() -> session.change(store, "2", OneSession.budget()));
        await().until(() -> primary.ask(jedis -> jedis.clientList()).contains("cmd=wait"));

        replicas.get(0).resume();

        assertThat(change.join().outcome()).isEqualTo(Outcome.OK);
        assertThat(replicas).allSatisfy(replica -> assertThat(storedIn(replica)).endsWith("2"));
    }

    @Test
    void forgottenScriptIsSentAgainWithItsWait() {
        RedisSessionStore store = store(2);
        session.create(store, "1");
        primary.ask(Jedis::scriptFlush);

        session.change(store, "2");

        assertThat(replicas).allSatisfy(replica -> assertThat(storedIn(replica)).endsWith("2"));
    }

    @Test
    void missingRightToWaitIsNamed() {
        RedisSessionStore store = store(1);
        primary.ask(jedis -> jedis.aclSetUser(MinimalUser.documented().name(), "-wait"));

        StoreUnavailableException refused = refusal(() -> session.create(store, "1"));

        assertThat(refused)
                .hasMessageContaining("refused the wait for its replicas, \"NOPERM ")
                .hasMessageEndingWith(
                        "HF-422: Give the user of holdfast.redis the commands and keys of docs/redis.md.");
        assertThat(refused.maybeApplied()).isTrue();
    }

    // ---- what the tests are written with ----

    private boolean isIdleForASecond() {
        return primary.ask(jedis -> {
            SessionHash.Meta meta = SessionHash.Meta.parse(jedis.hget(key(), SessionHash.META));
            return Long.parseLong(jedis.time().get(0)) * 1000 > meta.lastUseMillis() + 1000;
        });
    }

    private String storedIn(RedisProcess replica) {
        return replica.ask(jedis -> jedis.hget(key(), "a:x"));
    }

    private String key() {
        return new RedisKeys("shop").session(session.id());
    }

    private static StoreUnavailableException refusal(Runnable change) {
        return catchThrowableOfType(StoreUnavailableException.class, change::run);
    }

    private RedisSessionStore store(int durability) {
        URI uri = primary.uriOfMinimalUser();
        return new RedisSessionStore(
                keep(RedisServer.connect(uri, List.of(), Duration.ofSeconds(5), durability)), "shop");
    }

    private <T extends AutoCloseable> T keep(T each) {
        open.add(each);
        return each;
    }
}
