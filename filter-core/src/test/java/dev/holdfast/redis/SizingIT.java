package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a session takes of the memory of Redis, as docs/redis.md says; printed, and held against that. */
class SizingIT {
    /** The name that Redis 6.2 knows, and later ones, too. */
    private static final String ENTRY = "--hash-max-ziplist-value";

    private static final Pattern USED = Pattern.compile("used_memory:(\\d+)");

    @ParameterizedTest
    @CsvSource({"5000, 10, 150, 64, 2600, 3300", "5000, 10, 150, 1024, 2000, 2600", "300, 60, 1000, 64, 72000, 90000"})
    void sessionTakesAsMuchAsTheDocumentationSays(
            int sessions, int attributes, int bytes, int listpack, int least, int most) {
        try (RedisProcess redis = RedisProcess.start(ENTRY, Integer.toString(listpack));
                RedisServer server = RedisServer.connect(redis.uri(), Duration.ofSeconds(5))) {
            RedisSessionStore store = new RedisSessionStore(server, "shop");
            create(store, attributes, bytes);
            long before = used(redis);

            for (int i = 0; i < sessions; i++) {
                create(store, attributes, bytes);
            }

            long each = (used(redis) - before) / sessions;
            System.out.printf(
                    "Sizing: %d attributes of %d bytes, hash-max-listpack-value %d: %d bytes a session%n",
                    attributes, bytes, listpack, each);
            assertThat(each).isBetween((long) least, (long) most);
        }
    }

    private static void create(RedisSessionStore store, int attributes, int bytes) {
        Map<String, byte[]> values = new HashMap<>();
        for (int i = 0; i < attributes; i++) {
            byte[] value = new byte[bytes];
            new Random(i).nextBytes(value);
            values.put("a:attribute" + i, value);
        }
        store.create(
                new Create(
                        SessionId.random(),
                        "",
                        RandomToken.next(),
                        Epoch.fresh("n1"),
                        RandomToken.next(),
                        0,
                        1800,
                        0,
                        values),
                OneSession.budget());
    }

    private static long used(RedisProcess redis) {
        Matcher matcher = USED.matcher(redis.ask(jedis -> jedis.info("memory")));
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }
}
