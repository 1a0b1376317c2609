package dev.holdfast.session.testing;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.recovery.Membership;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A registry in memory that behaves like the one in Redis, by a clock that a test moves. Passes the same contract. */
public final class InMemoryNodeRegistry implements NodeRegistry {
    private static final AtomicInteger MADE = new AtomicInteger();

    private record Entry(LiveNode node, long at) {}

    private final Ticker clock;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private boolean down;

    public InMemoryNodeRegistry(Ticker clock) {
        this.clock = clock;
    }

    /** Where nobody else ever comes, and nothing is kept. */
    private static final class Empty implements NodeRegistry {
        @Override
        public Answer enter(LiveNode me, EntryKind kind, @Nullable Order order, WaitBudget budget) {
            return new Answer(true, List.of(), null);
        }

        @Override
        public void leave(LiveNode me, WaitBudget budget) {
            // nobody was entered
        }
    }

    /** A node that sees no other, and is another one than all of that name that were made before. */
    public static Membership alone(String route, Ticker clock) {
        return alone(route, route + "." + MADE.incrementAndGet(), clock);
    }

    public static Membership alone(String route, String incarnation, Ticker clock) {
        Membership alone = new Membership(new Empty(), new LiveNode(incarnation, route, route + ":8080", 0), clock);
        alone.enter();
        return alone;
    }

    public synchronized void setDown(boolean noAnswer) {
        down = noAnswer;
    }

    /** Forgets all entries, as a Redis does that starts empty. */
    public synchronized void loseData() {
        entries.clear();
    }

    @Override
    public synchronized Answer enter(LiveNode me, EntryKind kind, @Nullable Order order, WaitBudget budget) {
        requireUp();
        boolean known = entries.containsKey(me.incarnation());
        LiveNode clash = null;
        List<LiveNode> others = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        for (Entry entry : entries.values()) {
            LiveNode node = entry.node();
            boolean sibling = process(node).equals(process(me));
            boolean dead = clock.nanos() - entry.at() > Lifetimes.REGISTRY.toNanos()
                    || (kind != EntryKind.RENEWED && node.address().equals(me.address()) && !sibling);
            if (node.incarnation().equals(me.incarnation())) {
                continue;
            }
            if (dead) {
                gone.add(node.incarnation());
            } else {
                others.add(node);
                clash = !me.route().isEmpty() && node.route().equals(me.route()) && !sibling ? node : clash;
            }
        }
        if (clash == null || kind != EntryKind.FIRST) {
            entries.keySet().removeAll(gone);
            entries.put(me.incarnation(), new Entry(me, clock.nanos()));
        }
        return new Answer(known, others, clash);
    }

    private static String process(LiveNode node) {
        return node.incarnation().split("\\.", -1)[0];
    }

    @Override
    public synchronized void leave(LiveNode me, WaitBudget budget) {
        requireUp();
        entries.remove(me.incarnation());
    }

    private void requireUp() {
        if (down) {
            throw new StoreUnavailableException("Cannot ask the registry: it is down.", false, null);
        }
    }
}
