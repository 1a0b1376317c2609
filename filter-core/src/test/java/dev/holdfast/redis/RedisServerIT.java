package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.client.Connections;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.CommitReply;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.ShardQuestion;
import dev.holdfast.session.SessionStore.Touch;
import dev.holdfast.session.SessionStore.TouchReply;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.Ports;
import dev.holdfast.testing.RedisProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/** What a request meets when the way to Redis, or Redis, fails. */
class RedisServerIT {
    // Limits on time have room for a slow machine; what they exclude is waiting without end.
    private static final Duration ROOM = Duration.ofSeconds(3);
    private static final Duration SHORT = Duration.ofMillis(400);

    private final SessionId id = SessionId.random();
    private final Epoch epoch = Epoch.fresh("n1");
    private final String stamp = RandomToken.next();
    private final RedisProcess redis = RedisProcess.start();
    private final RedisServer server = RedisServer.connect(redis.uri(), Duration.ofSeconds(5));
    private final RedisSessionStore store = new RedisSessionStore(server, "shop");
    private final List<RedisServer> impatients = new ArrayList<>();
    private final ScheduledExecutorService waiting = Executors.newScheduledThreadPool(10);

    @BeforeEach
    void warmUp() {
        create(store, id);
        // Redis knows the script from now on: a late command is then the commit itself.
        store.commit(commit(new StateVersion(1, RandomToken.next()), Map.of()), budget());
    }

    @AfterEach
    void stop() {
        waiting.shutdownNow();
        impatients.forEach(RedisServer::close);
        server.close();
        redis.close();
    }

    // ---- connections ----

    @Test
    void serverMayBeDownAtTheStartAndComeLater() {
        redis.kill();
        RedisServer early = RedisServer.connect(redis.uri(), Duration.ofSeconds(5));
        RedisSessionStore waiting = new RedisSessionStore(early, "shop");

        StoreUnavailableException down =
                catchThrowableOfType(StoreUnavailableException.class, () -> load(waiting, shortBudget()));
        redis.restart();

        assertThat(Said.of(down))
                .matches("Cannot load session " + id.shortened() + ": Redis 127.0.0.1:" + redis.port()
                        + " cannot be reached, Connection refused.* \\(attempt \\d+, 0 of 32 connections busy, budget"
                        + " 500ms\\)\\. HF-401: Check that it runs there, and holdfast.redis.");
        assertThat(down.maybeApplied()).isFalse();
        assertThat(load(waiting, budget()).outcome()).isEqualTo(Outcome.GONE);
        early.close();
    }

    @Test
    void connectionsThatTheServerClosedWhileIdleCostNoAttempt() {
        useConnectionsAtOnce(4);
        redis.ask(jedis -> jedis.clientKill(ClientKillParams.clientKillParams().type(ClientType.NORMAL)));

        CommitReply reply = store.commit(commit(new StateVersion(1, stamp), Map.of("a:x", bytes("2"))), budget());

        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        assertThat(reply.repeated()).isFalse();
    }

    @Test
    void anotherPrimaryIsToldOnceBeforeItsFirstCommand() {
        List<String> heard = new ArrayList<>();
        store.onOtherPrimary(() -> heard.add(redis.ask(jedis -> jedis.info("commandstats"))));
        redis.restart();

        load(store, budget());
        load(store, budget());

        assertThat(heard).hasSize(1);
        assertThat(heard.get(0)).doesNotContain("cmdstat_eval");
    }

    @Test
    void newConnectionsToTheSamePrimaryAreNotToldAndClosedStoresHearNothing() {
        AtomicInteger heard = new AtomicInteger();
        store.onOtherPrimary(heard::incrementAndGet);
        redis.ask(jedis -> jedis.clientKill(ClientKillParams.clientKillParams().type(ClientType.NORMAL)));
        useConnectionsAtOnce(3);
        assertThat(heard).hasValue(0);

        store.close();
        redis.restart();
        load(store, budget());

        assertThat(heard).hasValue(0);
    }

