package dev.holdfast.session.recovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.AppIdentity;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.RateLimitedLog;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Live nodes that must not have the names that they have: another one with this node's, and those that keep the
 * sessions of another application under this one's. Safe for use by many threads.
 */
final class NameConflicts {
    /** So many other applications of one name are told of. */
    private static final int STRANGERS = 20;

    private final LiveNode me;
    private final RateLimitedLog log;
    private volatile @Nullable LiveNode clash;

    /**
     * A live node of another application that keeps its sessions under the same name; null if the last answer had none.
     */
    private volatile @Nullable LiveNode stranger;

    /** What was said of strangers, each once. */
    @GuardedBy("this")
    private final Set<String> warned = new HashSet<>();

    NameConflicts(LiveNode me, RateLimitedLog log) {
        this.me = me;
        this.log = log;
    }

    /** An answer of the registry. */
    void look(NodeRegistry.Answer answer) {
        clash = answer.clash();
        lookForStrangers(answer);
    }

    /** Says that another live node has this node's name, if the last answer had one. */
    void tellOfClash() {
        LiveNode other = clash;
        if (other != null) {
            log.warn("HF-123", () -> described(other), null);
        }
    }

    /** Why this node must not start beside another one. */
    IllegalStateException refusal(LiveNode other) {
        return new IllegalStateException("HF-122: Node \"" + me.route() + "\" at " + me.address()
                + " does not start: a live node at " + other.address()
                + " has the same name, and the balancer could not tell them apart. Give one of them another"
                + " holdfast.node, or stop the other one; one that was killed is forgotten after "
                + Lifetimes.REGISTRY.toSeconds() + " seconds."
                + (isOfAnother(other) ? " " + strange(other) : ""));
    }

    /** What the doctor says of this node's name; empty if all is well. */
    Optional<String> clashFinding() {
        LiveNode other = clash;
        return other == null ? Optional.empty() : Optional.of("HF-513: " + described(other));
    }

    private String described(LiveNode other) {
        return "Two live nodes have the name \"" + me.route() + "\": this one at " + me.address() + " and one at "
                + other.address()
                + ". The balancer sends browsers of one to the other. Give one of them another holdfast.node and start"
                + " it again.";
    }

    /**
     * Neighbours that keep the sessions of another application under this one's name: each sees, and logs in to, the
     * other's.
     */
    private void lookForStrangers(NodeRegistry.Answer answer) {
        LiveNode found = null;
        for (LiveNode other : answer.others()) {
            if (isOfAnother(other)) {
                found = other;
            }
        }
        stranger = found;
        if (found != null) {
            warn(found, String.valueOf(found.application()));
        }
    }

    private synchronized void warn(LiveNode other, String application) {
        boolean isNews = warned.size() < STRANGERS && !warned.contains(application);
        if (isNews && log.warn("HF-136", () -> strange(other), null)) {
            warned.add(application);
        }
    }

    private boolean isOfAnother(LiveNode other) {
        AppIdentity own = me.application();
        AppIdentity others = other.application();
        return own != null && others != null && own.isOtherThan(others);
    }

    private String strange(LiveNode other) {
        AppIdentity own = me.application();
        return "Two applications keep their sessions under one name, holdfast.app = " + (own == null ? "" : own.app())
                + ": " + own + " here, and " + other.application() + " on the node at " + other.address()
                + ". A session, or a login, of the one is one of the other. Set holdfast.app for one of them; or on"
                + " all nodes, if they are one application after all.";
    }

    /** What the doctor says of other applications under this one's name; empty if all is well. */
    Optional<String> strangerFinding() {
        LiveNode other = stranger;
        return other == null ? Optional.empty() : Optional.of("HF-518: " + strange(other));
    }
}
