package dev.holdfast.session.recovery;

import dev.holdfast.session.LiveNode;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the browsers of a node may go when it leaves: to the servers of the same application that are open, and stay.
 * Safe for use by many threads.
 */
public final class Successors {
    private final LiveNode me;
    private final Supplier<List<LiveNode>> present;
    private final Supplier<List<LiveNode>> recent;

    /**
     * @param present the other nodes that are in the registry now
     * @param recent with those that were there less than a life time ago
     */
    Successors(LiveNode me, Supplier<List<LiveNode>> present, Supplier<List<LiveNode>> recent) {
        this.me = me;
        this.present = present;
        this.recent = recent;
    }

    /** Whether browsers are sent to this node by its route; not with {@code affinity=none}. */
    public boolean areRouted() {
        return !me.route().isEmpty();
    }

    /** Whether none is known: browsers of this node could go nowhere. */
    public boolean areMissing() {
        return present.get().stream().noneMatch(this::serves);
    }

    /**
     * Whether this node has to serve on though it would leave. Of two that began to drain at the same moment, both of
     * which see that the other does, it is the one whose incarnation is lower. A node that the registry has just lost
     * counts: where Redis comes back, the others come back a second later.
     */
    public boolean needMe() {
        return recent.get().stream()
                .noneMatch(other -> serves(other)
                        || (isElsewhere(other)
                                && other.stage() == LiveNode.Stage.DRAINS
                                && other.incarnation().compareTo(me.incarnation()) < 0));
    }

    /**
     * The route of the node that a session is to go to: another one for other sessions, and the same for each answer of
     * one, as long as the same nodes are there.
     *
     * @return null if there is none
     */
    public @Nullable String of(String sessionId) {
        String best = null;
        int most = 0;
        for (LiveNode other : present.get()) {
            String route = other.route();
            int weight = mixed((route + sessionId).hashCode());
            boolean can = serves(other) && !route.isEmpty() && !route.equals(me.route());
            if (can && (best == null || weight > most)) {
                best = route;
                most = weight;
            }
        }
        return best;
    }

    private boolean serves(LiveNode other) {
        return isElsewhere(other) && other.stage() == LiveNode.Stage.SERVES;
    }

    /** Another version of the application on this server stops with it. */
    private boolean isElsewhere(LiveNode other) {
        return !process(other).equals(process(me));
    }

    private static String process(LiveNode node) {
        int dot = node.incarnation().indexOf('.');
        return dot < 0 ? node.incarnation() : node.incarnation().substring(0, dot);
    }

    /** The hashes of two routes with one id lie equally far apart for all ids: mixed, as MurmurHash3 ends. */
    private static int mixed(int hash) {
        int mixed = (hash ^ hash >>> 16) * 0x85ebca6b;
        mixed = (mixed ^ mixed >>> 13) * 0xc2b2ae35;
        return mixed ^ mixed >>> 16;
    }
}
