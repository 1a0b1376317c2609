package dev.holdfast.check;

import dev.holdfast.session.Shown;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes sessions, asks for them again, and moves them from node to node as their balancer would: by cookies that name
 * another node. Confined to one thread.
 */
final class SetUpCheck {
    private static final int REPEATS = 2;

    private final URI page;
    private final Visitor visitor;
    private final Report report;
    private final Nodes nodes = new Nodes();
    /** For each node the cookies of a browser that began there: a balancer's own lead there again. */
    private final Map<String, CookieJar> beginners = new HashMap<>();

    SetUpCheck(URI page, Visitor visitor, Report report) {
        this.page = page;
        this.visitor = visitor;
        this.report = report;
    }

    /** What a request of a session has shown. */
    private record Seen(@Nullable String node, int status, boolean same) {
        boolean isRefused() {
            return status >= 500;
        }

        boolean isBy(String other) {
            return other.equals(node);
        }
    }

    /** Runs it: about forty requests, one after the other. */
    void run() throws UnreachableException, InterruptedException {
        List<Session> sessions = new NewSessions(report).make(page, visitor, nodes);
        sessions.forEach(session -> beginners.putIfAbsent(session.node, session.jar.copy()));
        List<Session> steady = askAgain(sessions);
        if (nodes.seen().size() > 1) {
            move(steady);
        } else if (!steady.isEmpty()) {
            sayWhyNoneMoves(steady.get(0));
        }
    }

    // ---- stay

    /** Those that stay the same session, at the same node. */
    private List<Session> askAgain(List<Session> sessions) throws UnreachableException, InterruptedException {
        List<Session> steady = new ArrayList<>();
        List<String> strays = new ArrayList<>();
        for (Session session : sessions) {
            boolean stays = true;
            for (int i = 0; i < REPEATS && stays; i++) {
                Seen seen = ask(session);
                String node = seen.node() == null ? session.node : seen.node();
                boolean strayed = !node.equals(session.node);
                if (strayed) {
                    strays.add(shown(node) + " answered in place of " + shown(session.node) + ". "
                            + advice(session.marks, session.node));
                }
                if (seen.isRefused() || (strayed && !seen.same())) {
                    sayWhatFailed(session, node, seen);
                } else if (!seen.same()) {
                    report.finding("The session of a browser is another one at each request, though its node stays the"
                            + " same. The page ends its session, or changes its id, each time; or something between"
                            + " browser and container takes cookies out of requests. Name another page, and if that"
                            + " is the same, look at what stands between.");
                }
                stays = !strayed && seen.same() && !seen.isRefused();
            }
            if (stays) {
                steady.add(session);
            }
        }
        if (!strays.isEmpty()) {
            report.finding("The balancer does not follow the route: in " + strays.size() + " of " + sessions.size()
                    + " sessions another node answered than the one that the browser's cookie names. Here "
                    + strays.get(0));
        }
        if (!steady.isEmpty()) {
            report.fact("Asked for again: " + steady.size() + " of " + sessions.size()
                    + " sessions stayed the same, at the same node as far as nodes tell.");
        }
        // Who does not follow the route moves nothing on purpose; that sessions go along has been seen already.
        return strays.isEmpty() ? List.copyOf(steady) : List.of();
    }

    private Seen ask(Session session) throws UnreachableException, InterruptedException {
        Visit visit = visitor.get(page, session.jar);
        String node = null;
        for (Exchange exchange : visit.exchanges()) {
            String answering = nodes.answering(session.marks, exchange);
            node = answering == null ? node : answering;
            if (answering != null && !answering.equals(session.marks.node(exchange.sent()))) {
                break; // from here on the browser names another node
            }
        }
        return new Seen(node, visit.status(), session.isSame());
    }

    // ---- move

    /** One session of each node goes to the next one and back. */
    private void move(List<Session> steady) throws UnreachableException, InterruptedException {
        List<String> names = List.copyOf(nodes.seen());
        for (int i = 0; i < names.size(); i++) {
            String from = names.get(i);
            String to = names.get((i + 1) % names.size());
            for (Session session : steady) {
                if (session.node.equals(from)) {
                    if (moves(session, to) && moves(session, from)) {
                        report.fact("Session " + session.id.shortened() + " went from " + shown(from) + " to "
                                + shown(to) + " and back, and stayed the same.");
                    }
                    break;
                }
            }
        }
    }

    private boolean moves(Session session, String to) throws UnreachableException, InterruptedException {
        session.name(to);
        Seen seen = ask(session);
        CookieJar beginner = beginners.get(to);
        if (!seen.isRefused() && seen.same() && !seen.isBy(to) && beginner != null) {
            seen = askWithTheBalancersOwn(session, to, beginner, seen);
        }
        if (seen.isRefused() || !seen.same()) {
            sayWhatFailed(session, to, seen);
            return false;
        }
        if (seen.node() == null) {
            report.finding("The answer to a session of " + shown(session.node) + " that was sent to " + shown(to)
                    + " does not say who gave it: the page did not use its session. Name a page that does each time.");
            return false;
        }
        if (!seen.isBy(to)) {
            report.finding("A request whose " + session.marks.naming(to) + " was answered by "
                    + shown(seen.node()) + ". The balancer takes " + shown(to) + " for dead, or keeps browsers at their"
                    + " nodes by something else than cookies, and nobody can move one from outside, or: "
                    + advice(session.marks, to));
            return false;
        }
        session.node = to;
        return true;
    }

    /** Of a balancer with a cookie of its own: what it gave to a browser that began at that node. */
    private Seen askWithTheBalancersOwn(Session session, String to, CookieJar beginner, Seen before)
            throws UnreachableException, InterruptedException {
        Set<String> marks = session.marks.names();
        List<String> own = session.jar.differing(beginner, marks);
        if (own.isEmpty()) {
            return before;
        }
        session.jar.takeFrom(beginner, marks);
        session.name(to);
        Seen seen = ask(session);
        if (seen.isBy(to)) {
            report.fact("The balancer follows a cookie of its own (" + Shown.text(String.join(", ", own))
                    + ") and not the route, which is enough.");
        }
        return seen;
    }

    // ---- say

    private void sayWhyNoneMoves(Session session) {
        if (session.node.isEmpty()) {
            report.fact("The nodes do not say which of them answers (holdfast.affinity is none): no session was"
                    + " moved.");
        } else {
            report.finding(shown(session.node) + " has answered everything, so no session could be moved to another"
                    + " node. Look whether other nodes run, and whether the balancer takes them for alive. One that"
                    + " goes by the client's address cannot be checked from one machine.");
        }
    }

    private void sayWhatFailed(Session session, String node, Seen seen) {
        String whose = "A session of " + shown(session.node) + " that was sent to " + shown(node);
        report.finding(
                seen.isRefused()
                        ? whose + " was answered " + seen.status() + ". The log of " + shown(node) + " says why."
                        : whose + " was lost there: another one came back, or none. Compare holdfast.redis and"
                                + " holdfast.app of both nodes, which their logs name at the start.");
    }

    private static String advice(Marks marks, String node) {
        return "Let the balancer send a request whose " + marks.naming(node) + " to that node, and call it as its"
                + " holdfast.node does"
                + (node.matches("n-[0-9a-f]{8}") ? ", which is not set there" : "")
                + "; docs/affinity.md has the configurations. A balancer that is not sticky on purpose wants"
                + " holdfast.affinity=none.";
    }

    private static String shown(String node) {
        return node.isEmpty() ? "a node without a name" : Shown.text(node);
    }
}