    @Test
    void primaryThatDoesNotTellItsRunIdCountsAsAnother() {
        for (String user : List.of("default", MinimalUser.documented().name())) {
            redis.ask(jedis -> jedis.aclSetUser(user, "-info"));
        }
        AtomicInteger heard = new AtomicInteger();
        store.onOtherPrimary(heard::incrementAndGet);
        redis.ask(jedis -> jedis.clientKill(ClientKillParams.clientKillParams().type(ClientType.NORMAL)));

        load(store, budget());

        assertThat(heard).hasValue(1);
    }

    @Test
    void userAndPasswordAndDatabaseComeFromTheUri() {
        redis.ask(jedis -> jedis.aclSetUser("shop", "on", ">s3cret@", "~{hf:*", "+@all"));
        RedisServer other = RedisServer.connect(
                URI.create("redis://shop:s3cret%40@127.0.0.1:" + redis.port() + "/3"), Duration.ofSeconds(5));

        create(new RedisSessionStore(other, "shop"), id.sibling());

        long sessions = redis.ask(jedis -> {
            jedis.select(3);
            return jedis.dbSize();
        });
        assertThat(sessions).isEqualTo(3);
        String clients = redis.ask(jedis -> jedis.clientList());
        assertThat(clients).contains("name=holdfast").contains("user=shop");
        other.close();
    }

    // ---- scripts ----

    @Test
    void forgottenScriptsAreSentAgainInEveryKindOfCall() {
        redis.ask(Jedis::scriptFlush);
        assertThat(load(store, budget()).snapshot().values()).containsOnlyKeys("a:x");

        redis.ask(Jedis::scriptFlush);
        SessionId other = id.sibling();
        assertThat(store.touch(List.of(touch(id), touch(other), touch(id)), budget()))
                .extracting(TouchReply::outcome)
                .containsExactly(Outcome.OK, Outcome.GONE, Outcome.OK);
    }

    // ---- unknown outcomes ----

    @Test
    void commitWhoseReplyIsLostIsSentAgainAndAppliedOnce() {
        try (FaultyLink proxy = FaultyLink.to(redis.port());
                RedisServer behind = RedisServer.connect(proxy.uri(), Duration.ofSeconds(5))) {
            RedisSessionStore lossy = new RedisSessionStore(behind, "shop");
            proxy.loseReplies(1);
            Commit commit = commit(new StateVersion(1, stamp), Map.of("a:x", bytes("2")));

            CommitReply reply = lossy.commit(commit, budget());

            assertThat(reply.outcome()).isEqualTo(Outcome.OK);
            assertThat(reply.repeated()).isTrue();
            assertThat(load(store, budget()).snapshot().base()).isEqualTo(new StateVersion(2, commit.stamp()));
        }
    }

    @Test
    void commitWhoseReplyIsLostTwiceIsUnknown() {
        try (FaultyLink proxy = FaultyLink.to(redis.port());
                RedisServer behind = RedisServer.connect(proxy.uri(), Duration.ofSeconds(5))) {
            proxy.loseReplies(2);
            Commit commit = commit(new StateVersion(1, stamp), Map.of("a:x", bytes("2")));

            StoreUnavailableException unknown = catchThrowableOfType(
                    StoreUnavailableException.class,
                    () -> new RedisSessionStore(behind, "shop").commit(commit, budget()));

            assertThat(unknown.maybeApplied()).isTrue();
            assertThat(unknown)
                    .hasMessageContaining("broke the connection (attempt 2")
                    .hasMessageContaining("It may or may not be applied.");
            assertThat(load(store, budget()).snapshot().base()).isEqualTo(new StateVersion(2, commit.stamp()));
        }
    }

