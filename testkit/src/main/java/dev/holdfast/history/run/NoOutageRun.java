package dev.holdfast.history.run;

import dev.holdfast.history.Action;
import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Judge;
import dev.holdfast.history.Violation;
import dev.holdfast.testing.ContainerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Two nodes, browsers at work with them, and kills; what these browsers saw, and what the nodes said meanwhile. One
 * thread calls the methods in the order that it wants.
 */
final class NoOutageRun implements AutoCloseable {
    /** How browsers come to a node: each way has its own column in the table. */
    enum Way {
        /** By the affinity cookie. */
        STICKY("sticky", Cluster.STICKY, Router.Way.BY_COOKIE),
        /** By turns, to an application that expects nothing of the kind. */
        TURNS("turns", Cluster.STICKY, Router.Way.IN_TURN),
        /** By turns, to one with {@code holdfast.affinity=none}. */
        ROAMING("roaming", Cluster.ROAMING, Router.Way.IN_TURN);

        private final String word;
        private final String application;
        private final Router.Way router;

        Way(String word, String application, Router.Way router) {
            this.word = word;
            this.application = application;
            this.router = router;
        }
    }

    private static final Pattern CODE = Pattern.compile("\\bHF-\\d{3}\\b");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** So long after a kill the work of the dead node may still come into the way of the browser that sent it. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final List<ContainerProcess> nodes;
    private final String name;
    private final Tally tally = new Tally();
    private final Router router;
    private final Wire wire;
    private final NodeCounters counters;
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Random random;
    private final List<Visitor> visitors = new ArrayList<>();
    private final List<Thread> working = new ArrayList<>();
    private final List<Death> deaths = new ArrayList<>();
    private final Map<String, Integer> said = new HashMap<>();

    /** A node was not there from its kill until it answered again. */
    private record Death(String node, long from, long until) {}

    /**
     * Nobody is at work yet; what the nodes say counts from now on.
     *
     * @param name used once
     */
    NoOutageRun(Cluster cluster, String name) {
        this.nodes = cluster.nodes();
        this.name = name;
        this.router = new Router(nodes);
        this.wire = new Wire(router, null, tally);
        this.counters = new NodeCounters(nodes);
        this.random = new Random(name.hashCode());
        nodes.forEach(node -> said.put(node.name(), node.log().length()));
    }

    /** So many browsers of each way begin to work. */
    void begin(int browsers, Pace pace) {
        for (int i = 1; i <= browsers; i++) {
            for (Way way : Way.values()) {
                Visitor visitor = new Visitor(
                        prefix(way) + i,
                        way.application,
                        way.router,
                        wire,
                        tally,
                        threads,
                        end,
                        new Random(random.nextLong()),
                        pace);
                visitors.add(visitor);
                Thread thread = new Thread(visitor, "visitor");
                thread.setDaemon(true);
                thread.start();
                working.add(thread);
            }
        }
    }

    /** Browsers of one way that do nothing but what they are told to; their lives are judged with the others. */
    Crowd crowd(Cluster cluster, Way way, int size) {
        return new Crowd(cluster, wire, prefix(way) + "-crowd", way.application, way.router, size);
    }

    private String prefix(Way way) {
        return name + "-" + way.word;
    }

    /** Kills a node that is at work, as {@code kill -9} does. */
    void kill(ContainerProcess node) {
        counters.ask(node);
        long from = System.nanoTime();
        node.killNow();
        router.takeOut(node);
        counters.died(node);
        deaths.add(new Death(node.name(), from, Long.MAX_VALUE));
    }

    /** Starts the node again that was killed last, and waits until it answers. */
    void revive(ContainerProcess node) {
        node.awaitDeath();
        node.restart();
        router.putBack(node);
        Death death = deaths.remove(deaths.size() - 1);
        deaths.add(new Death(death.node(), death.from(), System.nanoTime()));
    }

