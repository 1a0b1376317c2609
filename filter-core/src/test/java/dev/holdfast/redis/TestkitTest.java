package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AppPlace;
import dev.holdfast.HoldfastConfig;
import dev.holdfast.SettingsSource;
import dev.holdfast.history.run.NoOutageContract;
import dev.holdfast.session.Fields;
import dev.holdfast.session.SessionId;
import dev.holdfast.testing.LogScan;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the test kit, which does without our classes, says of them by itself. */
class TestkitTest {
    @Test
    void auditKnowsTheFieldsOfASession() {
        assertThat(RedisAudit.META).isEqualTo(SessionHash.META);
        assertThat(RedisAudit.TOMBSTONE).isEqualTo(SessionHash.TOMBSTONE);
        assertThat(RedisAudit.CLAIM).isEqualTo(SessionHash.CLAIM);
        assertThat(RedisAudit.PREFIXES).containsExactlyInAnyOrder(Fields.ATTRIBUTE, Fields.RESERVED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1|1|s|w_1TUwQnVAuU7Ojo08qrSg.n1|1764000000000|60|1764000000000|i",
                "1|1|s|w_1TUwQnVAuU7Ojo08qrSg.|1764000000000|-1|-5|",
                "1|123456789012345678||w_1TUwQnVAuU7Ojo08qrSg.n1|0|2147483647|0|",
                "1|1|s|w_1TUwQnVAuU7Ojo08qrSg.n1|1764000000000|2147483648|1764000000000|i",
                "1|1234567890123456789||w_1TUwQnVAuU7Ojo08qrSg.n1|0|60|0|",
                "1|1|s|w_1TUwQnVAuU7Ojo08qrS.n1|1764000000000|60|1764000000000|i",
                "1|1|s|w_1TUwQnVAuU7Ojo08qrSgg|1764000000000|60|1764000000000|i",
                "1|1|s|w_1TUwQnVAuU7Ojo08qrSg.n1+|1764000000000|60|1764000000000|i",
                "1|1|s|w_1TUwQnVAuU7Ojo08qrSg.12345678901234567890123456789012|0|60|0|i",
                "1|1|s|w_1TUwQnVAuU7Ojo08qrSg.123456789012345678901234567890123|0|60|0|i",
                "1|1|s|w_1TUwQnVAuU7Ojo08qrSg.n1|1764000000000|60|1764000000000|i|more",
                "2|1|s|w_1TUwQnVAuU7Ojo08qrSg.n1|1764000000000|60|1764000000000|i",
                ""
            })
    void auditReadsMetadataAsNodesDo(String packed) {
        SessionHash.Meta meta = SessionHash.Meta.parse(packed);

        assertThat(RedisAudit.maxInactiveSeconds(packed)).isEqualTo(meta == null ? null : meta.maxInactiveSeconds());
    }

    @Test
    void everyScriptIsKnownInWhatMonitorShows() {
        assertThat(SentScripts.FILES)
                .containsExactlyElementsOf(
                        Arrays.stream(Script.values()).map(TestkitTest::file).toList());
        for (Script script : Script.values()) {
            String shown =
                    script.text().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");

            assertThat(SentScripts.file("evalsha", script.sha(), "")).contains(file(script));
            assertThat(SentScripts.file("eval", null, "\"EVAL\" \"" + shown + "\" \"1\""))
                    .contains(file(script));
            assertThat(SentScripts.file("get", script.sha(), shown)).isEmpty();
        }
    }

    private static String file(Script script) {
        return script.name().toLowerCase(Locale.ROOT) + ".lua";
    }

    @Test
    void logsAreSearchedForIdsAsNodesDrawThem() {
        assertThat(SessionId.random().value()).matches(LogScan.SESSION_ID);
    }

    @Test
    void timeOutOfWhatIsNoOutageIsTheDefault() {
        HoldfastConfig config = HoldfastConfig.read(new SettingsSource("no file", Map.of()), AppPlace.at("/sticky"));

        assertThat(NoOutageContract.TIMEOUT).isEqualTo(config.timeout());
    }
}