    @Test
    void pausedServerHoldsARequestForItsBudgetOnlyAndItsLateCommitIsAppliedOnce() {
        Commit commit = commit(new StateVersion(1, stamp), Map.of("a:x", bytes("late")));
        WaitBudget budget = new WaitBudget(Duration.ofMillis(300));
        redis.pause();

        long start = System.nanoTime();
        StoreUnavailableException timeout =
                catchThrowableOfType(StoreUnavailableException.class, () -> store.commit(commit, budget));
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        redis.resume();

        assertThat(timeout.maybeApplied()).isTrue();
        assertThat(timeout)
                .hasMessageMatching(
                        ".* (did not answer|took a connection and said nothing) within \\d+ms \\(attempt 2, .*"
                                + " It may or may not be applied\\. (HF-403|HF-404|This node itself .* HF-454): .*");
        assertThat(waited).isBetween(Duration.ofMillis(290), ROOM);
        assertThat(budget.remainingNanos()).isNotPositive();
        await().untilAsserted(() ->
                assertThat(load(store, budget()).snapshot().base()).isEqualTo(new StateVersion(2, commit.stamp())));
        assertThat(store.commit(commit, budget()).outcome()).isEqualTo(Outcome.OK);
        assertThat(load(store, budget()).snapshot().base().version()).isEqualTo(2);
    }

    @Test
    void timeoutOfOneAttemptLeavesTimeForASecondOne() {
        try (RedisServer patient = RedisServer.connect(redis.uri(), Duration.ofSeconds(5))) {
            RedisSessionStore impatient = new RedisSessionStore(patient, "shop");
            load(impatient, budget());
            redis.pause();

            assertThatThrownBy(() -> load(impatient, new WaitBudget(Duration.ofMillis(300))))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("(attempt 2");
            redis.resume();
        }
    }

    @Test
    void valueLargerThanTheSocketBuffersDoesNotHoldTheThread() {
        redis.pause();

        long start = System.nanoTime();
        assertThatThrownBy(() -> store.commit(
                        commit(new StateVersion(1, stamp), Map.of("a:x", new byte[32 * 1024 * 1024])),
                        new WaitBudget(Duration.ofMillis(300))))
                .isInstanceOf(StoreUnavailableException.class);
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        redis.resume();

        assertThat(waited).isLessThan(ROOM);
        assertThat(load(store, budget()).snapshot().base().version()).isEqualTo(1);
    }

    @Test
    void waitingForAConnectionCountsToo() {
        WaitBudget budget = new WaitBudget(Duration.ofMillis(200));
        Connections all = take(Connections.ALL);

        long start = System.nanoTime();
        StoreUnavailableException busy =
                catchThrowableOfType(StoreUnavailableException.class, () -> load(store, budget));
        assertThat(Said.of(busy))
                .matches("Cannot load session " + id.shortened() + ": Redis 127.0.0.1:" + redis.port()
                        + " was not asked, no connection became free within \\d+ms"
                        + " \\(attempt 1, 32 of 32 connections busy, budget 200ms\\)."
                        + " HF-406: Redis is slow or the load is high; see SLOWLOG GET.");
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        all.giveBack();

        assertThat(waited).isBetween(Duration.ofMillis(200), ROOM);
        assertThat(load(store, budget()).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void manyThreadsShareTheConnections() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(2 * Connections.ALL);
        List<Future<LoadReply>> loads = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            loads.add(callers.submit(() -> load(store, budget())));
        }
        for (Future<LoadReply> reply : loads) {
            assertThat(reply.get().outcome()).isEqualTo(Outcome.OK);
        }
        callers.shutdown();

        assertThat(Connections.busy(server.client())).isZero();
        String clients = redis.ask(jedis -> jedis.clientList());
        assertThat(clients.lines().filter(line -> line.contains("name=holdfast")))
                .hasSizeBetween(1, Connections.ALL);
    }

    @Test
    void anInterruptOfBeforeCostsNothingAndIsNotLost() {
        useConnectionsAtOnce(1);
        Thread.currentThread().interrupt();

        LoadReply reply = load(store, budget());

        assertThat(Thread.interrupted()).isTrue();
        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        assertThat(redis.ask(jedis -> jedis.clientList()).lines().filter(line -> line.contains("name=holdfast")))
                .as("its connection was not closed")
                .hasSize(1);
    }

