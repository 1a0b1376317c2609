package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.holdfast.session.ExpiryStore;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SessionStoreContract;
import dev.holdfast.session.StateVersion;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** The contract on a real server, with a look over the keys after each test, and what only Redis can show. */
class RedisSessionStoreIT extends SessionStoreContract {
    private static final RedisKeys KEYS = new RedisKeys("shop");
    private static final long LONG = Lifetimes.LONG.toMillis();

    private static RedisProcess redis;
    private static RedisServer server;

    private final String key = KEYS.session(id);
    private RedisSessionStore store;
    private boolean audited = true;

    @BeforeAll
    static void start() {
        use(RedisProcess.start());
    }

    /** Runs all tests of this class on another server. */
    static void use(RedisProcess other) {
        redis = other;
        // No test may need more than the rights that users are told to give.
        server = RedisServer.connect(redis.uriOfMinimalUser(), Duration.ofSeconds(5));
    }

    @AfterAll
    static void stop() {
        server.close();
        redis.close();
    }

    @BeforeEach
    void begin() {
        store = new RedisSessionStore(server, "shop");
    }

    @AfterEach
    void audit() {
        store.close();
        if (audited) {
            assertThat(redis.ask(RedisAudit::of)).isEmpty();
        }
        redis.ask(Jedis::flushAll);
    }

    @Override
    protected SessionStore store() {
        return store;
    }

    @Override
    protected int keys() {
        return redis.ask(RedisAudit::keys).size();
    }

    @Override
    protected void letLeaseRunOut() {
        redis.ask(jedis -> {
            String[] claim = jedis.hget(key, SessionHash.CLAIM).split("\\|", -1);
            long until = Long.parseLong(claim[2]) - Lifetimes.LEASE.toMillis() - 1;
            jedis.hset(key, SessionHash.CLAIM, claim[0] + "|" + claim[1] + "|" + until);
            return jedis.zadd(KEYS.expiry(id.shard()), (double) until, id.value());
        });
    }

    // ---- what a call costs ----