    /** All browsers finish what they are at and look once more at each node, which are all there. */
    void finish() {
        end.countDown();
        for (Thread thread : working) {
            try {
                thread.join(PATIENCE.toMillis());
                if (thread.isAlive()) {
                    throw new IllegalStateException("A browser still waits for an answer");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted", e);
            }
        }
        visitors.forEach(Visitor::lookOnceMore);
    }

    // ---- what came of it

    /**
     * What browsers of one way saw.
     *
     * @param answered with a success
     * @param refused with 503, though the session was alive and no node had died with a request of that browser inside
     * @param cut without an answer, or refused, because a node was killed with the request inside
     * @param silent without an answer, though no node was killed
     */
    record Seen(long answered, List<Event> refused, long cut, List<Event> silent, List<Violation> violations) {}

    Seen seen(Way way) {
        List<Event> events = wire.record().stream()
                .filter(event -> event.call().life().startsWith(prefix(way)))
                .toList();
        List<Event> cut = events.stream().filter(this::isCutByKill).toList();
        List<Event> refused = of(events, Outcome.REFUSED);
        List<Event> excused =
                refused.stream().filter(event -> isBehind(cut, event)).toList();
        List<Event> ends = events.stream()
                .filter(event -> event.call().action() == Action.LOG_OUT)
                .toList();
        List<Event> silent = new ArrayList<>(of(events, Outcome.ABORTED));
        silent.removeAll(cut);
        List<Event> unexcused = new ArrayList<>(refused);
        unexcused.removeAll(excused);
        unexcused.removeIf(event -> isOfADeadSession(ends, event));
        return new Seen(
                of(events, Outcome.ACKNOWLEDGED).size(),
                unexcused,
                cut.size() + excused.size(),
                silent,
                Judge.judge(events).violations());
    }

    private static List<Event> of(Collection<Event> events, Outcome outcome) {
        return events.stream().filter(event -> event.outcome() == outcome).toList();
    }

    /** Whether a request was inside of a node that was killed, or came to one that did not answer yet. */
    private boolean isCutByKill(Event event) {
        return event.outcome() == Outcome.ABORTED && deaths.stream().anyMatch(death -> isDuring(death, event));
    }

    private static boolean isDuring(Death death, Event event) {
        return death.node().equals(event.node())
                && event.span().start() < death.until()
                && event.span().end() > death.from();
    }

    /** What Redis has taken of a dead node may be done while the browser is at the other one. */
    private static boolean isBehind(List<Event> cut, Event event) {
        return cut.stream()
                .anyMatch(other -> other.call().life().equals(event.call().life())
                        && other.span().start() < event.span().end()
                        && event.span().start() - other.span().end() < LATE_NANOS);
    }

    /**
     * A change in a session that has ended elsewhere, or under an id that it had before, is refused by a node that has
     * not heard of it.
     */
    private static boolean isOfADeadSession(List<Event> ends, Event event) {
        return event.call().copied()
                || ends.stream()
                        .anyMatch(end -> end.call().life().equals(event.call().life())
                                && end.span().end() < event.span().start());
    }

    /** The longest time from a request to its answer, of those that came to a node which was there. */
    Duration longest() {
        return Probes.longest(wire.record().stream()
                .filter(event -> deaths.stream().noneMatch(death -> isDuring(death, event)))
                .toList());
    }

    /** How often the nodes named each code in their logs. */
    Map<String, Integer> codes() {
        Map<String, Integer> codes = new TreeMap<>();
        for (ContainerProcess node : nodes) {
            Matcher matcher = CODE.matcher(node.log().substring(said.get(node.name())));
            while (matcher.find()) {
                codes.merge(matcher.group(), 1, Integer::sum);
            }
        }
        return codes;
    }

    /** What the nodes have counted; to be asked once. */
    Map<String, Long> counted() {
        return counters.all();
    }

    @Override
    public void close() {
        end.countDown();
        threads.shutdown();
    }
}
