package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/** The registry of one application's nodes, for an operator. Safe for use by many threads. */
public final class RegistryView {
    private final RedisServer server;
    private final String app;
    private final RedisKeys keys;
    private final ReplyReader reader;
    private final Supplier<WaitBudget> budgets;

    RegistryView(RedisServer server, String app, RedisKeys keys, ReplyReader reader, Supplier<WaitBudget> budgets) {
        this.server = server;
        this.app = app;
        this.keys = keys;
        this.reader = reader;
        this.budgets = budgets;
    }

    /**
     * A node as it stands there.
     *
     * @param seenMillis how long ago it gave its last sign of life; nodes give one each second
     * @param order what was left for it, and its answer; null for nothing
     */
    public record Node(LiveNode node, long seenMillis, NodeRegistry.@Nullable Order order) {
        /** Whether the other nodes count on it. */
        public boolean isLive() {
            return seenMillis <= Lifetimes.REGISTRY.toMillis();
        }
    }

    /**
     * All of them, by name.
     *
     * @throws StoreUnavailableException if Redis does not answer, or refuses
     */
    public List<Node> nodes() {
        String what = "read the registry of nodes";
        Replies time = ask(what, new RedisCommand(null, Command.TIME, List.of(), List.of()));
        RegistryEntries entries = new RegistryEntries(
                app,
                ask(what, RedisCommand.plain(Command.HGETALL, keys.nodes())).texts(0));
        return entries.read().stream()
                .map(entry -> new Node(
                        entry.node(),
                        Math.max(0, time.millis(0) - entry.atMillis()),
                        entries.orderOf(entry.node().incarnation())))
                .sorted(Comparator.comparing(node -> node.node().route()))
                .toList();
    }

    /**
     * Leaves an order for a node, which it finds and answers within some seconds, and which is there until it is taken
     * back or the node leaves.
     *
     * @param order {@code soft} or {@code move}, and {@code force} behind it if it is to drain though no other node
     *     stays; empty to take back what was left before
     * @throws StoreUnavailableException if Redis does not answer, or refuses
     */
    public void order(LiveNode node, String order) {
        String field = RegistryEntries.ORDER + node.incarnation();
        Replies ignored = ask(
                "leave an order for node " + node.route(),
                order.isEmpty()
                        ? RedisCommand.plain(Command.HDEL, keys.nodes(), field)
                        : RedisCommand.plain(Command.HSET, keys.nodes(), field, order));
    }

    private Replies ask(String what, RedisCommand call) {
        Replies replies = server.run(what, budgets.get(), List.of(call));
        reader.requireAll(what, replies);
        return replies;
    }
}
