package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.ExpiryStore.Claim;
import dev.holdfast.session.ExpiryStore.ClaimReply;
import dev.holdfast.session.ExpiryStore.Finish;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.session.SessionStore.End;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.Touch;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.DamageWays;
import dev.holdfast.testing.DamageWays.Hits;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/** What is damaged in Redis, or not Holdfast's, met by each call of the store. */
class DamageIT {
    private static final String APP = "shop";
    private static final int MAX_INACTIVE = 1800;
    private static final String NOTE = "a note of some length";

    private static RedisProcess redis;
    private static RedisServer server;
    private static RedisSessionStore store;

    @BeforeAll
    static void start() {
        use(RedisProcess.start());
    }

    /** Runs all tests of this class on another server, with no more rights than users are told to give. */
    static void use(RedisProcess other) {
        redis = other.unaudited();
        server = RedisServer.connect(redis.uriOfMinimalUser(), Duration.ofSeconds(5));
        store = new RedisSessionStore(server, APP);
    }

    /** What an earlier test has damaged may be due. */
    @BeforeEach
    void forgetAll() {
        redis.ask(Jedis::flushAll);
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
        redis.close();
    }

    /** A session whose attribute {@code note} is known, with what is known of it. */
    private static final class Known {
        final SessionId id = SessionId.random();
        final Epoch epoch = Epoch.fresh("n1");
        final String stamp = RandomToken.next();
        final StateVersion base = StateVersion.NONE.next(stamp);

        Known() {
            Map<String, byte[]> values = Map.of("a:note", NOTE.getBytes(UTF_8), "a:other", "second".getBytes(UTF_8));
            assertThat(store.create(
                                    new Create(id, "", stamp, epoch, RandomToken.next(), 0, MAX_INACTIVE, 0, values),
                                    budget())
                            .outcome())
                    .isEqualTo(Outcome.OK);
        }

        LoadReply load() {
            return store.load(new Load(id, "", epoch, Epoch.fresh("n1"), null, 0), budget());
        }

        Outcome commit(@Nullable SessionId newId) {
            return store.commit(
                            new Commit(
                                    id,
                                    "",
                                    base,
                                    RandomToken.next(),
                                    epoch,
                                    Epoch.fresh("n1"),
                                    MAX_INACTIVE,
                                    0,
                                    Map.of("a:other", "third".getBytes(UTF_8)),
                                    Set.of(),
                                    newId),
                            budget())
                    .outcome();
        }

        @Nullable
        Outcome claim() {
            return store.claim(List.of(new Claim(id, "", RandomToken.next(), "", 9_999_999, base)), budget()).stream()
                    .map(ClaimReply::outcome)
                    .findFirst()
                    .orElseThrow();
        }
    }

    static List<DamageWays> ways() {
        return DamageWays.all();
    }

    /** None throws, so no request is answered 503, and all agree about what is left of it. */
    @ParameterizedTest
    @MethodSource("ways")
    void noCallFailsAndNoDamageIsServed(DamageWays way) {
        Known loaded = damaged(way);
        assertServedOrGone(way, loaded.load());
        assertServedOrGone(way, loaded.load());

        for (Map.Entry<String, Supplier<@Nullable Outcome>> call : calls(way).entrySet()) {
            assertThat(call.getValue().get()).as(call.getKey()).isNotNull();
        }
        assertThat(server.isAway()).isFalse();
    }

    private static Map<String, Supplier<@Nullable Outcome>> calls(DamageWays way) {
        Map<String, Supplier<@Nullable Outcome>> calls = new LinkedHashMap<>();
        calls.put("commit", () -> damaged(way).commit(null));
        calls.put("change of the id", () -> {
            Known known = damaged(way);
            return known.commit(known.id.sibling());
        });
        calls.put(
                "touch",
                () -> store.touch(List.of(new Touch(damaged(way).id, "", MAX_INACTIVE, 0)), budget())
                        .get(0)
                        .outcome());
        calls.put("end", () -> {
            Known known = damaged(way);
            Outcome outcome = store.end(new End(known.id, "", RandomToken.next(), MAX_INACTIVE, known.base), budget())
                    .outcome();
            assertThat(known.load().outcome()).as("after the end").isEqualTo(Outcome.GONE);
            return outcome;
        });
        calls.put("claim", () -> damaged(way).claim());
        calls.put(
                "finish",
                () -> store.finish(List.of(new Finish(damaged(way).id, "", RandomToken.next(), MAX_INACTIVE)), budget())
                        .get(0)
                        .outcome());
        calls.put("look", () -> store.exists(damaged(way).id, budget()).there() ? Outcome.OK : Outcome.GONE);
        return calls;
    }

