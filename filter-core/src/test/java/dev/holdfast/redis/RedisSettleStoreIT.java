package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.SettleStoreContract;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/**
 * The contract on a real server, with no more rights than users are told to give, and a look over the keys after each
 * test.
 */
class RedisSettleStoreIT extends SettleStoreContract {
    @RegisterExtension
    static final AuditedRedis redis = new AuditedRedis();

    private final RedisSessionStore store = new RedisSessionStore(redis.server(), "shop");

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void markThatIsNotOursIsRemovedAndAllBeginAgain() {
        String marks = new RedisKeys("shop").settled(id.shard());
        SettleStore.Join begun = join(SettleStore.Step.BEGUN);
        store.settling().join(List.of(begun), () -> true, budget());
        redis.ask(jedis -> jedis.hset(marks, ".", "SOMETHING"));

        assertThat(phase(SettleStore.Step.TOLD)).isEqualTo(SettleStore.Phase.FORGOTTEN);
        assertThat(phase(SettleStore.Step.BEGUN)).isEqualTo(SettleStore.Phase.WAITING);
        assertThat(phase(SettleStore.Step.TOLD)).isEqualTo(SettleStore.Phase.SENDING);
        assertThat(phase(SettleStore.Step.SENT)).isEqualTo(SettleStore.Phase.SETTLED);
    }

    @Test
    void nothingIsSentToAPrimaryThatIsNotWanted() {
        assertThatThrownBy(() -> store.settling().join(List.of(join(SettleStore.Step.BEGUN)), () -> false, budget()))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("HF-410");
        assertThat(redis.ask(Jedis::dbSize)).isZero();
    }

    private SettleStore.Phase phase(SettleStore.Step step) {
        return store.settling()
                .join(List.of(join(step)), () -> true, budget())
                .get(0)
                .phase();
    }

    private SettleStore.Join join(SettleStore.Step step) {
        return new SettleStore.Join(id.shard(), "incarnation-of-node-A-", step, SettleStore.Waiting.WAITS, 0, Set.of());
    }

    private static WaitBudget budget() {
        return new WaitBudget(Duration.ofSeconds(10));
    }

    @Override
    protected SessionStore store() {
        return store;
    }
}
