package dev.holdfast.redis.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * The primaries of a cluster, by slot.
 *
 * <p><b>Implementation note.</b> Who owns which slot is asked of one server at a time, by one thread at a time; who
 * cannot wait for it uses what is known. What counts as another primary than before is decided by {@link SlotRuns}. A
 * server that is only about to own a slot (ASK) answers for it only while it has all keys of the call; it counts as
 * another when it owns the slot. Proved by {@code ClusterIT}.
 */
final class ClusterTopology implements Topology {
    private static final int SLOTS = 16_384;
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** Nobody learns more from asking again sooner. */
    private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Connector connector;
    private final List<Endpoint> seeds;
    private final RedisNode.Manner manner;
    /** What is asked as long as nobody has said which primaries there are. */
    private final RedisNode unknown;

    private final Map<Endpoint, RedisNode> primaries = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<@Nullable RedisNode> owners = new AtomicReferenceArray<>(SLOTS);
    private final SlotRuns runs = new SlotRuns(SLOTS);
    private final ReentrantLock asking = new ReentrantLock();
    private volatile List<Endpoint> nodes = List.of();
    private final AtomicInteger first = new AtomicInteger();
    private volatile boolean doubted = true;
    private volatile long askedAt = OwnTime.now() - FRESH_NANOS;
    private volatile boolean closed;

    /**
     * @param seeds some of the cluster's servers
     * @param manner of all primaries
     */
    ClusterTopology(Connector connector, List<Endpoint> seeds, RedisNode.Manner manner) {
        this.connector = connector;
        this.manner = manner;
        this.seeds = List.copyOf(seeds);
        this.unknown = RedisNode.of(connector, named(seeds.get(0)), manner);
    }

    private PrimaryLocator named(Endpoint endpoint) {
        return PrimaryLocator.at(endpoint, endpoint + " (of " + this + ")");
    }

    @Override
    public List<Integer> slots(List<RedisCommand> calls) {
        Set<Integer> slots = new LinkedHashSet<>();
        for (RedisCommand call : calls) {
            slots.add(
                    call.keys().isEmpty()
                            ? 0
                            : JedisClusterCRC16.getSlot(call.keys().get(0)));
        }
        return List.copyOf(slots);
    }

    @Override
    public RedisNode known(int slot) {
        RedisNode owner = owners.get(slot);
        return owner == null ? unknown : owner;
    }

    @Override
    public RedisNode find(int slot, long deadline) throws IOException {
        if (doubted && OwnTime.now() - askedAt > FRESH_NANOS) {
            askForOwners(deadline);
        }
        RedisNode owner = owners.get(slot);
        // A slot that nobody owns: whoever is asked says so.
        return owner != null ? owner : primaries.values().stream().findFirst().orElse(unknown);
    }

    @Override
    public RedisNode named(HostAndPort server, RedisNode by) {
        // A server that does not know how it is reached leaves the name out.
        String host = server.getHost().isEmpty() ? hostOf(by) : server.getHost();
        return at(new Endpoint(host, server.getPort()));
    }

    private String hostOf(RedisNode primary) {
        return primaries.entrySet().stream()
                .filter(entry -> entry.getValue().equals(primary))
                .map(entry -> entry.getKey().host())
                .findFirst()
                .orElse(seeds.get(0).host());
    }

    private RedisNode at(Endpoint endpoint) {
        return primaries.computeIfAbsent(endpoint, e -> {
            RedisNode primary = RedisNode.of(connector, named(e), manner);
            // Started again at the same address, or it does not say which run it is.
            primary.pool().onOtherPrimary(runs::tell);
            return primary;
        });
    }

    @Override
    public void moved(int slot, RedisNode owner) {
        owners.set(slot, owner);
        doubted = true; // where one slot has moved, others may have
    }

    @Override
    public void doubt(RedisNode primary) {
        doubted = true;
        first.incrementAndGet();
    }

    @Override
    public boolean moves() {
        return true;
    }

    @Override
    public void goingTo(List<Integer> slots, RedisConnection connection) {
        runs.goingTo(slots, connection.runId() != null ? connection.runId() : connection.endpoint());
    }

    @Override
    public void onOtherPrimary(Runnable listener) {
        runs.onOther(listener);
    }

    @Override
    public void forget(Runnable listener) {
        runs.forget(listener);
    }

    @Override
    public List<Integer> oneOfEachPrimary() {
        Set<RedisNode> seen = new HashSet<>();
        List<Integer> slots = new ArrayList<>();
        for (int slot = 0; slot < SLOTS; slot++) {
            if (seen.add(known(slot))) {
                slots.add(slot);
            }
        }
        return slots;
    }

