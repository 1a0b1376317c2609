package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.session.SessionStore.End;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.ShardQuestion;
import dev.holdfast.session.SessionStore.Touch;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.RealParts;
import dev.holdfast.testing.RedisProcess;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.resps.AccessControlLogEntry;

/**
 * The user of docs/redis.md: that each right is needed, and what is said where one is missing or the login fails. That
 * they are enough is shown by {@link RedisSessionStoreIT}, which has no others.
 */
class RightsIT {
    private static final MinimalUser USER = MinimalUser.documented();
    private static final RedisKeys KEYS = new RedisKeys("shop");

    private final OneSession session = new OneSession();
    private final RedisProcess redis = RedisProcess.start();
    private final List<RedisServer> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(RedisServer::close);
        redis.close();
    }

    // ---- each is needed ----

    @Test
    void noRightInTheLineIsOneTooMany() {
        List<String> needless = new ArrayList<>();
        for (String command : USER.commands()) {
            redis.ask(jedis -> jedis.aclSetUser(USER.name(), USER.rulesWithout(command)));
            redis.ask(Jedis::aclLogReset);

            callEverything(store(inDatabase(1)));

            // Redis 6.2 logs the command of a subcommand only.
            boolean missed = redis.ask(jedis -> jedis.aclLog().stream()
                    .map(AccessControlLogEntry::getObject)
                    .anyMatch(object -> command.equals(object) || command.startsWith(object + "|")));
            if (!missed) {
                needless.add(command);
            }
            redis.ask(jedis -> jedis.aclSetUser(USER.name(), "+" + command));
        }

        assertThat(needless).isEmpty();
    }

    @Test
    void withAllRightsNothingIsRefused() {
        callEverything(store(inDatabase(1)));

        assertThat(redis.<List<AccessControlLogEntry>>ask(jedis -> jedis.aclLog()))
                .isEmpty();
    }

    // ---- what is said ----

    @Test
    void missingCommandIsNamed() {
        RealParts.requireRedis7("An error of a script that names the command");
        redis.ask(jedis -> jedis.aclSetUser(USER.name(), "-hset"));

        assertThat(refusal(store(redis.uriOfMinimalUser())))
                .hasMessageContaining("'hset'")
                .hasMessageEndingWith("HF-422: Give the user of holdfast.redis the commands and keys of docs/redis.md."
                        + " The keys of this application begin with {hf:shop:.");
    }

    @Test
    void missingKeysAreNamed() {
        redis.ask(jedis -> jedis.aclSetUser(USER.name(), "resetkeys", "~{hf:desk:*"));

        assertThat(refusal(store(redis.uriOfMinimalUser())))
                .hasMessageContaining("NOPERM")
                .hasMessageEndingWith("The keys of this application begin with {hf:shop:.");
    }

    @Test
    void wrongPasswordIsNamedAndNotShown() {
        String wrong = redis.uriOfMinimalUser().toString().replace(USER.password(), "s3cret");

        assertThat(Said.of(refusal(store(URI.create(wrong)))))
                .isEqualTo("Cannot create session " + session.id().shortened() + ": Redis 127.0.0.1:" + redis.port()
                        + " refused the connection, \"WRONGPASS invalid username-password pair or user is disabled.\""
                        + " (attempt 1, 0 of 32 connections busy, budget 10000ms). HF-421: Check user and password of"
                        + " holdfast.redis, wherever they stand; Redis answers the same if the user is off.");
    }

    @Test
    void userWhoIsOffIsLikeAWrongPassword() {
        redis.ask(jedis -> jedis.aclSetUser(USER.name(), "off"));

        assertThat(refusal(store(redis.uriOfMinimalUser())))
                .hasMessageContaining("HF-421: Check user and password of holdfast.redis,");
    }

    @Test
    void defaultUserWhoIsOffWantsALogin() {
        RedisSessionStore store = store(URI.create("redis://127.0.0.1:" + redis.port()));
        redis.unaudited().ask(jedis -> jedis.aclSetUser("default", "off"));

        assertThat(refusal(store))
                .hasMessageContaining("refused the connection, \"NOAUTH Authentication required.\"")
                .hasMessageEndingWith(
                        "HF-420: Put a user and its password into holdfast.redis: redis://user:password@…");
    }

    @Test
    void passwordForADefaultUserWithoutOneIsRefused() {
        assertThat(refusal(store(URI.create("redis://:s3cret@127.0.0.1:" + redis.port()))))
                .hasMessageContaining("called without any password configured for the default user")
                .hasMessageContaining("HF-421: Check user and password of holdfast.redis,");
    }

    // ---- what the tests are written with ----

    private URI inDatabase(int database) {
        return URI.create(redis.uriOfMinimalUser() + "/" + database);
    }

    private RedisSessionStore store(URI uri) {
        return store(RedisServer.connect(uri, Duration.ofSeconds(5)));
    }

    private RedisSessionStore waitingForReplicas() {
        return store(RedisServer.connect(inDatabase(1), List.of(), Duration.ofSeconds(5), 1));
    }

    private RedisSessionStore store(RedisServer server) {
        servers.add(server);
        return new RedisSessionStore(server, "shop");
    }

    private StoreUnavailableException refusal(RedisSessionStore store) {
        return catchThrowableOfType(StoreUnavailableException.class, () -> session.create(store, "1"));
    }

    /** Takes each way through the scripts on which a command stands that no other way has. */
    private void callEverything(RedisSessionStore store) {
        redis.ask(jedis -> {
            jedis.select(1);
            jedis.scriptFlush();
            return jedis.flushDB();
        });
        SessionId id = SessionId.random();
        Epoch first = Epoch.fresh("n1");
        String stamp = RandomToken.next();
        byte[] value = {1};
        WaitBudget budget = OneSession.budget();
        List.<Runnable>of(
                        () -> store.create(
                                new Create(id, "", stamp, first, RandomToken.next(), 0, 1800, 0, Map.of("a:x", value)),
                                budget),
                        () -> fillLog(id),
                        () -> store.load(new Load(id, "", first, Epoch.fresh("n2"), null, 0), budget),
                        () -> store.touch(List.of(new Touch(id, "", 1800, 0)), budget),
                        () -> store.exists(id, budget),
                        () -> store.commit(
                                new Commit(
                                        id,
                                        "",
                                        new StateVersion(1, stamp),
                                        RandomToken.next(),
                                        first,
                                        Epoch.fresh("n3"),
                                        1800,
                                        0,
                                        Map.of(),
                                        Set.of("a:x"),
                                        id.sibling()),
                                budget),
                        () -> store.end(new End(id.sibling(), "", RandomToken.next(), 1800, StateVersion.NONE), budget),
                        () -> waitingForReplicas()
                                .end(
                                        new End(id, "", RandomToken.next(), 1800, StateVersion.NONE),
                                        new WaitBudget(Duration.ofMillis(300))),
                        () -> store.ask(List.of(new ShardQuestion((id.shard() + 1) % 64, "", "")), budget))
                .forEach(RightsIT::evenIfRefused);
    }

    private static void evenIfRefused(Runnable call) {
        try {
            call.run();
        } catch (StoreUnavailableException e) {
            assertThat(e).hasMessageContaining("HF-4");
        }
    }

    /** So that the next entry is one too many. */
    private void fillLog(SessionId id) {
        Map<String, Double> many = new HashMap<>();
        for (int i = 2; i <= 10_001; i++) {
            many.put(i + ":" + RandomToken.next() + ":" + id.value() + ":end", (double) i);
        }
        redis.ask(jedis -> {
            jedis.select(1);
            return jedis.zadd(KEYS.log(id.shard()), many);
        });
    }
}
