package dev.holdfast.history.run;

import dev.holdfast.history.Action;
import dev.holdfast.history.Call;
import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Seen;
import dev.holdfast.history.Span;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.RawExchange;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Sends the requests of browsers through the balancer, and keeps the record. For many threads. */
final class Wire implements Visitor.Sender {
    private static final String NO_SESSION = "none\n";
    private static final String WHOLE = "end\n";

    /** Behind everything else, from applications that tell it. */
    private static final String AT_RISK = "at risk\n";

    private static final String BALANCER = "balancer";
    private static final Set<Integer> BALANCERS_OWN = Set.of(502, 503, 504);

    private final Router router;
    private final InetSocketAddress balancer;
    private final Tally tally;
    private final Collection<Event> record = new ConcurrentLinkedQueue<>();

    /** @param balancer where requests go that {@link Router.Way#BY_BALANCER} is said of; null if there are none */
    Wire(Router router, InetSocketAddress balancer, Tally tally) {
        this.router = router;
        this.balancer = balancer;
        this.tally = tally;
    }

    /**
     * What is to be sent, but for the cookies.
     *
     * @param application its path, without slash
     * @param copied whether the cookies are a copy of a browser's
     */
    record Order(
            String application,
            Router.Way way,
            String life,
            Action action,
            String name,
            String token,
            boolean copied,
            Manner manner) {}

    /**
     * How it is to be done.
     *
     * @param millis that the application is to be at work
     * @param late whether the application is to begin its answer before it does anything
     * @param elsewhere whether the balancer is to take the other node, whatever it would do
     * @param shunned a node that the balancer believes to be down; empty without one
     * @param patience how long the browser waits for a sign of the node
     */
    record Manner(int millis, boolean late, boolean elsewhere, String shunned, Duration patience) {
        /** In no special way. */
        static final Manner PLAIN = new Manner(0, false, false, "", Duration.ofSeconds(30));

        Manner elsewhere(boolean now) {
            return new Manner(millis, late, now, shunned, patience);
        }
    }

    Collection<Event> record() {
        return record;
    }

    /** Sends a request, keeps the cookies of its answer, and puts it on record. */
    @Override
    public Event send(Order order, Cookies cookies, Random random) {
        long start = System.nanoTime();
        Cookies.Carried carried = cookies.carried();
        String head = head(order, carried);
        Sent sent = order.way() == Router.Way.BY_BALANCER
                ? toBalancer(head, order.manner().patience())
                : toNode(order, carried, head, random);
        boolean atRisk = sent.answer() != null && sent.answer().body().endsWith(AT_RISK);
        Answer answer = atRisk ? withoutRisk(sent.answer()) : sent.answer();
        if (answer != null) {
            cookies.keep(answer, path(order));
            countTakeover(carried, answer);
        }
        Span span = new Span(start, System.nanoTime());
        Call call = new Call(order.life(), order.action(), order.name(), order.token(), order.copied(), carried.id());
        Outcome outcome = outcome(answer, sent.node().equals(BALANCER));
        Event event = outcome == Outcome.ACKNOWLEDGED
                ? new Event(call, span, node(answer.body(), sent.node()), outcome, seen(answer.body()), atRisk)
                : new Event(call, span, sent.node(), outcome, null);
        record.add(event);
        if (outcome == Outcome.FAILED) {
            System.out.println("Unexpected answer of " + sent.node() + " to " + order.action() + ": " + answer.status()
                    + " " + answer.headers());
        }
        return event;
    }

    /** @param answer null if there was none */
    private record Sent(String node, Answer answer) {}

    private Sent toBalancer(String head, Duration patience) {
        try {
            return new Sent(BALANCER, RawExchange.run(balancer, head, "", patience));
        } catch (IOException e) {
            return new Sent(BALANCER, null);
        }
    }

