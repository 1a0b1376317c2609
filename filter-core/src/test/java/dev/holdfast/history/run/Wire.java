package dev.holdfast.history.run;

import dev.holdfast.history.Action;
import dev.holdfast.history.Call;
import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Seen;
import dev.holdfast.history.Span;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.RawExchange;
import dev.holdfast.testing.TomcatProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Sends the requests of browsers through the balancer, and keeps the record. For many threads. */
final class Wire {
    private static final String NO_SESSION = "none\n";
    private static final String WHOLE = "end\n";

    private final Router router;
    private final Tally tally;
    private final Collection<Event> record = new ConcurrentLinkedQueue<>();

    Wire(Router router, Tally tally) {
        this.router = router;
        this.tally = tally;
    }

    /**
     * What is to be sent, but for the cookies.
     *
     * @param application its path, without slash
     * @param millis that the application is to be at work
     * @param late whether the application is to begin its answer before it does anything
     * @param elsewhere whether the balancer is to take the other node, whatever it would do
     */
    record Order(
            String application,
            Router.Way way,
            String life,
            Action action,
            String name,
            String token,
            int millis,
            boolean late,
            boolean copied,
            boolean elsewhere) {}

    Collection<Event> record() {
        return record;
    }

    /** Sends a request, keeps the cookies of its answer, and puts it on record. */
    Event send(Order order, Cookies cookies, Random random) {
        long start = System.nanoTime();
        Cookies.Carried carried = cookies.carried();
        TomcatProcess node = router.choose(order.way(), carried.route(), random);
        if (order.elsewhere()) {
            node = router.other(node);
        }
        String head = head(order, carried);
        Answer answer;
        try {
            answer = exchange(node, head);
        } catch (ConnectException refused) {
            tally.redispatched.increment();
            node = router.other(node);
            try {
                answer = exchange(node, head);
            } catch (IOException e) {
                answer = null;
            }
        } catch (IOException e) {
            answer = null;
        }
        if (answer != null) {
            cookies.keep(answer);
            countTakeover(carried, answer);
        }
        Span span = new Span(start, System.nanoTime());
        Call call = new Call(order.life(), order.action(), order.name(), order.token(), order.copied(), carried.id());
        Outcome outcome = outcome(answer);
        Event event = new Event(
                call, span, node.name(), outcome, outcome == Outcome.ACKNOWLEDGED ? seen(answer.body()) : null);
        record.add(event);
        if (outcome == Outcome.FAILED) {
            System.out.println("Unexpected answer of " + node.name() + " to " + order.action() + ": " + answer.status()
                    + " " + answer.headers());
        }
        return event;
    }

    private static String head(Order order, Cookies.Carried carried) {
        String call = String.join(
                " ",
                order.action().name(),
                order.life(),
                order.name(),
                order.token(),
                Integer.toString(order.millis()),
                order.late() ? "late" : "early");
        return "GET /" + order.application() + "/history HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + HistoryServlet.CALL + ": " + call + "\r\n"
                + (carried.header().isEmpty() ? "" : "Cookie: " + carried.header() + "\r\n");
    }

    private Answer exchange(TomcatProcess node, String head) throws IOException {
        router.underWay(node).incrementAndGet();
        try {
            return RawExchange.run(node.address(), head, "", () -> {}, () -> {});
        } finally {
            router.underWay(node).decrementAndGet();
        }
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

    private static Outcome outcome(Answer answer) {
        if (answer == null || !answer.complete()) {
            return Outcome.ABORTED;
        }
        if (answer.status() == 503 && !answer.header("retry-after").isEmpty()) {
            return Outcome.REFUSED;
        }
        boolean told = answer.body().endsWith(WHOLE) || answer.body().endsWith(NO_SESSION);
        return answer.status() == 200 && told ? Outcome.ACKNOWLEDGED : Outcome.FAILED;
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
