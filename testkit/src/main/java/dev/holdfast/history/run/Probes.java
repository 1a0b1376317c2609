package dev.holdfast.history.run;

import dev.holdfast.history.Action;
import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Judge;
import dev.holdfast.history.Risk;
import dev.holdfast.history.Violation;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.RawExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Browsers beside those of a run, one of each kind, that ask for the same again and again while something is wrong with
 * Redis: each kind of request gets its own answer then.
 */
public final class Probes {
    private static final int PAUSE_MILLIS = 60;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What a browser asks for. */
    public enum Kind {
        /** To look at its session, at the node that holds it. */
        READ,
        /** To change its session, at the node that holds it. */
        CHANGE,
        /** For a new session. */
        NEW,
        /** To look at its session, at the other node, which does not know it. */
        UNKNOWN
    }

    private final Wire wire;
    private final String name;
    private final Map<Kind, Browser> browsers = new EnumMap<>(Kind.class);
    private final Map<Kind, List<Event>> answers = new EnumMap<>(Kind.class);
    private final List<Browser> begun = new CopyOnWriteArrayList<>();
    private final Cluster cluster;
    private volatile Duration longestWithoutRedis = Duration.ZERO;

    /** One browser and its session. */
    private final class Browser {
        private final String life;
        private final Cookies cookies = new Cookies();

        Browser(String life) {
            this.life = life;
        }

        Event send(Action action, String subject, String token, boolean elsewhere) {
            Wire.Manner manner = Wire.Manner.PLAIN.elsewhere(elsewhere);
            Wire.Order order =
                    new Wire.Order(Cluster.STICKY, Router.Way.BY_COOKIE, life, action, subject, token, false, manner);
            return wire.send(order, cookies, new Random());
        }

        Event begin() {
            return send(Action.START, "", LogScan.SECRET + life, false);
        }

        Event read(boolean elsewhere) {
            return send(Action.READ, "", "", elsewhere);
        }

        Event change() {
            return send(Action.INCREMENT, HistoryServlet.COUNTERS.get(0), "", false);
        }
    }

    /**
     * Begins the sessions, and uses each until its node trusts its copy.
     *
     * @param name of the run, used once
     */
    public Probes(Cluster cluster, String name) {
        this.wire = new Wire(new Router(cluster.nodes()), null, new Tally());
        this.name = name;
        this.cluster = cluster;
        for (Kind kind : Kind.values()) {
            answers.put(kind, new CopyOnWriteArrayList<>());
            Browser browser = new Browser(name + "-" + kind);
            browsers.put(kind, browser);
            if (kind != Kind.NEW) {
                browser.begin();
                browser.change();
                browser.read(false);
            }
        }
    }

