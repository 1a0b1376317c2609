package dev.holdfast.redis;

import dev.holdfast.session.AppIdentity;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the registry of one application's nodes: pairs of field and value, see {@code enter.lua}. */
final class RegistryEntries {
    /** Of the field beside the entry of a node that does not serve, which nodes of before do not look at. */
    static final String STAGE = "stage:";

    /** Of the field in which an operator leaves an order for a node, and which nodes of before leave alone. */
    static final String ORDER = "order:";

    /** What a node answers behind an order. */
    static final String FOLLOWED = " ok";

    static final String REFUSED = " no";

    private static final String FORMAT = "1";

    private final String app;
    private final List<String> pairs;
    private final Map<String, LiveNode.Stage> stages = new HashMap<>();

    /** @param pairs field and value by turns */
    RegistryEntries(String app, List<String> pairs) {
        this.app = app;
        this.pairs = pairs;
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            if (pairs.get(i).startsWith(STAGE)) {
                stages.put(pairs.get(i).substring(STAGE.length()), stage(pairs.get(i + 1)));
            }
        }
    }

    /** @param atMillis when it was entered, by the clock of Redis */
    record Entry(LiveNode node, long atMillis) {}

    /** Those that this version can read. */
    List<Entry> read() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            Entry entry = parse(pairs.get(i), pairs.get(i + 1));
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** What an operator has left for a node; null for nothing. */
    NodeRegistry.@Nullable Order orderOf(String incarnation) {
        String order = orderFor(incarnation);
        boolean followed = order.endsWith(FOLLOWED);
        boolean answered = followed || order.endsWith(REFUSED);
        String text = answered ? order.substring(0, order.length() - FOLLOWED.length()) : order;
        return order.isEmpty() ? null : new NodeRegistry.Order(text, answered ? followed : null);
    }

    private String orderFor(String incarnation) {
        for (int i = 0; i + 1 < pairs.size(); i += 2) {
            if (pairs.get(i).equals(ORDER + incarnation)) {
                return pairs.get(i + 1);
            }
        }
        return "";
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

    private @Nullable Entry parse(String incarnation, String entry) {
        String[] parts = entry.split("\\|", -1);
        // Of five parts: one that does not tell which application it is of.
        boolean readable = parts.length == 5 || parts.length == 6;
        if (!readable || !parts[0].equals(FORMAT) || !parts[3].matches("[0-9a-f]{16}")) {
            return null;
        }
        String at = parts[parts.length - 1];
        return new Entry(
                new LiveNode(
                        incarnation,
                        parts[1],
                        parts[2],
                        HexFormat.fromHexDigitsToLong(parts[3]),
                        parts.length == 5 ? null : AppIdentity.parse(app, parts[4]),
                        stages.getOrDefault(incarnation, LiveNode.Stage.SERVES)),
                at.matches("\\d{1,15}") ? Long.parseLong(at) : 0);
    }
}
