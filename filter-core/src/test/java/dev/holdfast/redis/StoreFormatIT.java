package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.ExpiryStore.Claim;
import dev.holdfast.session.ExpiryStore.ClaimReply;
import dev.holdfast.session.ExpiryStore.Finish;
import dev.holdfast.session.ExpiryStore.FinishReply;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.session.SessionStore.End;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.ShardQuestion;
import dev.holdfast.session.SessionStore.Touch;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.resps.Tuple;

/** Holds docs/store-format.md against what is really stored: an upgrade of a running cluster relies on it. */
class StoreFormatIT {
    private static final Path DOC = Path.of(System.getProperty("basedir", "."), "..", "docs", "store-format.md");
    private static final long LAST_USE = 1_764_000_000_000L;
    private static final String INTERNAL_ID = "hAlaKYspS89UEYp-Df0UTA";
    private static final String CREATING = "vA_5AVHgch_14Q1pVtkc-A";
    private static final String CHANGING = "fwYTq7aEpPEwBV2T6a1Xaw";
    private static final String ENDING = "HnJmVeFCaNMjlmVGzMpGmQ";

    private final SessionId id = SessionId.parse("0160182d5112a836b0f7cacce12000aee3");
    private final SessionId ended = SessionId.parse("015eb3a172ecdf5e90d1d71c2da186ad94");
    private final Epoch first = new Epoch("w_1TUwQnVAuU7Ojo08qrSg.n1_A8AriicP");
    private final Epoch second = new Epoch("A2QcrLOTWS4WgDXdnu05cQ.n2_HmsgB8yV");
    private final RedisProcess redis = RedisProcess.start();
    private final RedisServer server = RedisServer.connect(redis.uri(), Duration.ofSeconds(5));

    @AfterEach
    void stop() {
        server.close();
        redis.close();
    }

    @Test
    void sampleInTheDocumentationIsWhatIsStored() throws IOException {
        callEverything(new RedisSessionStore(server, "shop"));

        String sample = redis.ask(this::dump);

        Matcher documented = Pattern.compile("(?s)## A sample.*?```\n(.*?)```").matcher(Files.readString(DOC));
        assertThat(documented.find()).isTrue();
        assertThat(documented.group(1)).as("the sample in docs/store-format.md").isEqualTo(sample);
    }

    @Test
    void rightsInTheDocumentationAreEnough() {
        try (RedisServer limited = RedisServer.connect(redis.uriOfMinimalUser(), Duration.ofSeconds(5))) {
            RedisSessionStore store = new RedisSessionStore(limited, "shop");
            callEverything(store);

            SessionId newId = id.sibling();
            StateVersion base = new StateVersion(2, CHANGING);
            assertThat(store.commit(
                                    new Commit(
                                            id,
                                            "",
                                            base,
                                            INTERNAL_ID,
                                            second,
                                            first,
                                            0,
                                            0,
                                            Map.of(),
                                            Set.of("a:cart"),
                                            newId),
                                    budget())
                            .outcome())
                    .isEqualTo(Outcome.OK);
            assertThat(store.touch(List.of(new Touch(newId, "", 0, 0)), budget())
                            .get(0)
                            .outcome())
                    .isEqualTo(Outcome.OK);
            assertThat(store.exists(newId, budget()).there()).isTrue();
            assertThat(store.due(1, budget()).sessions()).isEmpty();
            expire(store, id.sibling());
            assertThat(store.ask(List.of(new ShardQuestion(1, "", ""), new ShardQuestion(2, "", "")), budget()))
                    .doesNotContainNull();
            assertThat(redis.<String>ask(jedis -> jedis.info("commandstats"))).doesNotContain("rejected_calls=1");
        }
    }

    private void expire(RedisSessionStore store, SessionId idle) {
        store.create(new Create(idle, "", CREATING, first, CHANGING, 0, 60, 71_000, Map.of()), budget());
        assertThat(store.claim(List.of(new Claim(idle, "", ENDING, "", 60_000, null)), budget()))
                .extracting(ClaimReply::outcome)
                .containsExactly(Outcome.OK);
        assertThat(store.finish(List.of(new Finish(idle, "", ENDING, 60)), budget()))
                .extracting(FinishReply::outcome)
                .containsExactly(Outcome.OK);
    }

    private void callEverything(RedisSessionStore store) {
        store.create(
                new Create(
                        id,
                        "",
                        CREATING,
                        first,
                        INTERNAL_ID,
                        LAST_USE - 99_000_000,
                        1800,
                        0,
                        Map.of("a:cart", bytes("2 books"), "h:principal", bytes("ada"))),
                budget());
        store.commit(
                new Commit(
                        id,
                        "",
                        new StateVersion(1, CREATING),
                        CHANGING,
                        first,
                        second,
                        1800,
                        0,
                        Map.of("a:cart", bytes("3 books")),
                        Set.of(),
                        null),
                budget());
        store.load(new Load(id, "", first, second, null, 60_000), budget());
        assertThat(store.end(new End(ended, "", ENDING, 1800, StateVersion.NONE), budget())
                        .outcome())
                .isEqualTo(Outcome.OK);
    }

    /** Key, field or score, and value, a line each; times relative to the session's last use. */
    private String dump(Jedis jedis) {
        StringBuilder all = new StringBuilder();
        long lastUse = SessionHash.Meta.parse(jedis.hget(new RedisKeys("shop").session(id), ".m"))
                .lastUseMillis();
        for (String key : RedisAudit.keys(jedis)) {
            all.append(key).append('\n');
            if (key.endsWith(":g")) {
                assertThat(jedis.get(key)).matches("[A-Za-z0-9_-]{22}");
                all.append("    ").append("f9bc237f6a29e4474d81Qw").append('\n');
            } else if (key.contains(":s:")) {
                new TreeMap<>(jedis.hgetAll(key))
                        .forEach((field, value) ->
                                all.append(String.format("    %-12s %s\n", field, relative(value, lastUse))));
            } else {
                for (Tuple entry : jedis.zrangeWithScores(key, 0, -1)) {
                    String score = relative(String.format("%.0f", entry.getScore()), lastUse);
                    all.append(String.format("    %-14s %s\n", score, relative(entry.getElement(), lastUse)));
                }
            }
        }
        return all.toString();
    }

    // The log notes the time of a call, a moment after the last use: seconds are left out there.
    private static String relative(String text, long lastUse) {
        return Pattern.compile("(?<!\\d)\\d{13}(?!\\d)").matcher(text).replaceAll(time -> {
            long distance = Long.parseLong(time.group()) - lastUse;
            if (Math.abs(distance) > Duration.ofHours(20).toMillis()) {
                return time.group();
            }
            return Long.toString(LAST_USE + (Math.abs(distance) < 10_000 ? 0 : distance));
        });
    }

    private static WaitBudget budget() {
        return new WaitBudget(Duration.ofSeconds(10));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
