package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisUriTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://10.0.0.5:6379",
                "redis://cache.internal:6379/",
                "redis://cache:7000/15",
                "redis://:secret@cache:6379",
                "redis://app:p%40ss:word@cache:6379/3",
                "redis://[::1]:6379",
                "rediss://app:p%40ss@cache:6380/3"
            })
    void understandsAnAddressOfTheDocumentedForm(String text) {
        assertThat(RedisUri.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "cache:6379",
                "http://cache:6379",
                "redis://cache",
                "redis://cache:0",
                "redis://cache:70000",
                "redis://under_score:6379",
                "redis://user@cache:6379",
                "redis://user:@cache:6379",
                "redis://cache:6379/zero",
                "redis://cache:6379/0/1",
                "redis://cache:6379?db=1",
                "redis://cache:6379#1",
                "redis://:p%ss@cache:6379",
                " redis://cache:6379"
            })
    void refusesWhatIsNoAddressOfTheDocumentedForm(String text) {
        assertThatThrownBy(() -> RedisUri.parse(text))
                .isInstanceOf(WrongValueException.class)
                .hasMessageStartingWith("must be redis://[user:password@]host:port[/db]");
    }

    @Test
    void speaksOfTheSchemeThatWasMeant() {
        assertThatThrownBy(() -> RedisUri.parse("rediss://user@cache:6380"))
                .hasMessage(
                        "must be rediss://[user:password@]host:port[/db]; without a user it begins rediss://:password@");
        assertThatThrownBy(() -> RedisUri.parse("redisx://cache:6380"))
                .hasMessage("must be redis://[user:password@]host:port[/db], or the same with rediss:// for TLS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis-sentinel", "redis-cluster"})
    void saysThatASchemeIsNotSupportedYet(String scheme) {
        assertThatThrownBy(() -> RedisUri.parse(scheme + "://a:1,b:2/main"))
                .isInstanceOf(WrongValueException.class)
                .hasMessage(scheme
                        + ":// is not supported by this version; it must be redis://[user:password@]host:port[/db]");
    }

    @ParameterizedTest
    @CsvSource({
        "redis://cache:6379/1, redis://cache:6379/1",
        "redis://app:secret@cache:6379, redis://app:***@cache:6379",
        "redis://:secret@cache:6379, redis://:***@cache:6379",
        "redis://secret@cache:6379, redis://***@cache:6379",
        "redis://app:sec@ret@cache:6379, redis://app:***@cache:6379",
        "app:secret@cache:6379, app:***@cache:6379",
        "secret@cache, ***@cache",
        "redis://cache:6379?password=secret, redis://cache:6379?***",
        "redis://app:sec?ret@cache:6379, redis://app:***@cache:6379"
    })
    void masksWhateverMayBeAPassword(String text, String shown) {
        assertThat(RedisUri.mask(text)).isEqualTo(shown);
    }

    @Test
    void doesNotKeepThePasswordInTheCauseOfAMistake() {
        assertThatThrownBy(() -> RedisUri.parse("redis://app:sec ret@cache:6379"))
                .hasNoCause()
                .hasMessageNotContaining("sec ret");
    }
}