    private static Known damaged(DamageWays way) {
        Known known = new Known();
        damage(way, known);
        return known;
    }

    private static void damage(DamageWays way, Known known) {
        redis.ask(jedis -> {
            way.damage(jedis, APP, known.id.value());
            return null;
        });
    }

    private static void assertServedOrGone(DamageWays way, LoadReply reply) {
        if (reply.outcome() == Outcome.OK) {
            Map<String, String> values = new LinkedHashMap<>();
            reply.snapshot().values().forEach((field, value) -> values.put(field, new String(value.bytes(), UTF_8)));
            assertThat(values).containsEntry("a:other", "second");
            if (way.hits() != Hits.ATTRIBUTE) {
                assertThat(values).containsEntry("a:note", NOTE);
            }
        } else {
            assertThat(way.hits()).isEqualTo(Hits.SESSION);
            assertThat(reply.outcome()).isEqualTo(Outcome.GONE);
        }
    }

    @Test
    void damagedSessionIsPutAsideWithALifeTimeAndHasEnded() {
        Known known = new Known();
        String key = "{hf:shop:" + known.id.value().substring(0, 2) + "}:";
        redis.ask(jedis -> jedis.hset(key + "s:" + known.id.value(), ".m", "rubbish"));

        assertThat(known.load().outcome()).isEqualTo(Outcome.GONE);

        redis.ask(jedis -> {
            String aside = key + "d:" + known.id.value();
            assertThat(jedis.hgetAll(aside)).containsEntry(".m", "rubbish").containsKeys("a:note", "a:other");
            assertThat(jedis.pttl(aside))
                    .isBetween(Duration.ofDays(6).toMillis(), Duration.ofDays(7).toMillis());
            assertThat(jedis.hgetAll(key + "s:" + known.id.value()))
                    .hasEntrySatisfying(".t", tombstone -> assertThat(tombstone).matches("1\\|[\\w-]{22}\\|damaged"))
                    .hasSize(1);
            assertThat(jedis.pttl(key + "s:" + known.id.value()))
                    .isGreaterThan(Duration.ofDays(29).toMillis());
            assertThat(jedis.zscore(key + "x", known.id.value())).isNull();
            assertThat(jedis.zrange(key + "l", -1, -1))
                    .singleElement()
                    .asString()
                    .endsWith(":" + known.id.value() + ":end");
            return null;
        });
    }

    @Test
    void damageIsSaidOnceWithSessionKeyAndRemedy() {
        try (LogCapture log = new LogCapture("dev.holdfast.redis.RedisSessionStore");
                RedisServer own = RedisServer.connect(redis.uriOfMinimalUser(), Duration.ofSeconds(5));
                RedisSessionStore its = new RedisSessionStore(own, APP)) {
            Known known = new Known();
            String shard = "{hf:shop:" + known.id.value().substring(0, 2) + "}";
            redis.ask(jedis -> jedis.hset(shard + ":s:" + known.id.value(), ".m", "secret\u001b[2J rubbish"));
            redis.ask(jedis -> jedis.del(shard + ":x") + jedis.hset(shard + ":x", "x", "y"));

            for (int i = 0; i < 3; i++) {
                its.load(new Load(known.id, "", null, Epoch.fresh("n1"), null, 0), budget());
            }

            String shown = known.id.shortened();
            assertThat(log.messages())
                    .containsExactlyInAnyOrder(
                            "HF-233: Session " + shown + ", key " + shard + ":s:" + shown + " in Redis " + own
                                    + ", was damaged, or is not Holdfast's. It was put aside as " + shard + ":d:"
                                    + shown
                                    + " for 7 days and has ended; its user begins anew, and listeners are not told."
                                    + " Find who else writes to keys that begin with {hf:, and see docs/store-format.md.",
                            "HF-235: The index of a shard, key " + shard + ":x in Redis " + own
                                    + ", was damaged, or is not Holdfast's. It was put aside as " + shard
                                    + ":d:x for 7 days, and begins anew. Find who else writes to keys that begin with {hf:,"
                                    + " and see docs/store-format.md.");
        }
    }

