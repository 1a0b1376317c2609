package dev.holdfast.check;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.Shown;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Makes sessions, each as a browser that was never there before, and says of those that are of no use why. */
final class NewSessions {
    /** So many that of two nodes each gets some, whatever the balancer goes by. */
    static final int COUNT = 8;

    private enum Missing {
        ANSWER,
        SESSION,
        HOLDFAST,
        MODULE,
        EPOCH,
        RETURN
    }

    private final Report report;
    private final Map<Missing, List<Visit>> missing = new EnumMap<>(Missing.class);

    NewSessions(Report report) {
        this.report = report;
    }

    /** Those that go on. */
    List<Session> make(URI page, Visitor visitor, Nodes nodes) throws UnreachableException, InterruptedException {
        List<Session> usable = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            CookieJar jar = new CookieJar();
            Visit visit = visitor.get(page, jar);
            lookForHttp(visit);
            Session session = Session.of(visit, jar);
            if (session == null) {
                miss(whatIsMissing(visit), visit);
                continue;
            }
            for (Exchange exchange : visit.exchanges()) {
                nodes.answering(session.marks, exchange);
                CookieRules.judge(session.marks, exchange, report);
            }
            if (session.comesBack()) {
                usable.add(session);
            } else {
                miss(Missing.RETURN, visit);
            }
        }
        missing.forEach((what, visits) -> report.finding(
                visits.size() + " of " + COUNT + " requests without cookies " + say(what, visits.get(0))));
        if (!usable.isEmpty()) {
            report.fact("New sessions that Holdfast keeps: " + usable.size() + ", " + madeBy(usable) + ".");
        }
        return usable;
    }

    private void miss(Missing what, Visit visit) {
        missing.computeIfAbsent(what, first -> new ArrayList<>()).add(visit);
    }

    private void lookForHttp(Visit visit) {
        for (int i = 1; i < visit.exchanges().size(); i++) {
            URI before = visit.exchanges().get(i - 1).address();
            if (Addresses.isHttps(before)
                    && !Addresses.isHttps(visit.exchanges().get(i).address())) {
                report.finding(Addresses.shown(before) + " leads from https to http." + CookieRules.NOT_BELIEVED);
            }
        }
    }

    private static Missing whatIsMissing(Visit visit) {
        List<SetCookie> given = visit.exchanges().stream()
                .flatMap(exchange -> exchange.given().stream())
                .toList();
        if (given.stream().anyMatch(cookie -> SessionId.parsePresented(cookie.value()) != null)) {
            return Missing.EPOCH;
        }
        if (given.stream().anyMatch(cookie -> cookie.name().equals(Marks.ROUTE))) {
            return Missing.MODULE;
        }
        if (given.stream().anyMatch(cookie -> cookie.name().equals(Marks.SESSION))) {
            return Missing.HOLDFAST;
        }
        return visit.status() >= 500 ? Missing.ANSWER : Missing.SESSION;
    }

    private static String say(Missing what, Visit visit) {
        return switch (what) {
            case ANSWER -> "were answered " + visit.status() + ". The logs of the balancer and of the nodes say why.";
            case SESSION ->
                "got no session (status " + visit.status() + leadingTo(visit) + "). "
                        + (visit.status() >= 400
                                ? "Either the address has no such page, or the application has not started on the"
                                        + " node that answered: its log says why."
                                : "Name a page that makes one, as a cart or a login form does.");
            case HOLDFAST ->
                "got a session of a container without Holdfast: its id is not one of Holdfast's, and there is no"
                        + " HFEPOCH. On each node the JAR has to be in lib, and its log has a line that begins with"
                        + " Holdfast and names the applications that take part, and why others do not.";
            case MODULE ->
                "got HFROUTE from the affinity filter alone, which keeps no sessions. Put the JAR for Tomcat or Jetty"
                        + " into the lib of each node.";
            case EPOCH ->
                "got a session of Holdfast without HFEPOCH, so each request of it costs a round trip to Redis. Let"
                        + " what stands between container and browser pass all cookies on.";
            case RETURN ->
                "got a session whose cookies browsers do not all send back, or whose route names no node. Look at the"
                        + " findings about cookies, and whether the balancer sets a cookie of the same name.";
        };
    }

    private static String leadingTo(Visit visit) {
        URI elsewhere = visit.elsewhere();
        return elsewhere == null
                ? ""
                : ", it leads to another host, " + Shown.text(String.valueOf(elsewhere.getHost()));
    }

    private static String madeBy(List<Session> sessions) {
        Map<String, Long> makers = sessions.stream()
                .collect(Collectors.groupingBy(session -> session.node, TreeMap::new, Collectors.counting()));
        return makers.entrySet().stream()
                .map(maker -> maker.getValue() + " of "
                        + (maker.getKey().isEmpty() ? "nodes that do not say their name" : Shown.text(maker.getKey())))
                .collect(Collectors.joining(", "));
    }
}
