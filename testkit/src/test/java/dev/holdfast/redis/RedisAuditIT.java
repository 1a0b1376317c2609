package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.RedisProcess;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The look over the keys, which every test with a Redis ends with, finds what it looks for. */
class RedisAuditIT {
    private static final String SHARD = "{hf:shop:0a}";
    private static final String ID = "0a5eb3a172ecdf5e90d1d71c2da186ad94";
    private static final String SESSION = SHARD + ":s:" + ID;
    private static final String INDEX = SHARD + ":x";
    private static final String META =
            "1|1|vA_5AVHgch_14Q1pVtkc-A|w_1TUwQnVAuU7Ojo08qrSg.n1|1764000000000|60|1764000000000|"
                    + "hAlaKYspS89UEYp-Df0UTA";

    @Test
    void damagedKeysAreNamedWhenTheServerIsClosed() {
        RedisProcess redis = RedisProcess.start();
        redis.ask(jedis -> jedis.hset(SESSION, ".m", META));
        redis.ask(jedis -> jedis.zadd(INDEX, 1, "0b"));

        assertThatThrownBy(redis::close)
                .isInstanceOf(AssertionError.class)
                .hasMessage(String.join(
                        "\n",
                        "The test left in Redis:",
                        SESSION + " has no life time",
                        SESSION + " is not in the index",
                        INDEX + " has no life time",
                        INDEX + " has an entry without a session"));
    }

    @Test
    void claimsThatNobodyTookOverAreNamed() {
        String lease = "1764000000000";
        try (RedisProcess redis = RedisProcess.start().unaudited()) {
            redis.ask(jedis -> jedis.hset(SESSION, Map.of(".m", META, ".c", "1|HnJmVeFCaNMjlmVGzMpGmQ|" + lease)));
            redis.ask(jedis -> jedis.zadd(INDEX, 1, ID));
            redis.ask(jedis -> jedis.pexpire(SESSION, 60_000) + jedis.pexpire(INDEX, 60_000));

            assertThat(redis.ask(RedisAudit::of))
                    .containsExactly(
                            SESSION + " is claimed and not in the index by the end of its lease",
                            SESSION + " has a claim that ran out and that nobody took over");
        }
    }

    @Test
    void moreThanATombstoneIsNamed() {
        try (RedisProcess redis = RedisProcess.start().unaudited()) {
            redis.ask(jedis -> jedis.hset(SESSION, Map.of(".t", "1|HnJmVeFCaNMjlmVGzMpGmQ|ended", "a:cart", "x")));
            redis.ask(jedis -> jedis.zadd(INDEX, 1, ID));
            redis.ask(jedis -> jedis.pexpire(SESSION, 60_000) + jedis.pexpire(INDEX, 60_000));

            assertThat(redis.ask(RedisAudit::of))
                    .contains(SESSION + " is in the index and should not", SESSION + " has more than a tombstone");
        }
    }
}
