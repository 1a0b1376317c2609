package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.AppIdentity;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/** The live nodes of one application, in one hash in Redis or Valkey. Safe for use by many threads. */
public final class RedisNodeRegistry implements NodeRegistry {
    private final RedisServer server;
    private final String app;
    private final RedisKeys keys;
    private final ReplyReader reader;

    /**
     * @param server outlives this registry
     * @param app name of the application, as of its {@link RedisSessionStore}
     */
    public RedisNodeRegistry(RedisServer server, String app) {
        this.server = server;
        this.app = app;
        this.keys = new RedisKeys(app);
        this.reader = new ReplyReader(server, keys, server.notices());
    }

    @Override
    public Answer enter(LiveNode me, EntryKind kind, @Nullable Order order, WaitBudget budget) {
        AppIdentity application = me.application();
        String what = "enter node " + me.route() + " into the registry";
        List<Object> arguments = List.of(
                me.incarnation(),
                me.route(),
                me.address(),
                HexFormat.of().toHexDigits(me.unsettled()),
                Lifetimes.REGISTRY.toMillis(),
                kind.name(),
                application == null ? "" : application.text(),
                me.stage() == LiveNode.Stage.SERVES ? "" : me.stage().name(),
                order == null
                        ? ""
                        : order.text()
                                + (Boolean.TRUE.equals(order.followed())
                                        ? RegistryEntries.FOLLOWED
                                        : RegistryEntries.REFUSED));
        Replies replies =
                server.run(what, budget, List.of(RedisCommand.script(Script.ENTER, List.of(keys.nodes()), arguments)));
        reader.requireAll(what, replies);
        List<String> texts = replies.texts(0);
        List<LiveNode> others = new ArrayList<>();
        LiveNode clash = null;
        RegistryEntries entries = new RegistryEntries(app, texts.subList(3, texts.size()));
        for (RegistryEntries.Entry entry : entries.read()) {
            LiveNode other = entry.node();
            others.add(other);
            clash = other.incarnation().equals(texts.get(2)) ? other : clash;
        }
        return new Answer(texts.get(1).equals("1"), others, clash, entries.orderOf(me.incarnation()));
    }

    @Override
    public void leave(LiveNode me, WaitBudget budget) {
        String what = "take node " + me.route() + " out of the registry";
        reader.requireAll(
                what,
                server.run(
                        what,
                        budget,
                        List.of(RedisCommand.plain(
                                Command.HDEL,
                                keys.nodes(),
                                me.incarnation(),
                                RegistryEntries.STAGE + me.incarnation(),
                                RegistryEntries.ORDER + me.incarnation()))));
    }
}