    private Sent toNode(Order order, Cookies.Carried carried, String head, Random random) {
        ContainerProcess chosen = router.choose(order.way(), carried.route(), random);
        boolean turned = order.manner().elsewhere()
                != chosen.name().equals(order.manner().shunned());
        ContainerProcess first = turned ? router.other(chosen) : chosen;
        Duration patience = order.manner().patience();
        try {
            return new Sent(first.name(), exchange(first, head, patience));
        } catch (ConnectException refused) {
            tally.redispatched.increment();
        } catch (IOException e) {
            return new Sent(first.name(), null);
        }
        ContainerProcess second = router.other(first);
        try {
            return new Sent(second.name(), exchange(second, head, patience));
        } catch (IOException e) {
            return new Sent(second.name(), null);
        }
    }

    private static String path(Order order) {
        return "/" + order.application() + "/history";
    }

    private static String head(Order order, Cookies.Carried carried) {
        String call = String.join(
                " ",
                order.action().name(),
                order.life(),
                order.name(),
                order.token(),
                Integer.toString(order.manner().millis()),
                order.manner().late() ? "late" : "early");
        // A balancer may send a GET twice.
        String method = order.action() == Action.READ ? "GET" : "POST";
        return method + " " + path(order)
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n"
                + HistoryServlet.CALL + ": " + call + "\r\n"
                + (carried.header().isEmpty() ? "" : "Cookie: " + carried.header() + "\r\n");
    }

    private Answer exchange(ContainerProcess node, String head, Duration patience) throws IOException {
        ContainerProcess bearer = router.bearer(node);
        if (!bearer.equals(node)) {
            tally.succeeded.increment();
        }
        router.underWay(node).incrementAndGet();
        try {
            return RawExchange.run(bearer.address(), head, "", patience);
        } finally {
            router.underWay(node).decrementAndGet();
        }
    }

    /** The answer without the line that only a watcher understands. */
    private static Answer withoutRisk(Answer answer) {
        String body = answer.body().substring(0, answer.body().length() - AT_RISK.length());
        return new Answer(answer.status(), answer.headers(), body, answer.complete());
    }

    /** A node that gives out an epoch in place of another's has taken the session over. */
    private void countTakeover(Cookies.Carried before, Answer answer) {
        for (String header : answer.all("set-cookie")) {
            String cookie = header.split(";", 2)[0];
            if (cookie.startsWith(Cookies.EPOCH_COOKIE)
                    && !before.holder().isEmpty()
                    && !cookie.endsWith("." + before.holder())) {
                tally.takeovers.increment();
            }
        }
    }

    private static Outcome outcome(Answer answer, boolean byBalancer) {
        if (answer == null || !answer.complete()) {
            return Outcome.ABORTED;
        }
        if (byBalancer
                && BALANCERS_OWN.contains(answer.status())
                && answer.header("retry-after").isEmpty()) {
            return Outcome.ABORTED;
        }
        if (answer.status() == 503 && !answer.header("retry-after").isEmpty()) {
            return Outcome.REFUSED;
        }
        boolean told = answer.body().endsWith(WHOLE) || answer.body().endsWith(NO_SESSION);
        return answer.status() == 200 && told ? Outcome.ACKNOWLEDGED : Outcome.FAILED;
    }

    /** The node that says that it has answered. */
    private static String node(String body, String sentTo) {
        String prefix = HistoryServlet.NODE + " ";
        return body.startsWith(prefix) ? body.substring(prefix.length(), body.indexOf('\n')) : sentTo;
    }

    private static Seen seen(String body) {
        if (body.endsWith(NO_SESSION)) {
            return Seen.NO_SESSION;
        }
        Map<String, String> lines = new HashMap<>();
        body.lines().filter(line -> line.indexOf(' ') > 0).forEach(line -> {
            int space = line.indexOf(' ');
            lines.put(line.substring(0, space), line.substring(space + 1));
        });
        String id = lines.remove(".id");
        String born = lines.getOrDefault(".born", "");
        String user = lines.getOrDefault(".user", "");
        lines.keySet().removeIf(name -> name.startsWith("."));
        return new Seen(true, id, born, user, lines);
    }
}
