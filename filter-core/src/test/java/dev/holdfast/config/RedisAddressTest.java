package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://10.0.0.5:6379",
                "redis://cache.internal:6379/",
                "redis://cache:7000/15",
                "redis://:secret@cache:6379",
                "redis://app:p%40ss:word@cache:6379/3",
                "redis://[::1]:6379",
                "rediss://app:p%40ss@cache:6380/3",
                "redis-sentinel://one:26379/main",
                "rediss-sentinel://app:p%40ss@one:26379,two:26379/main",
                "redis-sentinel://app:p%40ss:word@one.example:26379,10.0.0.2:26380/my-main_1.0"
            })
    void understandsAnAddressOfTheDocumentedForm(String text) {
        assertThat(RedisAddress.uri(text)).hasToString(text);
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
                "redis://[fe80::1%eth0]:6379",
                "redis://[fe80::1%25eth0]:6379",
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
        assertThatThrownBy(() -> RedisAddress.uri(text))
                .isInstanceOf(WrongValueException.class)
                .hasMessageStartingWith("must be redis://[user:password@]host:port[/db]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://app:p@ss@cache:6379",
                "redis://:pa/ss@cache:6379",
                "redis://:pa#ss@cache:6379",
                "redis://:pa?ss@cache:6379",
                "redis://:12/ss@cache:6379"
            })
    void saysHowToWriteSpecialCharactersOfAPassword(String text) {
        assertThatThrownBy(() -> RedisAddress.uri(text))
                .isInstanceOf(WrongValueException.class)
                .hasMessage(
                        "must be redis://[user:password@]host:port[/db]; in user and password write %40 for @, %2F for"
                                + " /, %23 for # and %3F for ?");
    }

    @Test
    void saysThatThePortIsMissing() {
        assertThatThrownBy(() -> RedisAddress.uri("redis://cache"))
                .hasMessage(
                        "must be redis://[user:password@]host:port[/db] with a port between 1 and 65535; the port is"
                                + " missing, which is 6379 unless you changed it");
    }

    @Test
    void speaksOfTheSchemeThatWasMeant() {
        assertThatThrownBy(() -> RedisAddress.uri("rediss://user@cache:6380"))
                .hasMessage("must be rediss://[user:password@]host:port[/db]; without a user it begins"
                        + " rediss://:password@");
        assertThatThrownBy(() -> RedisAddress.uri("redisx://cache:6380"))
                .hasMessage("must be redis://[user:password@]host:port[/db], redis-sentinel://… for Sentinel, or"
                        + " redis-cluster://… for a cluster; for TLS rediss in place of redis");
        assertThatThrownBy(() -> RedisAddress.uri("rediss-sentinel://one:26379"))
                .hasMessage("must be rediss-sentinel://[user:password@]host:port,host:port/name, where the name is what"
                        + " sentinel monitor calls the primary");
        assertThatThrownBy(() -> RedisAddress.uri("rediss-cluster://one:7000/1"))
                .hasMessage(
                        "must be rediss-cluster://[user:password@]host:port,host:port, without a database: a cluster"
                                + " has one only");
        assertThatThrownBy(() -> RedisAddress.uri("rediss-cluster://app@one:7000"))
                .hasMessageEndingWith("; without a user it begins rediss-cluster://:password@");
        assertThatThrownBy(() -> RedisAddress.uri("redis://[fe80::1%eth0]:6379"))
                .hasMessage("must be redis://[user:password@]host:port[/db]; an IPv6 address is written without a zone,"
                        + " as %eth0 is one");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        redis-cluster://one:7000/1        | , without a database: a cluster has one only
        redis-cluster://one:7000?x=1      | , without a database: a cluster has one only
        redis-cluster://one,two:7001      | ; "one" is no host and port
        redis-cluster://one:0             | ' with ports between 1 and 65535'
        redis-cluster://app@one:7000      | ; without a user it begins redis-cluster://:password@
        """)
    void saysWhatIsWrongWithAnAddressOfACluster(String text, String complaint) {
        assertThatThrownBy(() -> RedisAddress.uri(text))
                .isInstanceOf(WrongValueException.class)
                .hasMessage("must be redis-cluster://[user:password@]host:port,host:port" + complaint);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis-cluster://one:7000",
                "redis-cluster://app:s%40@one:7000,two:7001/",
                "rediss-cluster://one:7000,two:7001"
            })
    void knowsAddressesOfClusters(String text) {
        assertThat(RedisAddress.uri(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        redis-sentinel://one:26379                  | , where the name is what sentinel monitor calls the primary
        redis-sentinel://one:26379/                 | , where the name is what sentinel monitor calls the primary
        redis-sentinel://one:26379/main/0           | , where the name is what sentinel monitor calls the primary
        redis-sentinel://one:26379/main?x=1         | , where the name is what sentinel monitor calls the primary
        redis-sentinel://one,two:26379/main         | ; "one" is no host and port
        redis-sentinel://[fe80::1%25eth0]:1/main    | ; "[fe80::1%25eth0]:1" is no host and port
        redis-sentinel://one:26379,/main            | ; "" is no host and port
        redis-sentinel://one:26379,two:70000/main   | ' with ports between 1 and 65535'
        redis-sentinel://app@one:26379/main         | ; without a user it begins redis-sentinel://:password@
        """)
    void saysWhatIsWrongWithAnAddressOfSentinels(String text, String complaint) {
        assertThatThrownBy(() -> RedisAddress.uri(text))
                .isInstanceOf(WrongValueException.class)
                .hasMessage("must be redis-sentinel://[user:password@]host:port,host:port/name" + complaint);
    }

    @ParameterizedTest
    @CsvSource({
        "redis://cache:6379/1, redis://cache:6379/1",
        "redis://app:secret@cache:6379, redis://app:***@cache:6379",
        "redis://:secret@cache:6379, redis://:***@cache:6379",
        "'redis-sentinel://app:secret@one:1,two:2/main', 'redis-sentinel://app:***@one:1,two:2/main'",
        "redis://secret@cache:6379, redis://***@cache:6379",
        "redis://app:sec@ret@cache:6379, redis://app:***@cache:6379",
        "app:secret@cache:6379, app:***@cache:6379",
        "secret@cache, ***@cache",
        "redis://cache:6379?password=secret, redis://cache:6379?***",
        "redis://app:sec?ret@cache:6379, redis://app:***@cache:6379"
    })
    void masksWhateverMayBeAPassword(String text, String shown) {
        assertThat(RedisAddress.mask(text)).isEqualTo(shown);
    }

    @Test
    void doesNotKeepThePasswordInTheCauseOfAMistake() {
        assertThatThrownBy(() -> RedisAddress.uri("redis://app:sec ret@cache:6379"))
                .hasNoCause()
                .hasMessageNotContaining("sec ret");
    }

    @Test
    void isReadInItsParts() {
        RedisAddress one = RedisAddress.of(URI.create("rediss://app:p%40ss:wo+rd@[::1]:6380/3"));
        RedisAddress sentinels = RedisAddress.of(URI.create("redis-sentinel://:s@one:26379,10.0.0.2:26380/main"));
        RedisAddress cluster = RedisAddress.of(URI.create("redis-cluster://one:7000,two:7001"));

        assertThat(one)
                .isEqualTo(new RedisAddress(
                        RedisAddress.Kind.SERVER,
                        true,
                        List.of(new RedisAddress.Server("[::1]", 6380)),
                        null,
                        "app",
                        "p@ss:wo+rd",
                        3));
        assertThat(sentinels.kind()).isEqualTo(RedisAddress.Kind.SENTINEL);
        assertThat(sentinels.servers())
                .containsExactly(new RedisAddress.Server("one", 26379), new RedisAddress.Server("10.0.0.2", 26380));
        assertThat(sentinels.name()).isEqualTo("main");
        assertThat(sentinels.user()).isNull();
        assertThat(sentinels.password()).isEqualTo("s");
        assertThat(cluster.kind()).isEqualTo(RedisAddress.Kind.CLUSTER);
        assertThat(cluster.secure()).isFalse();
        assertThat(cluster.servers()).hasSize(2);
        assertThat(cluster.password()).isNull();
    }

    @Test
    void keepsThePasswordToItself() {
        assertThat(RedisAddress.of(URI.create("redis://app:secret@cache:6379")).toString())
                .contains("cache", "6379")
                .doesNotContain("secret");
    }
}
