package dev.holdfast.redis.client;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * A round trip about several slots of a cluster: one to each of their primaries. What cannot be had from one is no
 * reason to fail the others: its replies are the exception. What had moved is sent once more, slot by slot. Used by one
 * thread, once.
 */
final class FanOut {
    private final Topology topology;
    private final CommandExecutor executor;
    private final Pipeline whole;
    private final long end;
    private final WaitBudget budget;
    private final @Nullable Object[] replies;
    private boolean repeated;
    private Replies.@Nullable Replicas replicas;
    private @Nullable StoreUnavailableException failure;
    private boolean answered;
    private boolean away;

    FanOut(Topology topology, CommandExecutor executor, Pipeline whole, long end, WaitBudget budget) {
        this.topology = topology;
        this.executor = executor;
        this.whole = whole;
        this.end = end;
        this.budget = budget;
        this.replies = new @Nullable Object[whole.calls().size()];
    }

    /** @throws StoreUnavailableException if no primary answered */
    Replies run() {
        Map<Integer, List<Integer>> bySlot = new LinkedHashMap<>();
        for (int i = 0; i < whole.calls().size(); i++) {
            int slot = topology.slots(List.of(whole.calls().get(i))).get(0);
            bySlot.computeIfAbsent(slot, s -> new ArrayList<>()).add(i);
        }
        Map<RedisNode, List<Integer>> byNode = new LinkedHashMap<>();
        bySlot.keySet()
                .forEach(slot -> byNode.computeIfAbsent(topology.known(slot), n -> new ArrayList<>())
                        .add(slot));
        int left = byNode.size();
        for (List<Integer> slots : byNode.values()) {
            List<Integer> indices = slots.stream()
                    .flatMap(slot -> indicesOf(bySlot, slot).stream())
                    .toList();
            send(slots, indices, left--);
        }
        for (int slot : bySlot.keySet()) {
            List<Integer> again = moved(indicesOf(bySlot, slot));
            if (!again.isEmpty()) {
                List<RedisCommand> calls = new ArrayList<>();
                List<@Nullable Object> before = new ArrayList<>();
                for (int index : again) {
                    calls.add(whole.calls().get(index));
                    before.add(replies[index]);
                }
                repeated |= whole.part(calls).hasRun(before);
                send(List.of(slot), again, 1);
            }
        }
        if (!answered && failure != null) {
            throw failure;
        }
        return new Replies(Arrays.asList(replies), repeated, replicas, away);
    }

    private static List<Integer> indicesOf(Map<Integer, List<Integer>> bySlot, int slot) {
        return bySlot.getOrDefault(slot, List.of());
    }

    /** What has moved; and what stands behind a script that has, since it may read what that writes. */
    private List<Integer> moved(List<Integer> indices) {
        List<Integer> all = new ArrayList<>();
        boolean behindScript = false;
        for (int index : indices) {
            boolean moved = hasMoved(index);
            behindScript |= moved && whole.calls().get(index).script() != null;
            if (moved || behindScript) {
                all.add(index);
            }
        }
        return all;
    }

    private boolean isAnswered(int index) {
        return replies[index] != null
                && !(replies[index] instanceof JedisDataException)
                && !(replies[index] instanceof StoreUnavailableException);
    }

    private boolean hasMoved(int index) {
        return replies[index] instanceof JedisDataException refused
                && RedisError.of(refused).isElsewhere();
    }

    /** @param left how many primaries are still to be asked, this one included */
    private void send(List<Integer> slots, List<Integer> indices, int left) {
        List<RedisCommand> calls = indices.stream().map(whole.calls()::get).toList();
        long now = OwnTime.now();
        try {
            Replies some = executor.run(whole.part(calls), slots, now + (end - now) / left, budget);
            for (int i = 0; i < indices.size(); i++) {
                int index = indices.get(i);
                if (!isAnswered(index) || some.refusal(i) == null) {
                    replies[index] = some.all().get(i);
                }
            }
            away |= some.away();
            repeated |= some.repeated();
            if (replicas == null || replicas.areEnough()) {
                replicas = some.replicas();
            }
            answered = true;
        } catch (StoreUnavailableException e) {
            failure = e;
            // What was answered before stays so.
            indices.stream().filter(index -> !isAnswered(index)).forEach(index -> replies[index] = e);
        }
    }
}
