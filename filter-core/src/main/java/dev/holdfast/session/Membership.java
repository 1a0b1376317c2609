package dev.holdfast.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * This node among the nodes of its application: its entry in the registry, and whom it has seen there. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> Invariant: a node that answered requests and was in the registry is in {@link #others} until it has been
 * missing from answers for a whole life time. While Redis is away there are no answers, so nobody is forgotten; and where Redis comes back
 * with an empty registry, those who were there before are missed for that long. Rule 7 rests on this: who is in the view may know of an end
 * that nobody else knows of. Proved by {@code MembershipTest}.
 */
public final class Membership {
    private static final Duration RETRY = Duration.ofMillis(250);

    private final NodeRegistry registry;
    private final LiveNode me;
    private final Duration timeout;
    private final Ticker ticker;
    private final QuietLog log;

    /** Guarded by this. */
    private final Map<String, Seen> seen = new HashMap<>();

    private volatile boolean entered;
    private volatile boolean left;
    private volatile @Nullable LiveNode clash;

    /** @param missingSince ticker time of the first answer without it; null if the last one had it */
    private record Seen(LiveNode node, @Nullable Long missingSince) {}

    /**
     * @param me without unsettled shards
     * @param timeout of one call
     */
    public Membership(NodeRegistry registry, LiveNode me, Duration timeout, Ticker ticker) {
        this.registry = registry;
        this.me = me;
        this.timeout = timeout;
        this.ticker = ticker;
        this.log = new QuietLog(ticker);
    }

    /**
     * Enters the registry. Where another live node has this node's route, waits until it would be gone if it were dead. Where Redis is
     * away, returns at once: {@link #beat} goes on trying.
     *
     * @throws IllegalStateException if two live nodes would have one route; the message says what to do
     */
    public void enter() {
        long end = ticker.nanos() + Lifetimes.REGISTRY.toNanos() + RETRY.toNanos();
        while (true) {
            try {
                NodeRegistry.Answer answer = registry.enter(me, NodeRegistry.Manner.FIRST, new WaitBudget(timeout));
                LiveNode other = answer.clash();
                if (other == null) {
                    entered = true;
                    take(answer);
                    return;
                }
                long now = ticker.nanos();
                if (now >= end || Thread.currentThread().isInterrupted()) {
                    throw new IllegalStateException("HF-122: Node \"" + me.route() + "\" at " + me.address()
                            + " does not start: a live node at " + other.address()
                            + " has the same name, and the balancer could not tell them apart. Give one of them another"
                            + " holdfast.node, or stop the other one; one that was killed is forgotten after "
                            + Lifetimes.REGISTRY.toSeconds() + " seconds.");
                }
                ticker.await(Math.min(end, now + RETRY.toNanos()));
            } catch (StoreUnavailableException e) {
                return; // that Redis is away was said; requests are answered as holdfast.outage says
            }
        }
    }

    /**
     * Renews the entry and looks who else is there. To be called once a second by one thread; what fails is tried again with the next call.
     *
     * @param unsettled shards that this node does not load from, one bit for each
     * @return whether the registry answered, and knew this node: if not, it may have lost more
     */
    Beat beat(long unsettled) {
        if (left) {
            return Beat.NO_ANSWER;
        }
        LiveNode now = new LiveNode(me.incarnation(), me.route(), me.address(), unsettled);
        NodeRegistry.Manner manner = entered ? NodeRegistry.Manner.RENEWED : NodeRegistry.Manner.LATE;
        NodeRegistry.Answer answer;
        try {
            answer = registry.enter(now, manner, new WaitBudget(timeout));
            if (left) {
                registry.leave(me, new WaitBudget(timeout)); // it stopped meanwhile
                return Beat.NO_ANSWER;
            }
        } catch (StoreUnavailableException e) {
            log.warn("HF-124", () -> "This node cannot renew its entry in the registry: " + e.getMessage(), e);
            return Beat.NO_ANSWER;
        }
        boolean known = answer.known() || !entered;
        entered = true;
        take(answer);
        LiveNode other = answer.clash();
        if (other != null) {
            log.warn("HF-123", () -> described(other), null);
        }
        return known ? Beat.KNOWN : Beat.UNKNOWN;
    }

    /** What came of a renewal. */
    enum Beat {
        NO_ANSWER,
        KNOWN,
        /** The registry had lost this node. */
        UNKNOWN
    }

    private synchronized void take(NodeRegistry.Answer answer) {
        clash = answer.clash();
        long now = ticker.nanos();
        Map<String, Seen> before = new HashMap<>(seen);
        seen.clear();
        for (LiveNode node : answer.others()) {
            seen.put(node.incarnation(), new Seen(node, null));
        }
        before.forEach((incarnation, old) -> {
            Long since = old.missingSince();
            long missing = since == null ? now : since;
            if (!seen.containsKey(incarnation) && now - missing < Lifetimes.REGISTRY.toNanos()) {
                seen.put(incarnation, new Seen(old.node(), missing));
            }
        });
    }

    /** All nodes but this one that are there, or were less than a life time ago. */
    synchronized List<LiveNode> others() {
        List<LiveNode> others = new ArrayList<>();
        seen.values().forEach(each -> others.add(each.node()));
        return others;
    }

    /** Whether this node has been entered, so that the others can know of it. */
    boolean isEntered() {
        return entered;
    }

    String incarnation() {
        return me.incarnation();
    }

    /** What the doctor says of this node's name; empty if all is well. */
    public Optional<String> finding() {
        LiveNode other = clash;
        return other == null ? Optional.empty() : Optional.of("HF-513: " + described(other));
    }

    private String described(LiveNode other) {
        return "Two live nodes have the name \"" + me.route() + "\": this one at " + me.address() + " and one at "
                + other.address()
                + ". The balancer sends browsers of one to the other. Give one of them another holdfast.node and start"
                + " it again.";
    }

    /** Takes this node out of the registry; where Redis is away, its entry runs out. */
    public void leave() {
        left = true;
        if (!entered) {
            return;
        }
        try {
            registry.leave(me, new WaitBudget(timeout));
        } catch (StoreUnavailableException e) {
            log.warn(
                    "HF-124",
                    () -> "This node cannot take its entry out of the registry, it runs out: " + e.getMessage(),
                    e);
        }
    }
}
