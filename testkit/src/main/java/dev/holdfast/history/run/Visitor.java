package dev.holdfast.history.run;

import dev.holdfast.history.Action;
import dev.holdfast.history.Call;
import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.testing.LogScan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A browser that works with the application, in one session after the other, until the run ends. What it does follows
 * from its random numbers alone, as far as the answers allow.
 */
final class Visitor implements Runnable {
    private static final int SHORTEST_LIFE = 15;
    private static final int LONGEST_LIFE = 90;
    private static final int MOST_ELEMENTS = 10;
    private static final int MOST_PATIENT_MILLIS = 30_000;
    private static final Duration UNTIL_DEAD = Duration.ofMillis(2_050);

    private final String name;
    private final String application;
    private final Router.Way way;
    private final Sender wire;
    private final Tally tally;
    private final Executor parallel;
    private final CountDownLatch end;
    private final Random random;

    /** Apart from what the browser does, which must not depend on how many connections were refused. */
    private final Random ways;

    private final Pace pace;
    private final Cookies cookies = new Cookies();
    private final Map<String, List<String>> elements = new HashMap<>();
    private final List<Ghost> ghosts = new ArrayList<>();
    private int lives;
    private int tokens;
    private int stepsLeft;
    private int doubts;
    private boolean begun;
    private String shunned = "";
    private int shunning;

    /** Sends a request and keeps the cookies of its answer. */
    interface Sender {
        /** @param random for what a balancer leaves to chance */
        Event send(Wire.Order order, Cookies cookies, Random random);
    }

    /** Cookies from the time before an end, to be used again later. */
    private record Ghost(String life, Cookies cookies, long due) {}

    Visitor(
            String name,
            String application,
            Router.Way way,
            Sender wire,
            Tally tally,
            Executor parallel,
            CountDownLatch end,
            Random random,
            Pace pace) {
        this.name = name;
        this.application = application;
        this.way = way;
        this.wire = wire;
        this.tally = tally;
        this.parallel = parallel;
        this.end = end;
        this.random = random;
        this.ways = new Random(random.nextLong());
        this.pace = pace;
    }