    @Test
    void threadThatIsInterruptedWhileItWaitsStopsWaiting() throws Exception {
        redis.pause();
        AtomicReference<StoreUnavailableException> failure = new AtomicReference<>();
        AtomicBoolean kept = new AtomicBoolean();
        Thread waiting = new Thread(() -> {
            failure.set(catchThrowableOfType(StoreUnavailableException.class, () -> load(store, budget())));
            kept.set(Thread.interrupted());
        });
        waiting.start();
        await().until(() -> Connections.busy(server.client()) > 0);
        waiting.interrupt();
        waiting.join();
        redis.resume();

        assertThat(failure.get()).hasMessageContaining("HF-408: ");
        assertThat(kept).isTrue();
    }

    @Test
    void usedUpBudgetAsksNothing() {
        WaitBudget nothing = new WaitBudget(Duration.ofMillis(10));
        nothing.spend(Duration.ofMillis(10).toNanos());

        assertThatThrownBy(() -> load(store, nothing))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("was not asked, the budget is used up")
                .hasMessageContaining("HF-407: ");
    }

    @Test
    void whatTakesAConnectionAndSaysNothingIsToldApart() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                RedisServer nobody = RedisServer.connect(
                        URI.create("redis://127.0.0.1:" + silent.getLocalPort()), Duration.ofSeconds(5))) {
            assertThatThrownBy(
                            () -> load(new RedisSessionStore(nobody, "shop"), new WaitBudget(Duration.ofMillis(200))))
                    .hasMessageContaining("took a connection and said nothing within ")
                    .hasMessageContaining("HF-403: ");
        }
    }

    // ---- Redis is away ----

    /** Short, for what is away at the end of it. */
    private RedisServer impatient() {
        RedisServer impatient = RedisServer.connect(redis.uri(), SHORT);
        impatients.add(impatient);
        return impatient;
    }

    @Test
    void silentRedisIsAwayAfterTheTimeoutAndWaitedForByNobodyThen() {
        RedisServer impatient = impatient();
        RedisSessionStore way = new RedisSessionStore(impatient, "shop");
        load(way, budget());
        AtomicInteger backs = new AtomicInteger();
        way.onBack(backs::incrementAndGet);
        redis.pause();

        StoreUnavailableException first =
                catchThrowableOfType(StoreUnavailableException.class, () -> load(way, new WaitBudget(SHORT)));
        assertThat(first.reason()).as("who waited for all of it").isEqualTo(Reason.AWAY);
        assertThat(first.maybeApplied()).isTrue();

        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            StoreUnavailableException away =
                    catchThrowableOfType(StoreUnavailableException.class, () -> load(way, new WaitBudget(SHORT)));
            assertThat(away.reason()).isEqualTo(Reason.AWAY);
            assertThat(away.maybeApplied()).isFalse();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SHORT);
        }
        assertThat(server.toString()).isEqualTo("127.0.0.1:" + redis.port());

        redis.resume();
        await().atMost(ROOM).until(() -> !impatient.isAway());
        assertThat(load(way, budget()).outcome()).isEqualTo(Outcome.OK);
        assertThat(backs).hasValue(1);
    }

    @Test
    void silenceShorterThanTheTimeoutCostsWaitingOnly() throws Exception {
        RedisServer impatient = RedisServer.connect(redis.uri(), Duration.ofSeconds(2));
        impatients.add(impatient);
        RedisSessionStore way = new RedisSessionStore(impatient, "shop");
        load(way, budget());
        redis.pause();
        Future<CommitReply> commit = waiting.submit(() -> way.commit(
                commit(new StateVersion(1, stamp), Map.of("a:x", bytes("2"))), new WaitBudget(Duration.ofSeconds(2))));
        Future<?> resumed = waiting.schedule(redis::resume, 1700, TimeUnit.MILLISECONDS);

        get(resumed);
        assertThat(commit.get().outcome()).isEqualTo(Outcome.OK);
        assertThat(load(way, budget()).snapshot().base().version())
                .as("applied once")
                .isEqualTo(2);
        assertThat(impatient.isAway()).isFalse();
    }

    @Test
    void restartShorterThanTheTimeoutCostsWaitingOnly() throws Exception {
        RedisServer impatient = RedisServer.connect(redis.uri(), Duration.ofSeconds(5));
        impatients.add(impatient);
        RedisSessionStore way = new RedisSessionStore(impatient, "shop");
        load(way, budget());
        redis.kill();
        Future<LoadReply> load = waiting.submit(() -> load(way, new WaitBudget(Duration.ofSeconds(5))));
        await().until(() -> !load.isDone());
        redis.restart();

        assertThat(load.get().outcome()).isEqualTo(Outcome.GONE);
        assertThat(impatient.isAway()).isFalse();
    }

    @Test
    void redisThatIsNotThereIsNamedAndNotAskedAgain() {
        RedisServer impatient = impatient();
        RedisSessionStore way = new RedisSessionStore(impatient, "shop");
        redis.kill();
        Commit commit = commit(new StateVersion(1, stamp), Map.of("a:x", bytes("2")));

        StoreUnavailableException refused =
                catchThrowableOfType(StoreUnavailableException.class, () -> way.commit(commit, new WaitBudget(SHORT)));
        assertThat(refused.reason()).isEqualTo(Reason.AWAY);
        assertThat(refused.maybeApplied()).isFalse();
        assertThat(refused).hasMessageContaining("cannot be reached, Connection refused");

        assertThat(catchThrowableOfType(StoreUnavailableException.class, () -> way.commit(commit, budget())))
                .hasMessageMatching("Cannot commit session " + id.shortened() + ": Redis 127.0.0.1:" + redis.port()
                        + " was not asked, it has been away for \\d+ms."
                        + " HF-402: The log says what it did, by the code HF-105.");
        redis.restart();
        await().atMost(ROOM).until(() -> !impatient.isAway());
        assertThat(load(way, budget()).outcome()).isEqualTo(Outcome.GONE);
    }

    @Test
    void whoHasNoTimeLeftForASilentRedisDoesNotTakeItForAway() {
        redis.pause();
        StoreUnavailableException silent = catchThrowableOfType(
                StoreUnavailableException.class, () -> load(store, new WaitBudget(Duration.ofMillis(200))));
        redis.resume();

        assertThat(silent.reason()).isEqualTo(Reason.SILENT);
        assertThat(server.isAway()).isFalse();
    }

    @Test
    void aPauseOfThisNodeIsNotCountedAndSaid() {
        AtomicBoolean stood = new AtomicBoolean();
        CountDownLatch never = new CountDownLatch(1);
        // The thread that sees pauses is held up, as it is by one.
        Runnable pause = () -> {
            if (Connections.busy(server.client()) > 0 && stood.compareAndSet(false, true)) {
                awaitQuietly(never, Duration.ofMillis(400));
            }
        };
        redis.pause();
        Connections.holdUpTheClock(pause);
        long start = System.nanoTime();
        StoreUnavailableException silent = catchThrowableOfType(
                StoreUnavailableException.class, () -> load(store, new WaitBudget(Duration.ofMillis(300))));
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        Connections.letTheClockGo(pause);
        redis.resume();

        assertThat(waited).isGreaterThan(Duration.ofMillis(600));
        assertThat(silent)
                .hasMessageMatching(
                        ".* This node itself stood still for \\d{3}ms meanwhile, which was not counted\\. HF-454: .*");
    }

    private static void awaitQuietly(CountDownLatch latch, Duration time) {
        try {
            assertThat(latch.await(time.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void halfOfTheRequestThreadsWaitForASilentRedisAndTheOthersAreToldAtOnce() {
        RedisServer small = RedisServer.connect(redis.uri(), List.of(), Duration.ofSeconds(10), 0, () -> 8);
        impatients.add(small);
        RedisSessionStore way = new RedisSessionStore(small, "shop");
        load(way, budget());
        redis.pause();
        List<Future<StoreUnavailableException>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(waiting.submit(() -> catchThrowableOfType(
                    StoreUnavailableException.class, () -> load(way, new WaitBudget(Duration.ofSeconds(5))))));
        }
        await().until(() -> all.stream().filter(Future::isDone).count() == 4);
        long start = System.nanoTime();
        StoreUnavailableException further = catchThrowableOfType(
                StoreUnavailableException.class, () -> load(way, new WaitBudget(Duration.ofSeconds(2))));
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        List<StoreUnavailableException> sent = new ArrayList<>();
        all.forEach(each -> sent.add(get(each)));
        redis.resume();

        assertThat(waited).isLessThan(Duration.ofSeconds(1));
        assertThat(further.reason()).isEqualTo(Reason.CROWDED);
        assertThat(further).hasMessageContaining("HF-453: ");
        assertThat(further.maybeApplied()).isFalse();
        assertThat(sent)
                .extracting(StoreUnavailableException::reason)
                .filteredOn(Reason.CROWDED::equals)
                .hasSize(4);
        assertThat(sent)
                .extracting(StoreUnavailableException::reason)
                .filteredOn(Reason.SILENT::equals)
                .hasSize(4);
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    // ---- firewalls ----

    /** Azure forgets idle connections after 240 s, AWS after 350 s, without a word. */
    @Test
    void connectionsThatAFirewallForgotCostOneAttemptAndNoOutage() throws IOException {
        try (Firewall firewall = new Firewall(redis.port());
                RedisServer behind = RedisServer.connect(firewall.uri(), Duration.ofSeconds(2))) {
            RedisSessionStore way = new RedisSessionStore(behind, "shop");
            Connections.take(8, behind.client(), ROOM).giveBack();
            firewall.forgetConnections(); // a quiet night; Redis is well, new connections work

            for (int i = 0; i < 8; i++) {
                assertThat(load(way, new WaitBudget(Duration.ofSeconds(2))).outcome())
                        .isEqualTo(Outcome.OK);
            }
            assertThat(behind.isAway()).isFalse();
        }
    }

    @Test
    void refusedCommandsNeverMakeRedisAway() {
        Commit commit = commit(new StateVersion(1, stamp), Map.of("a:x", bytes("2")));
        redis.ask(jedis -> jedis.configSet("maxmemory", "1"));
        for (int i = 0; i < 9; i++) {
            StoreUnavailableException refused =
                    catchThrowableOfType(StoreUnavailableException.class, () -> store.commit(commit, budget()));
            assertThat(refused).hasMessageContaining("HF-438");
            assertThat(refused.reason()).isEqualTo(Reason.NONE);
        }
        redis.ask(jedis -> jedis.configSet("maxmemory", "0"));

        assertThat(load(store, budget()).outcome()).isEqualTo(Outcome.OK);
    }

    // ---- states of the server ----

    /** It may not have it yet: right after a login, the user would be logged out. */
    @Test
    void replicaDoesNotSayThatThereIsNoSession() {
        redis.ask(jedis -> jedis.replicaof("127.0.0.1", Ports.free()));

        assertThatThrownBy(
                        () -> store.load(new Load(id.sibling(), "", epoch, Epoch.fresh("n1"), null, 0), shortBudget()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("READONLY")
                .hasMessageEndingWith("HF-432: This is a replica: point holdfast.redis to the primary.");
    }

    @Test
    void replicaRefusesWritesAndItsAnswersDoNotCount() {
        try (RedisProcess primary = RedisProcess.start()) {
            redis.ask(jedis -> jedis.replicaof("127.0.0.1", primary.port()));
            await().until(() -> redis.ask(jedis -> jedis.info("replication")).contains("master_link_status:up"));

            assertThatThrownBy(() -> create(store, id.sibling(), shortBudget()))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("READONLY")
                    .hasMessageEndingWith("HF-432: This is a replica: point holdfast.redis to the primary.");
            assertThat(store.ask(List.of(new ShardQuestion(id.shard(), "", "")), shortBudget()))
                    .containsOnlyNulls();
        }
    }

    @Test
    void fullServerStillAnswersLoadsAndTakesLogouts() {
        fill();

        LoadReply loaded = store.load(new Load(id, "", epoch, Epoch.fresh("n1"), null, 0), budget());
        assertThat(loaded.outcome()).isEqualTo(Outcome.OK);
        // What is confirmed needs no write: the browser carried the epoch, and it names this node. For another node
        // nothing moves.
        assertThat(loaded.confirmed()).isTrue();
        assertThat(loaded.epoch()).isEqualTo(epoch);
        LoadReply elsewhere = store.load(new Load(id, "", epoch, Epoch.fresh("n2"), null, 0), budget());
        assertThat(elsewhere.confirmed()).isFalse();
        assertThat(elsewhere.epoch()).isEqualTo(epoch);
        assertThat(loaded.snapshot().values()).containsOnlyKeys("a:x");
        assertThat(loaded.tail().generation()).hasSize(RandomToken.LENGTH);
        assertThatThrownBy(() -> store.commit(commit(new StateVersion(1, stamp), Map.of("a:x", bytes("2"))), budget()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageEndingWith(
                        "HF-438: Redis is at its maxmemory: raise it, and keep maxmemory-policy at noeviction.");
        assertThat(store.end(new SessionStore.End(id, "", RandomToken.next(), 60, StateVersion.NONE), budget())
                        .outcome())
                .isEqualTo(Outcome.OK);
        assertThat(load(store, budget()).outcome()).isEqualTo(Outcome.GONE);
    }

    @Test
    void loadOnAFullServerTellsKnownStateAndAnotherGenerationApart() {
        fill();

        assertThat(store.load(new Load(id, "", epoch, Epoch.fresh("n1"), new StateVersion(1, stamp), 0), budget())
                        .snapshot())
                .isNull();
        assertThat(store.load(new Load(id, RandomToken.next(), epoch, Epoch.fresh("n1"), null, 0), budget())
                        .outcome())
                .isEqualTo(Outcome.OTHER_GENERATION);
        assertThat(store.load(new Load(id.sibling(), "", epoch, Epoch.fresh("n1"), null, 0), budget())
                        .outcome())
                .isEqualTo(Outcome.GONE);
    }

    // ---- what the tests are written with ----

    private void create(RedisSessionStore target, SessionId newId) {
        create(target, newId, budget());
    }

    private void create(RedisSessionStore target, SessionId newId, WaitBudget budget) {
        target.create(
                new Create(newId, "", stamp, epoch, RandomToken.next(), 0, 1800, 1000, Map.of("a:x", bytes("1"))),
                budget);
    }

    private Commit commit(StateVersion base, Map<String, byte[]> writes) {
        return new Commit(id, "", base, RandomToken.next(), epoch, Epoch.fresh("n1"), 1800, 0, writes, Set.of(), null);
    }

    private LoadReply load(RedisSessionStore target, WaitBudget budget) {
        return target.load(new Load(id, "", epoch, Epoch.fresh("n1"), null, 0), budget);
    }

    private static Touch touch(SessionId touched) {
        return new Touch(touched, "", 1800, 0);
    }

    /** Leaves so many idle connections in the pool. */
    private void useConnectionsAtOnce(int count) {
        take(count).giveBack();
    }

    private Connections take(int count) {
        return Connections.take(count, server.client(), ROOM);
    }

    private void fill() {
        redis.ask(jedis -> {
            jedis.configSet("maxmemory-policy", "noeviction");
            return jedis.configSet("maxmemory", "1");
        });
    }

    private static WaitBudget budget() {
        return new WaitBudget(Duration.ofSeconds(10));
    }

    /** For what does not heal, and is tried until the end. */
    private static WaitBudget shortBudget() {
        return new WaitBudget(Duration.ofMillis(500));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
