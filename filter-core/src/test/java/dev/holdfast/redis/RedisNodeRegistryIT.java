package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.AppIdentity;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.NodeRegistry.EntryKind;
import dev.holdfast.session.NodeRegistryContract;
import dev.holdfast.session.WaitBudget;
import java.time.Duration;
import java.util.Set;
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
        registry.enter(n2, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));

        assertThat(redis.<String>ask(jedis -> jedis.hget(KEY, n2.incarnation())))
                .matches("1\\|n2\\|host-2:8080\\|5000000000000000\\|\\|\\d{13}");
        assertThat(redis.<Long>ask(jedis -> jedis.pttl(KEY))).isBetween(50_000L, 60_000L);
    }

    @Test
    void orderIsForItsNodeAndGoesWithIt() {
        registry.enter(n1, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));
        registry.enter(n2, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));
        redis.ask(jedis -> jedis.hset(KEY, "order:" + n1.incarnation(), "move"));

        NodeRegistry.Answer toN1 = registry.enter(n1, EntryKind.RENEWED, new WaitBudget(Duration.ofSeconds(5)));
        NodeRegistry.Answer toN2 = registry.enter(n2, EntryKind.RENEWED, new WaitBudget(Duration.ofSeconds(5)));

        assertThat(toN1.order()).isEqualTo(new NodeRegistry.Order("move", null));
        assertThat(toN1.others()).containsExactly(n2);
        assertThat(toN2.order()).isNull();
        assertThat(toN2.others()).containsExactly(n1);

        registry.leave(n1, new WaitBudget(Duration.ofSeconds(5)));
        assertThat(redis.<Set<String>>ask(jedis -> jedis.hkeys(KEY))).containsExactly(n2.incarnation());
    }

    /** It was paused: the others have taken it for dead. */
    @Test
    void nodeThatIsBackBringsItsOrderAlong() {
        registry.enter(n1, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));
        redis.ask(jedis -> jedis.hset(KEY, "order:" + n1.incarnation(), "soft"));
        letRunOut(n1);
        registry.enter(n2, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));

        NodeRegistry.Answer answer = registry.enter(
                n1, EntryKind.RENEWED, new NodeRegistry.Order("soft", true), new WaitBudget(Duration.ofSeconds(5)));

        assertThat(answer.known()).isFalse();
        assertThat(redis.<String>ask(jedis -> jedis.hget(KEY, "order:" + n1.incarnation())))
                .isEqualTo("soft ok");
    }

    @Test
    void orderForANodeThatIsGoneIsRemoved() {
        registry.enter(n1, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));
        redis.ask(jedis -> jedis.hset(KEY, "order:" + n1.incarnation(), "soft"));
        letRunOut(n1);

        registry.enter(n2, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));

        assertThat(redis.<Set<String>>ask(jedis -> jedis.hkeys(KEY))).containsExactly(n2.incarnation());
    }

    @Test
    void entrySaysWhichApplicationItIsOf() {
        AppIdentity shop = new AppIdentity("shop", false, "admin.example/shop", "Shop");
        LiveNode node = new LiveNode(n2.incarnation(), n2.route(), n2.address(), 0, shop);

        registry.enter(node, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));

        assertThat(redis.<String>ask(jedis -> jedis.hget(KEY, n2.incarnation())))
                .matches("1\\|n2\\|host-2:8080\\|0{16}\\|admin\\.example/shop;Shop\\|\\d{13}");
    }

    /** As nodes wrote it before they told which application they are of. */
    @Test
    void entryWithoutAnApplicationIsANodeAllTheSame() {
        long now = redis.ask(jedis -> Long.parseLong(jedis.time().get(0)) * 1_000);
        redis.ask(jedis -> jedis.hset(KEY, "before", "1|n1|host-9:8080|5000000000000000|" + now));

        NodeRegistry.Answer answer = registry.enter(n1, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));

        assertThat(answer.clash()).isEqualTo(new LiveNode("before", "n1", "host-9:8080", 5L << 60));
        redis.ask(jedis -> jedis.hset(KEY, "before", "1|n1|" + n1.address() + "|5000000000000000|" + now));
        assertThat(registry.enter(n1, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)))
                        .others())
                .isEmpty();
        assertThat(redis.<Boolean>ask(jedis -> jedis.hexists(KEY, "before"))).isFalse();
    }

    /** Nodes that know nothing of stages see an entry of a format to come, and the node as before. */
    @Test
    void stageIsAFieldOfItsOwn() {
        LiveNode drains = new LiveNode(n1.incarnation(), n1.route(), n1.address(), 0, null, LiveNode.Stage.DRAINS);
        registry.enter(drains, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));
        String field = "stage:" + n1.incarnation();
        assertThat(redis.<String>ask(jedis -> jedis.hget(KEY, field))).isEqualTo("DRAINS");
        assertThat(redis.<String>ask(jedis -> jedis.hget(KEY, n1.incarnation())))
                .matches("1\\|n1\\|host-1:8080\\|0{16}\\|\\|\\d{13}");

        registry.leave(n1, new WaitBudget(Duration.ofSeconds(5)));
        assertThat(redis.<Boolean>ask(jedis -> jedis.exists(KEY))).isFalse();

        redis.ask(jedis -> jedis.hset(KEY, field, "DRAINS"));
        registry.enter(n2, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));
        assertThat(redis.<Boolean>ask(jedis -> jedis.hexists(KEY, field))).isFalse();
    }

    @Test
    void entryOfAFormatToComeIsLeftAsItIs() {
        redis.ask(jedis -> jedis.hset(KEY, "later", "2|whatever"));

        assertThat(registry.enter(n1, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)))
                        .others())
                .isEmpty();
        assertThat(redis.<String>ask(jedis -> jedis.hget(KEY, "later"))).isEqualTo("2|whatever");
    }

    @Test
    void applicationsHaveRegistriesOfTheirOwn() {
        registry.enter(n1, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)));

        assertThat(new RedisNodeRegistry(redis.server(), "desk")
                        .enter(n2, EntryKind.FIRST, new WaitBudget(Duration.ofSeconds(5)))
                        .others())
                .isEmpty();
    }
}