    @Override
    public boolean areMany() {
        return true;
    }

    @Override
    public void look() {
        unknown.look();
        primaries.values().forEach(RedisNode::look);
    }

    @Override
    public boolean isAway() {
        return oneOfEachPrimary().stream().allMatch(slot -> known(slot).gate().isAway());
    }

    // ---- who owns which slot

    private void askForOwners(long deadline) throws IOException {
        long before = askedAt;
        try {
            if (!asking.tryLock(deadline - OwnTime.now(), TimeUnit.NANOSECONDS)) {
                return; // somebody else is at it: what is known has to do
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the thread was interrupted", e);
        }
        try {
            if (askedAt == before) {
                askOneOfAll(deadline);
            }
        } finally {
            asking.unlock();
        }
    }

    private void askOneOfAll(long deadline) throws IOException {
        Set<Endpoint> all = new LinkedHashSet<>(nodes);
        all.addAll(seeds);
        List<Endpoint> candidates = List.copyOf(all);
        ConnectionFailures failures = new ConnectionFailures();
        int begin = first.get();
        for (int i = 0; i < candidates.size(); i++) {
            Endpoint candidate = candidates.get(Math.floorMod(begin + i, candidates.size()));
            long now = OwnTime.now();
            // One that says nothing must leave time for the others.
            long share = Math.max(LEAST_NANOS, (deadline - now) / (candidates.size() - i + 1));
            try {
                take(ask(candidate, now + Math.min(share, deadline - now)));
                return;
            } catch (IOException | JedisException e) {
                failures.add(candidate, e);
            }
        }
        if (nodes.isEmpty()) {
            throw failures.unknown("HF-452: Check that these servers run as a cluster, and holdfast.redis.");
        }
        askedAt = OwnTime.now();
    }

    /** @param from null for a server that owns no slot */
    private record Range(Endpoint server, @Nullable Integer from, int to) {}

    private List<Range> ask(Endpoint server, long deadline) throws IOException {
        try (RedisConnection connection = connector.open(server, deadline)) {
            Object reply = connection
                    .exchange(List.of(new CommandArguments(Command.CLUSTER).add("SLOTS")), deadline)
                    .get(0);
            if (reply instanceof JedisDataException refused) {
                throw refused;
            }
            List<Range> ranges = new ArrayList<>();
            for (Object each : reply instanceof List<?> list ? list : List.of()) {
                List<?> range = (List<?>) each;
                for (int i = 2; i < range.size(); i++) {
                    List<?> node = (List<?>) range.get(i);
                    String host = Replies.text(node.get(0));
                    Endpoint endpoint = new Endpoint(host.isEmpty() ? server.host() : host, Math.toIntExact((Long)
                            Objects.requireNonNull(node.get(1))));
                    ranges.add(
                            i == 2
                                    ? new Range(
                                            endpoint,
                                            Math.toIntExact((Long) Objects.requireNonNull(range.get(0))),
                                            Math.toIntExact((Long) Objects.requireNonNull(range.get(1))))
                                    : new Range(endpoint, null, 0));
                }
            }
            return ranges;
        } catch (ClassCastException | NullPointerException | IndexOutOfBoundsException | ArithmeticException e) {
            throw new IOException("no list of slots", e);
        }
    }

    private void take(List<Range> ranges) throws IOException {
        if (ranges.isEmpty()) {
            throw new IOException("no slots");
        }
        @Nullable RedisNode[] now = new @Nullable RedisNode[SLOTS];
        Set<RedisNode> owning = new HashSet<>();
        for (Range range : ranges) {
            if (range.from() != null) {
                RedisNode owner = at(range.server());
                owning.add(owner);
                Arrays.fill(now, range.from(), range.to() + 1, owner);
            }
        }
        for (int slot = 0; slot < SLOTS; slot++) {
            owners.set(slot, now[slot]);
        }
        nodes = ranges.stream().map(Range::server).distinct().toList();
        doubted = false;
        askedAt = OwnTime.now();
        retire(owning);
    }

    /** What owns nothing any more is closed; whoever is just about to use it is refused and looks again. */
    private void retire(Set<RedisNode> owning) {
        primaries.values().removeIf(primary -> {
            if (owning.contains(primary)) {
                return false;
            }
            primary.pool().close();
            return true;
        });
        if (closed) {
            close();
        }
    }

    @Override
    public void close() {
        closed = true;
        unknown.pool().close();
        primaries.values().forEach(primary -> primary.pool().close());
    }

    @Override
    public String toString() {
        return "the cluster " + seeds.stream().map(Endpoint::toString).collect(Collectors.joining(","));
    }
}
