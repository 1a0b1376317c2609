package dev.holdfast.history.run;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.RawExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the nodes themselves have counted in a run, in all their lives; what a killed node had counted since it was last
 * asked is missing. For many threads.
 */
public final class NodeCounters {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<ContainerProcess> nodes;
    private final Map<String, Map<String, Long>> before = new HashMap<>();
    private final Map<String, Map<String, Long>> latest = new HashMap<>();
    private final Map<String, Long> total = new TreeMap<>();

    /** Counts from now on. */
    NodeCounters(List<ContainerProcess> nodes) {
        this.nodes = nodes;
        nodes.forEach(this::ask);
        before.putAll(latest);
    }

    /** Asks a node that runs. */
    void ask(ContainerProcess node) {
        for (String application : List.of(Cluster.STICKY, Cluster.ROAMING)) {
            try {
                Answer answer = answer(node, application);
                if (answer.status() == 200) {
                    remember(node.name() + "/" + application, answer.body());
                }
            } catch (IOException e) {
                // What it had counted before is known.
            }
        }
    }

    private static Answer answer(ContainerProcess node, String application) throws IOException {
        String head = "GET /" + application + "/counters HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
        return RawExchange.run(node.address(), head, "", PATIENCE);
    }

    /** What a node that runs has counted under this name since its start, in the application {@link Cluster#STICKY}. */
    static long of(String counter, ContainerProcess node) {
        try {
            Answer answer = answer(node, Cluster.STICKY);
            Long count = answer.status() == 200 ? counters(answer.body()).get(counter) : null;
            if (count == null) {
                throw new IllegalStateException(node.name() + " does not tell " + counter + ": " + answer);
            }
            return count;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same of all nodes together. */
    public static long of(String counter, Cluster cluster) {
        return cluster.nodes().stream().mapToLong(node -> of(counter, node)).sum();
    }

    private synchronized void remember(String place, String body) {
        latest.put(place, counters(body));
    }

    private static Map<String, Long> counters(String body) {
        Map<String, Long> counters = new HashMap<>();
        body.lines().forEach(line -> {
            int space = line.indexOf(' ');
            counters.put(line.substring(0, space), Long.valueOf(line.substring(space + 1)));
        });
        return counters;
    }

    /** A node has died: its next life begins to count at zero. */
    synchronized void died(ContainerProcess node) {
        for (String application : List.of(Cluster.STICKY, Cluster.ROAMING)) {
            String place = node.name() + "/" + application;
            add(place);
            before.remove(place);
            latest.remove(place);
        }
    }

    private void add(String place) {
        Map<String, Long> start = before.getOrDefault(place, Map.of());
        latest.getOrDefault(place, Map.of())
                .forEach((name, count) -> total.merge(name, count - start.getOrDefault(name, 0L), Long::sum));
    }

    /** Asks all nodes once more, and tells everything by name; for the end of a run. */
    Map<String, Long> all() {
        nodes.forEach(this::ask);
        synchronized (this) {
            List.copyOf(latest.keySet()).forEach(this::add);
            before.clear();
            latest.clear();
            return Map.copyOf(total);
        }
    }
}