    @Test
    void eachCallIsOneRoundTripOfAtMostTwoCommands() {
        StateVersion base = created();
        StateVersion older = new StateVersion(base.version(), RandomToken.next());
        commit(older, RandomToken.next(), epoch, Map.of(), Set.of());
        load(epoch, null);
        touch(Duration.ZERO);
        SessionId other = id.sibling();

        assertThat(commands(() -> load(epoch, null))).containsExactly("EVALSHA", "HGETALL");
        assertThat(commands(() -> load(epoch, base))).containsExactly("EVALSHA");
        assertThat(commands(() -> load(epoch, older))).containsExactly("EVALSHA", "HGETALL");
        assertThat(commands(() -> store.load(new SessionStore.Load(other, "", null, epoch, null, 0), budget())))
                .containsExactly("EVALSHA", "HGETALL");
        assertThat(commands(() -> store.exists(other, budget()))).containsExactly("HMGET", "GET");
        assertThat(commands(() -> touch(Duration.ZERO))).containsExactly("EVALSHA");
        assertThat(commands(() -> commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("2")), Set.of())))
                .containsExactly("EVALSHA");
        List<ExpiryStore.Claim> claims = List.of(claimOf(id, base), claimOf(other, null));
        store.claim(claims, budget());
        assertThat(commands(() -> store.claim(claims, budget()))).containsExactly("EVALSHA", "EVALSHA", "HGETALL");
        store.finish(List.of(), budget());
        assertThat(commands(() -> ask(""))).containsExactly("ZREM", "GET", "ZRANGEBYSCORE");
        assertThat(commands(() -> store.create(create(other, "", Map.of()), budget())))
                .containsExactly("EVALSHA");
    }

    @Test
    void scriptThatRedisDoesNotKnowIsSentWithItsTextOnce() {
        created();
        redis.ask(Jedis::scriptFlush);

        assertThat(commands(() -> load(epoch, null))).containsExactly("EVALSHA", "HGETALL", "EVAL", "HGETALL");
        assertThat(commands(() -> load(epoch, null))).containsExactly("EVALSHA", "HGETALL");
    }

    /** First words of what clients sent, commands inside scripts left out. */
    private static List<String> commands(Runnable action) {
        return redis.monitor(action).stream()
                .filter(line -> !line.contains(" lua]"))
                .map(line -> line.substring(line.indexOf('"') + 1, line.indexOf('"', line.indexOf('"') + 1)))
                .toList();
    }

    @Test
    void smallSessionStaysSmall() {
        Map<String, byte[]> values = new HashMap<>();
        for (int i = 0; i < 10; i++) {
            values.put("a:attribute" + i, new byte[150]);
        }
        store.create(create(id, "", values), budget());

        assertThat(redis.<Long>ask(jedis -> jedis.memoryUsage(key))).isLessThan(3200);
    }

    // ---- life times ----

    @Test
    void keysLiveAsLongAsPromised() {
        StateVersion base = created();
        SessionId ended = id.sibling();
        store.end(new SessionStore.End(ended, "", RandomToken.next(), MAX_INACTIVE, StateVersion.NONE), budget());

        assertLife(key, Lifetimes.keyMillis(MAX_INACTIVE));
        assertLife(KEYS.session(ended), Lifetimes.tombstoneMillis(MAX_INACTIVE));
        assertLife(KEYS.generation(id.shard()), LONG);
        assertLife(KEYS.log(id.shard()), LONG);
        assertLife(KEYS.expiry(id.shard()), LONG + Lifetimes.deadlineMillis(MAX_INACTIVE));
        assertThat(redis.<Double>ask(jedis -> jedis.zscore(KEYS.expiry(id.shard()), id.value())))
                .isEqualTo(lastUse() + Lifetimes.deadlineMillis(MAX_INACTIVE));

        store.commit(
                new SessionStore.Commit(
                        id, "", base, RandomToken.next(), epoch, fresh("n1"), 0, 0, Map.of(), Set.of(), null),
                budget());

        assertLife(key, LONG);
        assertThat(redis.<Double>ask(jedis -> jedis.zscore(KEYS.expiry(id.shard()), id.value())))
                .isNull();
    }

    @Test
    void usesMoveDeadlineAndKeyOnByAsMuch() {
        created(MAX_INACTIVE, Duration.ofMinutes(10));
        assertLife(key, Lifetimes.keyMillis(MAX_INACTIVE) - 600_000);
        assertDeadlineAndKeyFollowLastUse();

        touch(Duration.ofSeconds(200));
        assertLife(key, Lifetimes.keyMillis(MAX_INACTIVE) - 200_000);
        assertDeadlineAndKeyFollowLastUse();

        load(epoch, null);
        assertLife(key, Lifetimes.keyMillis(MAX_INACTIVE));
        assertDeadlineAndKeyFollowLastUse();
    }

    @Test
    void lookOfEachHourRenewsGenerationAndLog() {
        created();
        end(RandomToken.next());
        redis.ask(jedis ->
                jedis.pexpire(KEYS.generation(id.shard()), 1_000_000) + jedis.pexpire(KEYS.log(id.shard()), 1_000_000));

        store.settling().generations(List.of(id.shard()), budget());

        assertLife(KEYS.generation(id.shard()), LONG);
        assertLife(KEYS.log(id.shard()), LONG);
    }

    @Test
    void indexForgetsSessionsWhoseKeysAreGone() {
        String index = KEYS.expiry(id.shard());
        long now = redis.ask(jedis -> Long.parseLong(jedis.time().get(0))) * 1000;
        long afterDeadline = Lifetimes.keyMillis(MAX_INACTIVE) - Lifetimes.deadlineMillis(MAX_INACTIVE);
        redis.ask(jedis -> jedis.zadd(
                index, Map.of("gone", now - afterDeadline - 10_000.0, "told", now - afterDeadline + 60_000.0)));

        created();

        assertThat(redis.<List<String>>ask(jedis -> jedis.zrange(index, 0, -1))).containsExactly("told", id.value());
        redis.ask(jedis -> jedis.zrem(index, "told"));
    }

    private void assertDeadlineAndKeyFollowLastUse() {
        assertThat(redis.<Double>ask(jedis -> jedis.zscore(KEYS.expiry(id.shard()), id.value())))
                .isEqualTo(lastUse() + Lifetimes.deadlineMillis(MAX_INACTIVE));
        // At one moment of Redis, whose clock may be set between two calls; TIME and PTTL read it one after the other.
        String end = redis.ask(jedis -> (String) jedis.eval(
                "local time = redis.call('TIME'); return string.format('%.0f',"
                        + " time[1] * 1000 + math.floor(time[2] / 1000) + redis.call('PTTL', KEYS[1]))",
                List.of(key), List.of()));
        assertThat(Double.parseDouble(end) - lastUse())
                .isCloseTo((double) Lifetimes.keyMillis(MAX_INACTIVE), within(2.0));
    }

    private double lastUse() {
        return SessionHash.Meta.parse(redis.ask(jedis -> jedis.hget(key, ".m"))).lastUseMillis();
    }

    private static void assertLife(String key, long millis) {
        // More than that if Redis' clock was set back meanwhile: it once was, by a millisecond.
        assertThat(redis.<Long>ask(jedis -> jedis.pttl(key))).as(key).isCloseTo(millis, within(20_000L));
    }

    // ---- the ended log ----

    /**
     * Two of four commands of each question went into the append-only file and to the replicas, each second, by each
     * node.
     */
    @Test
    void questionsLeaveNothingToAppendAndNothingToReplicate() {
        created();
        end(RandomToken.next());
        long before = changes();

        SessionStore.ShardAnswer answer = ask("");

        assertThat(answer.entries()).hasSize(1);
        assertThat(changes()).isEqualTo(before);
    }

    private long changes() {
        String line = redis.ask(jedis -> jedis.info("persistence"))
                .lines()
                .filter(each -> each.startsWith("rdb_changes_since_last_save:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
    }

    @Test
    void longLogIsAnsweredInParts() {
        String first = end(RandomToken.next()).tail().newestEntry();
        redis.ask(jedis -> {
            Map<String, Double> many = new HashMap<>();
            for (int i = 2; i <= 2_500; i++) {
                many.put(i + ":" + RandomToken.next() + ":" + id.value() + ":end", (double) i);
            }
            return jedis.zadd(KEYS.log(id.shard()), many);
        });

        SessionStore.ShardAnswer part = ask(first);
        assertThat(part.entries()).hasSize(2_000).startsWith(first);
        assertThat(part.more()).isTrue();
        String last = part.entries().get(1_999);

        SessionStore.ShardAnswer rest = ask(last);
        assertThat(rest.entries()).hasSize(501).startsWith(last);
        assertThat(rest.more()).isFalse();
    }

    @Test
    void entriesOlderThanTheNewestOfTenMinutesAgoAreTrimmed() {
        String log = KEYS.log(id.shard());
        String first = end(RandomToken.next()).tail().newestEntry();
        String second = endAnother();
        // As if the second had been the newest one ten minutes ago.
        long now = redis.ask(jedis -> Long.parseLong(jedis.time().get(0))) * 1000;
        redis.ask(jedis -> jedis.zremrangeByScore(log, -1, -1) + jedis.zadd(log, -1, "t:2:" + (now - 601_000)));

        String third = endAnother();
        String fourth = endAnother();

        assertThat(ask("").entries()).containsExactly(second, third, fourth);
        // A node that has heard everything until ten minutes ago misses nothing; one that stands before that sees a
        // gap.
        assertThat(ask(second).entries()).startsWith(second);
        assertThat(ask(first).entries()).doesNotContain(first);
    }

    @Test
    void logKeepsTenThousandEntries() {
        String log = KEYS.log(id.shard());
        end(RandomToken.next());
        redis.ask(jedis -> {
            Map<String, Double> many = new HashMap<>();
            for (int i = 2; i <= 10_000; i++) {
                many.put(i + ":" + RandomToken.next() + ":" + id.value() + ":end", (double) i);
            }
            return jedis.zadd(log, many);
        });

        endAnother();
        String newest = endAnother();

        List<String> entries = redis.ask(jedis -> jedis.zrange(log, 1, -1));
        assertThat(entries).hasSize(10_000).endsWith(newest);
        assertThat(entries.get(0)).startsWith("3:");
    }

    private String endAnother() {
        return store.end(new SessionStore.End(id.sibling(), "", RandomToken.next(), 60, StateVersion.NONE), budget())
                .tail()
                .newestEntry();
    }

    // ---- what Holdfast did not write ----

    @Test
    void unknownFieldIsLeftAsItIsAndTheSessionIsServed() {
        audited = false;
        created();
        redis.ask(jedis -> jedis.hset(key, "other", "x"));

        assertThat(text(load(epoch, null).snapshot(), "a:x")).isEqualTo("1");

        assertThat(redis.<String>ask(jedis -> jedis.hget(key, "other"))).isEqualTo("x");
    }

    @Test
    void keyOfAnotherTypeIsPutAsideAndNothingTakesItsPlace() {
        audited = false;
        redis.ask(jedis -> jedis.set(key, "x"));

        assertThat(store.create(create(id, "", Map.of()), budget()).outcome()).isEqualTo(SessionStore.Outcome.GONE);

        assertThat(redis.<String>ask(jedis -> jedis.get(key.replace(":s:", ":d:"))))
                .isEqualTo("x");
    }

    @Test
    void valueWithoutPrefixCostsItsAttributeOnly() {
        created();
        redis.ask(jedis -> jedis.hset(key, "a:broken", "no prefix"));

        SessionSnapshot snapshot = load(epoch, null).snapshot();

        assertThat(snapshot.values().get("a:broken").writtenBy()).isEqualTo(StateVersion.NONE);
        assertThat(text(snapshot, "a:broken")).isEqualTo("no prefix");
        assertThat(text(snapshot, "a:x")).isEqualTo("1");
    }

    @Test
    void touchThatIsRefusedDoesNotFailTheOthers() {
        created();
        SessionId other = id.sibling();
        String user = MinimalUser.documented().name();
        String shard = key.substring(0, key.indexOf('}') + 1);
        redis.ask(jedis -> jedis.aclSetUser(user, "resetkeys", "~" + shard + ":?", "~" + key));
        try {
            assertThat(store.touch(
                            List.of(new SessionStore.Touch(other, "", 60, 0), new SessionStore.Touch(id, "", 60, 0)),
                            budget()))
                    .extracting(SessionStore.TouchReply::outcome)
                    .containsExactly(null, SessionStore.Outcome.OK);
        } finally {
            redis.ask(jedis -> jedis.aclSetUser(user, "resetkeys", "~{hf:*"));
        }
    }

    @Test
    void applicationsDoNotSeeEachOther() {
        created();

        try (RedisSessionStore other = new RedisSessionStore(server, "desk")) {
            assertThat(other.exists(id, budget()).there()).isFalse();
        }
    }

    @Test
    void nameOfAnApplicationIsChecked() {
        assertThatThrownBy(() -> new RedisSessionStore(server, "a}b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("holdfast.app is \"a}b\": must be 1 to 64 letters, digits or characters of \"._#-\".");
    }
}
