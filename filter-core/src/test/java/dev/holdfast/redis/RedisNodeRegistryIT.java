package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.NodeRegistry.Manner;
import dev.holdfast.session.NodeRegistryContract;
import dev.holdfast.session.WaitBudget;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on a real server, with no more rights than users are told to give. */
class RedisNodeRegistryIT extends NodeRegistryContract {
    private static final String KEY = "{hf:shop:nodes}";

    @RegisterExtension
    static final AuditedRedis redis = new AuditedRedis();

    private final RedisNodeRegistry registry = new RedisNodeRegistry(redis.server(), "shop");

    @Override
    protected NodeRegistry registry() {
        return registry;
    }

    @Override
    protected void letRunOut(LiveNode node) {
        redis.ask(jedis -> {
            String entry = jedis.hget(KEY, node.incarnation());
            int bar = entry.lastIndexOf('|') + 1;
            long at = Long.parseLong(entry.substring(bar)) - Lifetimes.REGISTRY.toMillis() - 1;
            return jedis.hset(KEY, node.incarnation(), entry.substring(0, bar) + at);
        });
    }

    @Test
    void entryIsAsTheFormatSays() {
        registry.enter(n2, Manner.FIRST, new WaitBudget(Duration.ofSeconds(5)));

        assertThat(redis.<String>ask(jedis -> jedis.hget(KEY, n2.incarnation())))
                .matches("1\\|n2\\|host-2:8080\\|5000000000000000\\|\\d{13}");
        assertThat(redis.<Long>ask(jedis -> jedis.pttl(KEY))).isBetween(50_000L, 60_000L);
    }

    @Test
    void entryOfAFormatToComeIsLeftAsItIs() {
        redis.ask(jedis -> jedis.hset(KEY, "later", "2|whatever"));

        assertThat(registry.enter(n1, Manner.FIRST, new WaitBudget(Duration.ofSeconds(5)))
                        .others())
                .isEmpty();
        assertThat(redis.<String>ask(jedis -> jedis.hget(KEY, "later"))).isEqualTo("2|whatever");
    }

    @Test
    void applicationsHaveRegistriesOfTheirOwn() {
        registry.enter(n1, Manner.FIRST, new WaitBudget(Duration.ofSeconds(5)));

        assertThat(new RedisNodeRegistry(redis.server(), "desk")
                        .enter(n2, Manner.FIRST, new WaitBudget(Duration.ofSeconds(5)))
                        .others())
                .isEmpty();
    }
}
