package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs no Redis. */
class MainTest {
    private static final Map<String, String> NOWHERE =
            Map.of("HOLDFAST_REDIS", "redis://ada:secret@127.0.0.1:1", "HOLDFAST_TIMEOUT", "100ms");

    @Test
    void noCommandGetsTheUsage() {
        Outcome outcome = Outcome.of(Map.of());

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).first().isEqualTo("Usage: java -jar <this file> [-hV] COMMAND");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reboot",
                "session",
                "end --app shop",
                "drain --app shop n1 hard",
                "drain --app shop",
                "drain --app shop n1 end --force",
                "sessions --app shop --limit many",
                "sessions --app shop --limit 1001",
                "sessions --app shop/cart",
                "session --app shop 12",
                "session --app shop zzzz",
                "nodes --all"
            })
    void wrongCommandLineIsSaidInALineWithWhereToReadMore(String line) {
        Outcome outcome = Outcome.of(NOWHERE, line.split(" ", -1));

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).hasSizeBetween(1, 2).last().asString().matches("How it is used says: java .* --help");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "doctor", "nodes", "sessions", "session", "end", "drain", "watch"})
    void eachCommandHasAHelp(String command) {
        Outcome outcome = Outcome.of(Map.of(), command, "--help");

        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).first().asString().startsWith("Usage: java -jar <this file> " + command + " ");
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void applicationHasToBeNamed() {
        Outcome outcome = Outcome.of(NOWHERE, "sessions");

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).first().isEqualTo("Which application? Say --app NAME, or set HOLDFAST_APP.");
    }

    @Test
    void wrongSettingsAreSaidAsNodesSayThem() {
        Outcome outcome = Outcome.of(Map.of("HOLDFAST_REDIS", "http://redis"), "doctor");

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).first().isEqualTo("1 setting is wrong:");
        assertThat(outcome.err().get(1)).contains("holdfast.redis", "environment HOLDFAST_REDIS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"doctor", "nodes --app shop", "sessions --app shop", "session --app shop 1234", "end 1234"})
    void redisThatIsNotThereIsSaidInOneLineWithoutItsPassword(String line) {
        Map<String, String> environment = Map.of(
                "HOLDFAST_REDIS", NOWHERE.get("HOLDFAST_REDIS"), "HOLDFAST_TIMEOUT", "100ms", "HOLDFAST_APP", "shop");

        Outcome outcome = Outcome.of(environment, line.split(" ", -1));

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .singleElement()
                .asString()
                .contains("127.0.0.1:1")
                .doesNotContain("secret");
    }

    @Test
    void watchGoesOnWithoutRedisAndSaysSo() {
        Outcome outcome = Outcome.of(NOWHERE, "watch", "--app", "shop", "--seconds", "2");

        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).isNotEmpty().allMatch(line -> line.contains("127.0.0.1:1"));
    }

    @Test
    void amountsAreReadable() {
        assertThat(List.of(
                        Amounts.time(999),
                        Amounts.time(119_999),
                        Amounts.time(120_000),
                        Amounts.time(7_199_000),
                        Amounts.time(7_200_000),
                        Amounts.time(172_800_000)))
                .containsExactly("0s", "119s", "2m", "119m", "2h", "2d");
        assertThat(List.of(Amounts.bytes(999), Amounts.bytes(1_240), Amounts.bytes(3_400_000)))
                .containsExactly("999 B", "1.2 kB", "3.4 MB");
        assertThat(List.of(Amounts.counted(0, "shard"), Amounts.counted(1, "shard"), Amounts.counted(2, "shard")))
                .containsExactly("0 shards", "1 shard", "2 shards");
    }
}
