package dev.holdfast.session.recovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * This node among the nodes of its application: its entry in the registry, and whom it has seen there. Safe for use by
 * many threads.
 *
 * <p><b>Implementation note.</b> Invariant: a node that answered requests and was in the registry is in {@link #others}
 * until it has been missing from answers for a whole life time. While Redis is away there are no answers, so nobody is
 * forgotten; and where Redis comes back with an empty registry, those who were there before are missed for that long,
 * and as long as a shard is unsettled. A node that comes late, because there was no Redis when it started, is
 * {@link #isNew} until those who were there before can have entered again: Redis may have come back empty, and this
 * node have been the first. Rule 7 rests on this: who is in the view may know of an end that nobody else knows of.
 * Proved by {@code MembershipTest}.
 */
public final class Membership {
    private static final Duration RETRY = Duration.ofMillis(250);

    /** In that time each node that lives has renewed its entry, which it does once a second. */
    private static final long NEW_NANOS = Duration.ofSeconds(2).toNanos();

    private final NodeRegistry registry;
    private final LiveNode me;
    private final Ticker ticker;
    private final Supplier<LiveNode.Stage> stage;
    private final Predicate<String> follows;
    private final RateLimitedLog log;

    @GuardedBy("this")
    private final Map<String, Seen> seen = new HashMap<>();

    /** Ticker time until which nodes may have ended sessions that are not in {@link #seen} any more. */
    private volatile long forgottenUntil;

    /** Ticker time of the last answer, and whether a renewal has failed since. */
    @GuardedBy("this")
    private long answeredAt;

    @GuardedBy("this")
    private boolean failed;

    private volatile boolean entered;
    /**
     * Ticker time of the first answer to a node that came late; null if it is new no more, or never was. Written by the
     * one that beats.
     */
    private volatile @Nullable Long lateSince;

    private volatile boolean left;
    /** Of the last answer that knew this node: an entry that ran out takes no order with it. */
    private volatile NodeRegistry.@Nullable Order order;

    private final NameConflicts conflicts;
    private final Successors successors;

    /** @param missingSince ticker time of the first answer without it; null if the last one had it */
    private record Seen(LiveNode node, @Nullable Long missingSince) {}

    /** @param me without unsettled shards */
    public Membership(NodeRegistry registry, LiveNode me, Ticker ticker) {
        this(registry, me, ticker, () -> LiveNode.Stage.SERVES, order -> false);
    }

    /**
     * @param me without unsettled shards
     * @param stage of this node, asked with each {@link #beat}; the one of {@code me} counts until then
     * @param follows whether this node does what an order says, asked with each {@link #beat}
     */
    public Membership(
            NodeRegistry registry,
            LiveNode me,
            Ticker ticker,
            Supplier<LiveNode.Stage> stage,
            Predicate<String> follows) {
        this.registry = registry;
        this.me = me;
        this.stage = stage;
        this.follows = follows;
        this.ticker = ticker;
        this.log = new RateLimitedLog(ticker);
        this.conflicts = new NameConflicts(me, log);
        this.successors = new Successors(me, this::present, this::others);
        this.forgottenUntil = ticker.nanos();
    }

    /**
     * Enters the registry. Where another live node has this node's route, waits until it would be gone if it were dead.
     * Where Redis is away, returns at once: {@link #beat} goes on trying.
     *
     * @throws IllegalStateException if two live nodes would have one route; the message says what to do
     */
    public void enter() {
        long end = ticker.nanos() + Lifetimes.REGISTRY.toNanos() + RETRY.toNanos();
        while (true) {
            try {
                NodeRegistry.Answer answer =
                        registry.enter(me, NodeRegistry.EntryKind.FIRST, WaitBudget.ofBackground());
                LiveNode other = answer.clash();
                if (other == null) {
                    entered = true;
                    take(answer, false);
                    conflicts.look(answer);
                    return;
                }
                long now = ticker.nanos();
                if (now >= end || Thread.currentThread().isInterrupted()) {
                    throw conflicts.refusal(other);
                }
                ticker.await(Math.min(end, now + RETRY.toNanos()));
            } catch (StoreUnavailableException e) {
                return; // that Redis is away was said; requests are answered as holdfast.outage says
            }
        }
    }

    /**
     * Renews the entry and looks who else is there. To be called once a second by one thread; what fails is tried again
     * with the next call.
     *
     * @param unsettled shards that this node does not load from, one bit for each
     * @return whether the registry answered, and knew this node: if not, it may have lost more
     */
    public Heartbeat beat(long unsettled) {
        if (left) {
            return Heartbeat.NO_ANSWER;
        }
        LiveNode now =
                new LiveNode(me.incarnation(), me.route(), me.address(), unsettled, me.application(), stage.get());
        NodeRegistry.EntryKind kind = entered ? NodeRegistry.EntryKind.RENEWED : NodeRegistry.EntryKind.LATE;
        NodeRegistry.Answer answer;
        try {
            NodeRegistry.Order known = order == null ? null : order.answered(follows);
            answer = registry.enter(now, kind, known, WaitBudget.ofBackground());
            if (left) {
                registry.leave(me, WaitBudget.ofBackground()); // it stopped meanwhile
                return Heartbeat.NO_ANSWER;
            }
        } catch (StoreUnavailableException e) {
            synchronized (this) {
                failed = true;
            }
            log.warn("HF-124", () -> "This node cannot renew its entry in the registry: " + e.getMessage(), e);
            return Heartbeat.NO_ANSWER;
        }
        boolean known = answer.known() || !entered;
        boolean first = !entered;
        if (first) {
            lateSince = ticker.nanos(); // before it is entered: it is not to be taken for alone in between
        }
        entered = true;
        take(answer, unsettled != 0);
        conflicts.look(answer);
        if (!first) {
            grow(answer.known());
        }
        conflicts.tellOfClash();
        return known ? Heartbeat.KNOWN : Heartbeat.UNKNOWN;
    }

    /** By answers, not by the clock alone: of others that entered meanwhile this node has to have heard. */
    private void grow(boolean stillThere) {
        Long since = lateSince;
        if (since != null && !stillThere) {
            lateSince = ticker.nanos();
        } else if (since != null && ticker.nanos() - since >= NEW_NANOS) {
            lateSince = null;
        }
    }

    /** What came of a renewal. */
    public enum Heartbeat {
        NO_ANSWER,
        KNOWN,
        /** The registry had lost this node. */
        UNKNOWN
    }

    /** @param forgetsNobody because it may be needed that they do what they have to do first */
    private synchronized void take(NodeRegistry.Answer answer, boolean forgetsNobody) {
        long now = ticker.nanos();
        answeredAt = now;
        order = answer.known() ? answer.order() : order;
        boolean after = failed;
        failed = false;
        Map<String, Seen> before = new HashMap<>(seen);
        seen.clear();
        for (LiveNode node : answer.others()) {
            seen.put(node.incarnation(), new Seen(node, null));
        }
        before.forEach((incarnation, old) -> {
            Long since = old.missingSince();
            long missing = since == null || after ? now : since;
            boolean recent = now - missing < Lifetimes.REGISTRY.toNanos();
            if (!seen.containsKey(incarnation) && (recent || forgetsNobody)) {
                seen.put(incarnation, new Seen(old.node(), missing));
            } else if (!seen.containsKey(incarnation)) {
                forgottenUntil = Math.max(forgottenUntil, missing);
            }
        });
    }

    /** All nodes but this one that are there, or were less than a life time ago. */
    public synchronized List<LiveNode> others() {
        List<LiveNode> others = new ArrayList<>();
        seen.values().forEach(each -> others.add(each.node()));
        return others;
    }

    /** Ticker time from which on only nodes that are in {@link #others} have ended anything. */
    long forgottenUntil() {
        return forgottenUntil;
    }

    /** Whether this node was entered, and has seen nobody else who may have been there before it. */
    public synchronized boolean isAlone() {
        return !isNew() && seen.isEmpty();
    }

    /** Whether there may be nodes of which this one has not heard: it was not entered, or late and only just. */
    public boolean isNew() {
        return !entered || lateSince != null;
    }

    /**
     * The route of a node that this one has seen, by what epochs call its incarnation; null if it has seen none of
     * that.
     */
    public synchronized @Nullable String routeOf(String owner) {
        for (Seen other : seen.values()) {
            LiveNode node = other.node();
            if (Epoch.ownerOf(node.route(), node.incarnation()).equals(owner)) {
                return node.route();
            }
        }
        return null;
    }

    /** Whether the registry has answered, the last time, too: else nobody knows who is there by now. */
    public synchronized boolean isUpToDate() {
        return entered && !failed;
    }

    /** What an operator has left in the registry for this node; null for nothing. */
    public NodeRegistry.@Nullable Order order() {
        return order;
    }

    /** Where browsers of this node may go when it leaves. */
    public Successors successors() {
        return successors;
    }

    /** Those of {@link #others} that the last answer had. */
    private synchronized List<LiveNode> present() {
        return seen.values().stream()
                .filter(other -> other.missingSince() == null)
                .map(Seen::node)
                .toList();
    }

    /**
     * Whether a node had the time to come back and did not: it was missing from the answers for a whole life time, in
     * which none failed.
     *
     * @param known how long, in nanoseconds, another node's word for it has been known, if this one never saw it
     */
    synchronized boolean isGone(String incarnation, long known) {
        Seen other = seen.get(incarnation);
        Long since = other == null ? Long.valueOf(answeredAt - known) : other.missingSince();
        return since != null && answeredAt - since >= Lifetimes.REGISTRY.toNanos();
    }

    /** Shards that any node does not load from because the store lost their data, one bit for each. */
    synchronized long unsettledOfOthers() {
        long shards = 0;
        for (Seen other : seen.values()) {
            shards |= other.missingSince() == null ? other.node().unsettled() : 0;
        }
        return shards;
    }

    public String incarnation() {
        return me.incarnation();
    }

    /** What the doctor says of this node's name; empty if all is well. */
    public Optional<String> finding() {
        return conflicts.clashFinding();
    }

    /** What the doctor says of other applications under this one's name; empty if all is well. */
    public Optional<String> strangerFinding() {
        return conflicts.strangerFinding();
    }

    /** Takes this node out of the registry; where Redis is away, its entry runs out. */
    public void leave() {
        left = true;
        if (!entered) {
            return;
        }
        try {
            registry.leave(me, WaitBudget.ofBackground());
        } catch (StoreUnavailableException e) {
            log.warn(
                    "HF-124",
                    () -> "This node cannot take its entry out of the registry, it runs out: " + e.getMessage(),
                    e);
        }
    }
}