    /** Asks for as long as that takes. */
    public void during(Runnable course) {
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> run(over), Probes::start);
        try {
            course.run();
        } finally {
            over.countDown();
            asking.join();
        }
    }

    /** Notes for as long as that takes what {@link #longestWithoutRedis} tells. */
    public <T> T noting(Supplier<T> course) {
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<Void> asking = CompletableFuture.runAsync(
                () -> {
                    while (!isOver(over)) {
                        askWithoutRedis();
                    }
                },
                Probes::start);
        try {
            return course.get();
        } finally {
            over.countDown();
            asking.join();
        }
    }

    private void run(CountDownLatch end) {
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            running.add(CompletableFuture.runAsync(
                    () -> {
                        while (!isOver(end)) {
                            answers.get(kind).add(ask(kind));
                        }
                    },
                    Probes::start));
        }
        running.forEach(CompletableFuture::join);
    }

    /** A pool of as many threads as there are cores would let some kinds wait for the end of others. */
    private static void start(Runnable work) {
        Thread thread = new Thread(work, "probes");
        thread.setDaemon(true);
        thread.start();
    }

    /** What a page takes that has nothing to do with Redis, on a machine that others use, too. */
    private void askWithoutRedis() {
        for (ContainerProcess node : cluster.nodes()) {
            long start = System.nanoTime();
            try {
                Answer answer = RawExchange.run(
                        node.address(),
                        "GET /" + Cluster.STICKY + "/counters HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
                        "",
                        PATIENCE);
                if (answer.status() != 200) {
                    throw new AssertionError("The counters answered " + answer.status());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (took.compareTo(longestWithoutRedis) > 0) {
                longestWithoutRedis = took;
            }
        }
    }

    /**
     * How long such a page took at most while {@link #noting} ran: so long may any answer be late for reasons of its
     * own.
     */
    public Duration longestWithoutRedis() {
        return longestWithoutRedis;
    }

    private static boolean isOver(CountDownLatch end) {
        try {
            return end.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private Event ask(Kind kind) {
        Browser browser = browsers.get(kind);
        return switch (kind) {
            case READ -> browser.read(false);
            case CHANGE -> browser.change();
            case UNKNOWN -> browser.read(true);
            case NEW -> {
                Browser guest = new Browser(name + "-NEW" + begun.size());
                begun.add(guest);
                yield guest.begin();
            }
        };
    }

    /** One request of each kind, now. */
    public Map<Kind, Event> once() {
        Map<Kind, Event> now = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            now.put(kind, ask(kind));
        }
        return now;
    }

    /** The answers to a kind of request while {@link #during} ran, in their order. */
    public List<Event> answers(Kind kind) {
        return answers.get(kind);
    }

    /** How requests of a kind were answered, in the order in which that began, and the longest wait. */
    public String cell(Kind kind) {
        List<Event> all = answers(kind);
        String counts = all.stream()
                .map(Probes::status)
                .distinct()
                .map(status -> status + " ×"
                        + all.stream()
                                .filter(event -> status(event).equals(status))
                                .count())
                .collect(Collectors.joining(", "));
        return counts + "; " + longest(all).toMillis() + " ms";
    }

    private static String status(Event event) {
        return switch (event.outcome()) {
            case ACKNOWLEDGED -> event.seen().alive() ? "200" : "no session";
            case REFUSED -> "503";
            case ABORTED -> "no answer";
            case FAILED -> "failed";
        };
    }

    /** How many changes were acknowledged, at any time. */
    public long changesAcknowledged() {
        return wire.record().stream()
                .filter(event -> event.call().life().equals(browsers.get(Kind.CHANGE).life)
                        && event.call().action() == Action.INCREMENT
                        && event.outcome() == Outcome.ACKNOWLEDGED)
                .count();
    }

    /** How many changes the other node knows of; at least the acknowledged ones are to be there. */
    public long changesKept() {
        Event look = browsers.get(Kind.CHANGE).read(true);
        return look.outcome() == Outcome.ACKNOWLEDGED && look.seen().alive()
                ? Long.parseLong(look.seen().values().get(HistoryServlet.COUNTERS.get(0)))
                : -1;
    }

    /** How many new sessions were acknowledged while {@link #during} ran. */
    public long sessionsAcknowledged() {
        return answers.get(Kind.NEW).stream()
                .filter(event -> event.outcome() == Outcome.ACKNOWLEDGED)
                .count();
    }

    /** Of those, how many the other node finds. */
    public long sessionsKept() {
        return begun.stream()
                .filter(guest -> !guest.cookies.carried().id().isEmpty())
                .map(guest -> guest.read(true))
                .filter(look ->
                        look.outcome() == Outcome.ACKNOWLEDGED && look.seen().alive())
                .count();
    }

    /** The longest time from a request to its answer, of all so far. */
    public static Duration longest(List<Event> events) {
        return Duration.ofNanos(events.stream()
                .mapToLong(event -> event.span().end() - event.span().start())
                .max()
                .orElse(0));
    }

    /**
     * What no browser must have seen.
     *
     * @param settled since when no node owed Redis anything, by {@link System#nanoTime}
     */
    public List<Violation> violations(long settled) {
        return Judge.judge(Risk.judged(List.copyOf(wire.record()), settled)).violations();
    }
}
