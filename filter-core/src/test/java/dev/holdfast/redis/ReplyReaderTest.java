package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.redis.client.Replies;
import dev.holdfast.redis.client.Utf8;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.StoreUnavailableException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of damage that could not be put aside, because Redis refused that. */
class ReplyReaderTest {
    private final SessionId id = SessionId.random();
    private final ReplyReader reader = new ReplyReader("host:1", new RedisKeys("shop"), new Notices());

    private static Replies replies(String... texts) {
        List<byte[]> parts = Stream.of(texts).map(Utf8::bytes).toList();
        return new Replies(List.of(parts), false);
    }

    @ParameterizedTest
    @ValueSource(strings = {".m", "type"})
    void damagedSessionIsGoneAllTheSame(String what) {
        assertThat(reader.scriptReply("load", id, replies("BAD", "g", "", what), 0)
                        .outcome())
                .isEqualTo(Outcome.GONE);
    }

    @Test
    void whatIsSaidOfDamageIsTakenForNoPartOfASession() {
        assertThat(reader.scriptReply("commit", id, replies("NEWER", "g", "", ".m"), 0)
                        .more())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"generation", "log", "index"})
    void damagedShardIsNoAnswer(String what) {
        assertThatThrownBy(() -> reader.scriptReply("load session 0123…", id, replies("BAD", "g", "", what), 0))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessage("Cannot load session 0123…: the " + what + " of the session's shard in Redis host:1 is"
                        + " damaged, or not Holdfast's, and could not be put"
                        + " aside. HF-443: See why Redis refused that.");
    }

    @Test
    void epochThatCannotBeReadIsNoAnswer() {
        assertThatThrownBy(() -> reader.epochOf("load session 0123…", id, "rubbish"))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("HF-442: ");
    }
}