    @Override
    public void run() {
        try {
            while (!end.await(1 + random.nextInt(pace.thinkingMillis()), TimeUnit.MILLISECONDS)) {
                haunt();
                if (begun) {
                    step();
                } else {
                    begin();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks at everything once more, at each of the nodes. */
    void lookOnceMore() {
        if (begun) {
            send(order(Action.READ, "", "", false));
            send(order(Action.READ, "", "", true));
        }
    }

    private String life() {
        return name + "." + lives;
    }

    private void begin() {
        if (send(order(Action.START, "", LogScan.SECRET + life(), false)).outcome() == Outcome.ACKNOWLEDGED) {
            begun = true;
            doubts = 0;
            stepsLeft = SHORTEST_LIFE + random.nextInt(LONGEST_LIFE - SHORTEST_LIFE);
            elements.put(HistoryServlet.LIST, new ArrayList<>());
            elements.put(HistoryServlet.SET, new ArrayList<>());
        }
    }

    /** Leaves a session that may be alive. */
    private void leave() {
        cookies.clear();
        nextLife();
    }

    private void nextLife() {
        begun = false;
        lives++;
    }

    private void step() {
        shunning--;
        if (shunning <= 0) {
            shunned = "";
        }
        stepsLeft--;
        if (stepsLeft <= 0) {
            logOut();
            return;
        }
        int dice = random.nextInt(100);
        if (dice < 2) {
            changeId(Action.CHANGE_ID);
        } else if (dice < 4) {
            changeId(Action.LOG_IN);
        } else if (dice < 4 + pace.pagesPercent()) {
            burst();
        } else {
            settle(send(anyOrder(false)));
        }
    }

    /** What a page may ask for beside others. */
    private Wire.Order anyOrder(boolean elsewhere) {
        int dice = random.nextInt(100);
        if (dice < 24) {
            return order(Action.INCREMENT, any(HistoryServlet.COUNTERS), "", elsewhere);
        }
        if (dice < 46) {
            return addOrTake(elsewhere);
        }
        if (dice < 60) {
            return order(Action.PUT, any(pace.names()), token(), elsewhere);
        }
        if (dice < 64) {
            return order(Action.DROP, any(pace.names()), "", elsewhere);
        }
        if (dice < 72) {
            return order(Action.PUT_BOTH, HistoryServlet.PAIR, token(), elsewhere);
        }
        return order(Action.READ, "", "", elsewhere);
    }

    private Wire.Order addOrTake(boolean elsewhere) {
        String collection = random.nextBoolean() ? HistoryServlet.LIST : HistoryServlet.SET;
        List<String> known = elements.get(collection);
        if (!known.isEmpty() && random.nextInt(MOST_ELEMENTS) < known.size()) {
            return order(Action.TAKE, collection, known.remove(random.nextInt(known.size())), elsewhere);
        }
        return order(Action.ADD, collection, token(), elsewhere);
    }

    private String any(List<String> names) {
        return names.get(random.nextInt(names.size()));
    }

    private String token() {
        return LogScan.SECRET + life() + "-" + ++tokens;
    }

    private Wire.Order order(Action action, String subject, String token, boolean elsewhere) {
        int millis = random.nextInt(4) == 0 ? random.nextInt(60) : 0;
        boolean late = pace.late() && (action == Action.ADD || action == Action.INCREMENT) && random.nextInt(15) == 0;
        Wire.Manner manner = new Wire.Manner(millis, late, elsewhere, shunned, patience());
        return new Wire.Order(application, way, life(), action, subject, token, false, manner);
    }

    /** Some people soon press the button again. */
    private Duration patience() {
        return Duration.ofMillis(
                pace.impatient() && random.nextInt(4) == 0 ? 250 + random.nextInt(1_000) : MOST_PATIENT_MILLIS);
    }

    /** Whoever gave up on a node is sent to the other one for a while, as by a balancer that found out. */
    private void shun(Event event) {
        if (event.outcome() == Outcome.ABORTED) {
            shunned = event.node();
            shunning = 3 + random.nextInt(6);
        }
    }

    private Event send(Wire.Order order) {
        Event event = wire.send(order, cookies, ways);
        shun(event);
        return event;
    }

    /**
     * Several requests at a time, to one node or to all of them; sometimes while the id changes or the session ends.
     */
    private void burst() {
        tally.bursts.increment();
        boolean spread = random.nextBoolean();
        List<Wire.Order> orders = new ArrayList<>();
        for (int i = 2 + random.nextInt(3); i > 0; i--) {
            orders.add(anyOrder(spread && i % 2 == 0));
        }
        List<CompletableFuture<Event>> answers = new ArrayList<>();
        for (Wire.Order order : orders) {
            Random own = new Random(random.nextLong());
            answers.add(CompletableFuture.supplyAsync(() -> wire.send(order, cookies, own), parallel));
        }
        int dice = random.nextInt(30);
        if (dice == 0) {
            changeId(Action.CHANGE_ID);
        } else if (dice == 1) {
            changeId(Action.LOG_IN);
        } else if (dice == 2) {
            logOut();
        }
        List<Event> events = answers.stream().map(CompletableFuture::join).toList();
        events.forEach(this::shun);
        events.forEach(this::settle);
    }

    private void changeId(Action action) {
        Cookies before = cookies.copy();
        Event event = send(order(action, "", "", false));
        settle(event);
        if (event.outcome() == Outcome.ACKNOWLEDGED
                && event.seen().alive()
                && !event.seen().id().equals(event.call().sentId())
                && random.nextBoolean()) {
            mourn(before);
        }
    }

    private void logOut() {
        Cookies before = cookies.copy();
        Event event = send(order(Action.LOG_OUT, "", "", false));
        if (event.outcome() != Outcome.ACKNOWLEDGED) {
            doubts++;
            giveUpWhenInDoubt();
            return;
        }
        if (!event.seen().alive()) {
            leave(); // it has ended before, or is not known at this node yet: nothing is known of its end
            return;
        }
        mourn(before);
        send(order(Action.READ, "", "", random.nextBoolean()));
        send(order(Action.INCREMENT, any(HistoryServlet.COUNTERS), "", random.nextBoolean()));
        if (random.nextBoolean()) {
            cookies.clear(); // else the new session begins with what is left of the old one
        }
        nextLife();
    }

    /**
     * Somebody has a copy of the cookies: tries a change at once, and everything when no node may know the session any
     * more.
     */
    private void mourn(Cookies before) {
        Ghost ghost = new Ghost(life(), before, System.nanoTime() + UNTIL_DEAD.toNanos());
        ghosts.add(ghost);
        haunt(ghost, Action.INCREMENT, HistoryServlet.COUNTERS.get(0));
    }

    private void haunt() {
        List<Ghost> due = ghosts.stream()
                .filter(ghost -> System.nanoTime() - ghost.due() > 0)
                .toList();
        ghosts.removeAll(due);
        due.forEach(ghost -> {
            haunt(ghost, Action.READ, "");
            haunt(ghost, Action.INCREMENT, HistoryServlet.COUNTERS.get(0));
        });
    }

    private void haunt(Ghost ghost, Action action, String subject) {
        for (boolean elsewhere : new boolean[] {false, true}) {
            Wire.Order order = new Wire.Order(
                    application,
                    Router.Way.BY_COOKIE,
                    ghost.life(),
                    action,
                    subject,
                    "",
                    true,
                    Wire.Manner.PLAIN.elsewhere(elsewhere));
            wire.send(order, ghost.cookies().copy(), ways);
        }
    }

    /** Learns from an answer. */
    private void settle(Event event) {
        Call call = event.call();
        if (!call.life().equals(life()) || !begun) {
            return; // of a page that was left
        }
        if (event.outcome() == Outcome.ACKNOWLEDGED) {
            if (!event.seen().alive()) {
                if (doubts > 0 || call.sentId().equals(cookies.carried().id())) {
                    leave();
                }
            } else if (call.action() == Action.ADD) {
                elements.get(call.name()).add(call.token());
            }
        } else if (call.action() == Action.CHANGE_ID || call.action() == Action.LOG_IN) {
            doubts++;
        }
        giveUpWhenInDoubt();
    }

    /** A session that may have ended, or may have an id that nobody knows, proves little: it is looked at, and left. */
    private void giveUpWhenInDoubt() {
        if (doubts > 0 && begun && ++doubts > 6) {
            leave();
        }
    }
}