    @Test
    void whatIsNotOfThisVersionIsSaidOnceAndShownInPart() {
        try (LogCapture log = new LogCapture("dev.holdfast.redis.RedisSessionStore");
                RedisServer own = RedisServer.connect(redis.uriOfMinimalUser(), Duration.ofSeconds(5));
                RedisSessionStore its = new RedisSessionStore(own, APP)) {
            Known stranger = new Known();
            redis.ask(jedis -> jedis.hset(key(stranger), "\u001b[2J\u0085\u202e" + "x".repeat(3_000_000), "y"));
            Known newer = new Known();
            redis.ask(jedis -> jedis.hset(key(newer), ".m", "2|something to come"));

            for (int i = 0; i < 3; i++) {
                its.load(new Load(stranger.id, "", null, Epoch.fresh("n1"), null, 0), budget());
                its.load(new Load(newer.id, "", null, Epoch.fresh("n1"), null, 0), budget());
            }

            assertThat(log.messages())
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .startsWith("Session " + stranger.id.shortened() + ", key ")
                                    .contains("\"?[2J??xxx")
                                    .endsWith(
                                            "xxx…\". It is left as it is. HF-444: Find who wrote it, or update this node.")
                                    .hasSizeLessThan(500),
                            line -> assertThat(line)
                                    .startsWith("HF-234: The metadata of session " + newer.id.shortened() + ", key "));
        }
    }

    private static String key(Known known) {
        return "{hf:shop:" + known.id.value().substring(0, 2) + "}:s:" + known.id.value();
    }

    @Test
    void neighboursOfADamagedSessionAreNotHarmed() {
        List<Known> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(new Known());
        }
        for (int i = 0; i < 20; i += 2) {
            Known damaged = all.get(i);
            redis.ask(jedis -> jedis.hset(
                    "{hf:shop:" + damaged.id.value().substring(0, 2) + "}:s:" + damaged.id.value(), ".m", "rubbish"));
        }

        List<Outcome> touched = new ArrayList<>();
        store.touch(
                        all.stream()
                                .map(known -> new Touch(known.id, "", MAX_INACTIVE, 0))
                                .toList(),
                        budget())
                .forEach(reply -> touched.add(reply.outcome()));

        for (int i = 0; i < 20; i++) {
            assertThat(touched.get(i)).isEqualTo(i % 2 == 0 ? Outcome.GONE : Outcome.OK);
        }
    }

    /** An old node that meets what a new one wrote must not destroy it. */
    @Test
    void metadataOfAFormatToComeStaysAsItIs() {
        Known known = new Known();
        String key = "{hf:shop:" + known.id.value().substring(0, 2) + "}:s:" + known.id.value();
        redis.ask(jedis -> jedis.hset(key, ".m", "2|something to come"));

        assertThat(known.load().outcome()).isEqualTo(Outcome.GONE);
        assertThat(known.commit(null)).isEqualTo(Outcome.GONE);
        assertThat(known.claim()).isEqualTo(Outcome.MISMATCH);

        assertThat(redis.<Map<String, String>>ask(jedis -> jedis.hgetAll(key)))
                .containsEntry(".m", "2|something to come")
                .containsKeys("a:note", "a:other")
                .doesNotContainKey(".t");
    }

    /** The sweep asks for what is due, the longest overdue first, and no more than some of each shard. */
    @Test
    void sweepIsNotHeldUpByWhatIsBrokenInTheIndex() {
        Known known = new Known();
        String shard = "{hf:shop:" + known.id.value().substring(0, 2) + "}";
        redis.ask(jedis -> {
            for (int i = 0; i < 50; i++) {
                jedis.zadd(shard + ":x", i, "stranger " + i);
                SessionId broken = known.id.sibling();
                jedis.zadd(shard + ":x", i, broken.value());
                jedis.set(shard + ":s:" + broken.value(), "x");
            }
            return jedis.zadd(shard + ":x", 1_000, known.id.value());
        });

        for (int round = 0; round < 20; round++) {
            List<SessionId> due = store.due(10, budget()).sessions();
            List<Claim> claims = due.stream()
                    .map(id -> new Claim(id, "", RandomToken.next(), "", 9_999_999, null))
                    .toList();
            assertThat(store.claim(claims, budget()))
                    .extracting(ClaimReply::outcome)
                    .doesNotContain(Outcome.OK)
                    .doesNotContainNull();
        }

        assertThat(redis.<List<String>>ask(jedis -> jedis.zrange(shard + ":x", 0, -1)))
                .contains(known.id.value())
                .allSatisfy(member -> assertThat(SessionId.parse(member)).isNotNull());
        assertThat(store.due(10, budget()).sessions()).isEmpty();
        assertThat(known.load().outcome())
                .as("it was in use, whatever its score")
                .isEqualTo(Outcome.OK);
    }

    @Test
    void indexOfAnotherTypeIsMendedByTheSweep() {
        Known known = new Known();
        String index = "{hf:shop:" + known.id.value().substring(0, 2) + "}:x";
        redis.ask(jedis -> jedis.del(index) + jedis.hset(index, "x", "y"));

        assertThat(store.due(10, budget()).sessions()).isEmpty();

        assertThat(redis.<Boolean>ask(jedis -> jedis.exists(index))).isFalse();
        assertThat(redis.<Map<String, String>>ask(jedis -> jedis.hgetAll(index.replace(":x", ":d:x"))))
                .containsEntry("x", "y");
        assertThat(known.load().outcome()).isEqualTo(Outcome.OK);
        assertThat(redis.<Double>ask(jedis -> jedis.zscore(index, known.id.value())))
                .isNotNull();
    }

    /** A node that has read the old log, were it empty, must not take the new one for its continuation. */
    @Test
    void logThatBeginsAnewIsAGap() {
        Known known = new Known();
        String log = "{hf:shop:" + known.id.value().substring(0, 2) + "}:l";
        redis.ask(jedis -> jedis.del(log) + jedis.rpush(log, "x"));

        assertThat(known.load().outcome()).isEqualTo(Outcome.OK);

        List<String> entries = redis.ask(jedis -> jedis.zrange(log, 0, -1));
        assertThat(Long.parseLong(entries.get(0).replaceAll(":.*", ""))).isGreaterThan(1);
        assertThat(redis.<Long>ask(jedis -> jedis.pttl(log))).isPositive();
    }

    @Test
    void deadlineOfAScriptIsThatOfTheNode() {
        for (int maxInactive : new int[] {1, 20, 59, 61, 90, 600, 1799, 1800, 1801, 3600, 86_400, 31_536_000}) {
            SessionId id = SessionId.random();
            String index = "{hf:shop:" + id.value().substring(0, 2) + "}:x";
            Map<String, byte[]> none = Map.of();
            store.create(
                    new Create(
                            id, "", RandomToken.next(), Epoch.fresh("n1"), RandomToken.next(), 0, maxInactive, 0, none),
                    budget());
            double created = redis.<Double>ask(jedis -> jedis.zscore(index, id.value())) - lastUse(id);

            redis.ask(jedis -> jedis.zrem(index, id.value()));
            store.touch(List.of(new Touch(id, "", maxInactive, 0)), budget());

            assertThat(redis.<Double>ask(jedis -> jedis.zscore(index, id.value())) - lastUse(id))
                    .as("deadline after the last use, of %s s", maxInactive)
                    .isEqualTo(created);
        }
    }

    private static long lastUse(SessionId id) {
        String key = "{hf:shop:" + id.value().substring(0, 2) + "}:s:" + id.value();
        return Long.parseLong(
                redis.<String>ask((Jedis jedis) -> jedis.hget(key, ".m")).split("\\|", -1)[4]);
    }

    private static WaitBudget budget() {
        return new WaitBudget(Duration.ofSeconds(10));
    }
}
