package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.AppIdentity;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/** The live nodes of one application, in one hash in Redis or Valkey. Safe for use by many threads. */
public final class RedisNodeRegistry implements NodeRegistry {
    private static final String FORMAT = "1";
    private static final String STAGE = "stage:";

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
    public Answer enter(LiveNode me, EntryKind kind, WaitBudget budget) {
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
                me.stage() == LiveNode.Stage.SERVES ? "" : me.stage().name());
        Replies replies =
                server.run(what, budget, List.of(RedisCommand.script(Script.ENTER, List.of(keys.nodes()), arguments)));
        reader.requireAll(what, replies);
        List<String> texts = replies.texts(0);
        List<LiveNode> others = new ArrayList<>();
        LiveNode clash = null;
        Map<String, LiveNode.Stage> stages = stages(texts);
        for (int i = 3; i + 1 < texts.size(); i += 2) {
            LiveNode other =
                    parse(texts.get(i), texts.get(i + 1), stages.getOrDefault(texts.get(i), LiveNode.Stage.SERVES));
            if (other != null) {
                others.add(other);
                clash = other.incarnation().equals(texts.get(2)) ? other : clash;
            }
        }
        return new Answer(texts.get(1).equals("1"), others, clash);
    }

    /** A node that does not serve has a field of its own beside its entry, which nodes of before do not look at. */
    private static Map<String, LiveNode.Stage> stages(List<String> texts) {
        Map<String, LiveNode.Stage> stages = new HashMap<>();
        for (int i = 3; i + 1 < texts.size(); i += 2) {
            if (texts.get(i).startsWith(STAGE)) {
                stages.put(texts.get(i).substring(STAGE.length()), stage(texts.get(i + 1)));
            }
        }
        return stages;
    }

    /** Of a stage to come this node knows that it is none in which browsers may be sent there. */
    private static LiveNode.Stage stage(String text) {
        for (LiveNode.Stage stage : LiveNode.Stage.values()) {
            if (stage.name().equals(text)) {
                return stage;
            }
        }
        return LiveNode.Stage.LEAVES;
    }

    private @Nullable LiveNode parse(String incarnation, String entry, LiveNode.Stage stage) {
        String[] parts = entry.split("\\|", -1);
        // Of five parts: one that does not tell which application it is of.
        boolean readable = parts.length == 5 || parts.length == 6;
        if (!readable || !parts[0].equals(FORMAT) || !parts[3].matches("[0-9a-f]{16}")) {
            return null;
        }
        return new LiveNode(
                incarnation,
                parts[1],
                parts[2],
                HexFormat.fromHexDigitsToLong(parts[3]),
                parts.length == 5 ? null : AppIdentity.parse(app, parts[4]),
                stage);
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
                                Command.HDEL, keys.nodes(), me.incarnation(), STAGE + me.incarnation()))));
    }
}
