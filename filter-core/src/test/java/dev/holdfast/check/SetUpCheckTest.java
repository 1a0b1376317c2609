package dev.holdfast.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the command says of set-ups of which each has one thing wrong, or none. */
class SetUpCheckTest {
    private static final String CONFIGURATIONS =
            ", and call it as its holdfast.node does; docs/affinity.md has the configurations. A balancer that is not"
                    + " sticky on purpose wants holdfast.affinity=none.";

    // ---- good ones

    @Test
    void twoNodesAndABalancerThatFollowsTheRouteAreGood() {
        try (PlayedSite site = new PlayedSite("n1", "n2")) {
            Outcome outcome = Outcome.of("check", site.page());

            assertThat(outcome.out()).first().isEqualTo(site.page() + ":");
            assertThat(outcome.out().subList(1, 3))
                    .containsExactly(
                            "New sessions that Holdfast keeps: 8, 4 of n1, 4 of n2.",
                            "Asked for again: 8 of 8 sessions stayed the same, at the same node as far as nodes tell.");
            assertThat(outcome.out().get(3))
                    .matches("Session [0-3][0-9a-f]{3}… went from n1 to n2 and back, and stayed the same\\.");
            assertThat(outcome.out().get(4))
                    .matches("Session [0-3][0-9a-f]{3}… went from n2 to n1 and back, and stayed the same\\.");
            assertThat(outcome.out()).hasSize(6).last().isEqualTo("Good.");
            assertThat(outcome.code()).isZero();
        }
    }

    /** The epoch has the first twelve characters of a name alone. */
    @Test
    void nodesWhoseNamesBeginAlikeAreToldApart() {
        try (PlayedSite site = new PlayedSite("shop-tomcat-0", "shop-tomcat-1", "shop-tomcat-2")) {
            Outcome outcome = Outcome.of("check", site.page());

            assertThat(outcome.findings()).isEmpty();
            assertThat(outcome.out())
                    .filteredOn(line -> line.startsWith("Session "))
                    .hasSize(3);
        }
    }

    @Test
    void routeCookieOfAnotherNameIsFoundByWhatItNames() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            String choose(Request request) {
                return request.cookie("ROUTE").isEmpty()
                        ? next()
                        : request.cookie("ROUTE").substring(1);
            }

            @Override
            void answer(String node, Request request) {
                super.answer(node, request);
                request.set.removeIf(cookie -> cookie.startsWith("HFROUTE="));
                if (!request.cookie("ROUTE").equals("." + node)) {
                    set(request, "ROUTE", "." + node);
                }
            }
        };
        try (site) {
            Outcome outcome = Outcome.of("check", site.page());

            assertThat(outcome.findings()).isEmpty();
            assertThat(outcome.out())
                    .filteredOn(line -> line.startsWith("Session "))
                    .hasSize(2);
        }
    }

    @Test
    void routeBehindTheSessionIdIsFollowed() {
        try (PlayedSite site = new BySuffix(true)) {
            Outcome outcome = Outcome.of("check", site.page());

            assertThat(outcome.findings()).isEmpty();
            assertThat(outcome.out())
                    .filteredOn(line -> line.startsWith("Session "))
                    .hasSize(2);
        }
    }

    @Test
    void balancerThatDoesNotFollowTheRouteBehindTheSessionIdIsFound() {
        try (PlayedSite site = new BySuffix(false)) {
            assertThat(Outcome.of("check", site.page()).findings())
                    .singleElement()
                    .asString()
                    .contains("Let the balancer send a request whose cookie JSESSIONID ends with .n");
        }
    }

    /** {@code affinity=suffix}. */
    private static final class BySuffix extends PlayedSite {
        private final boolean follows;

        BySuffix(boolean follows) {
            super("n1", "n2");
            this.follows = follows;
        }

        @Override
        String choose(Request request) {
            String route = request.cookie("JSESSIONID").replaceFirst("[^.]*\\.?", "");
            return follows && names().contains(route) ? route : next();
        }

        @Override
        void answer(String node, Request request) {
            String sent = request.cookie("JSESSIONID");
            String id = sent.replaceFirst("\\..*", "");
            Request inner = new Request(request.path, Map.of("JSESSIONID", id));
            super.answer(node, inner);
            for (String cookie : inner.set) {
                if (cookie.startsWith("HFEPOCH=")) {
                    request.set.add(cookie);
                } else if (cookie.startsWith("JSESSIONID=")) {
                    request.set.add(cookie.replaceFirst(";", "." + node + ";"));
                }
            }
            if (!id.isEmpty() && !sent.endsWith("." + node)) {
                set(request, "JSESSIONID", id + "." + node);
            }
        }
    }

    /** {@code affinity=none}: epochs have no owner, and there is no route. */
    @Test
    void nodesWithoutAffinityAreGoodAndNotToldApart() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            Epoch epoch(String node) {
                return Epoch.fresh("");
            }

            @Override
            void answer(String node, Request request) {
                super.answer(node, request);
                request.set.removeIf(cookie -> cookie.startsWith("HFROUTE="));
            }
        };
        try (site) {
            Outcome outcome = Outcome.of("check", site.page());

            assertThat(outcome.out().subList(1, 5))
                    .containsExactly(
                            "New sessions that Holdfast keeps: 8, 8 of nodes that do not say their name.",
                            "Asked for again: 8 of 8 sessions stayed the same, at the same node as far as nodes tell.",
                            "The nodes do not say which of them answers (holdfast.affinity is none): no session was"
                                    + " moved.",
                            "Good.");
            assertThat(outcome.code()).isZero();
        }
    }

    @Test
    void balancerWithACookieOfItsOwnIsEnough() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            String choose(Request request) {
                String own = request.cookie("SERVERID");
                return own.isEmpty() ? next() : own;
            }

            @Override
            void answer(String node, Request request) {
                super.answer(node, request);
                request.set.add("SERVERID=" + node + "; Path=/");
            }
        };
        try (site) {
            Outcome outcome = Outcome.of("check", site.page());

            assertThat(outcome.findings()).isEmpty();
            assertThat(outcome.out())
                    .contains(
                            "The balancer follows a cookie of its own (SERVERID) and not the route, which is enough.");
        }
    }

    @Test
    void redirectsOnTheHostAreFollowed() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            String choose(Request request) {
                return request.path.equals("/") ? "n1" : super.choose(request);
            }

            @Override
            void answer(String node, Request request) {
                if (request.path.equals("/")) {
                    request.location = "/shop/cart";
                } else {
                    super.answer(node, request);
                }
            }
        };
        try (site) {
            assertThat(Outcome.of("check", site.address("/")).out()).last().isEqualTo("Good.");
        }
    }

    // ---- the balancer

    @Test
    void balancerThatDoesNotFollowTheRouteIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            String choose(Request request) {
                return next();
            }
        };
        try (site) {
            Outcome outcome = Outcome.of("check", site.page());

            assertThat(outcome.findings())
                    .singleElement()
                    .asString()
                    .matches("The balancer does not follow the route: in [1-8] of 8 sessions another node answered than"
                            + " the one that the browser's cookie names\\. Here n[12] answered in place of n[12]\\. Let"
                            + " the balancer send a request whose cookie HFROUTE names n[12] to that node\\Q"
                            + CONFIGURATIONS + "\\E");
            assertThat(outcome.out()).last().isEqualTo("Findings: 1.");
            assertThat(outcome.code()).isEqualTo(1);
        }
    }

    /** As of a table that the balancer keeps: browsers stay, and none can be moved. */
    @Test
    void balancerThatKeepsBrowsersBySomethingElseIsFound() {
        PlayedSite site = new PlayedSite("n-0badcafe", "n2") {
            private final Map<String, String> table = new HashMap<>();

            @Override
            String choose(Request request) {
                String id = request.cookie("JSESSIONID");
                return id.isEmpty() ? next() : table.computeIfAbsent(id, first -> request.cookie("HFROUTE"));
            }
        };
        assertThat(findings(site))
                .containsExactly(
                        "A request whose cookie HFROUTE names n2 was answered by n-0badcafe. The balancer takes n2"
                                + " for dead, or keeps browsers at their nodes by something else than cookies, and"
                                + " nobody can move one from outside, or: Let the balancer send a request whose"
                                + " cookie HFROUTE names n2 to that node" + CONFIGURATIONS,
                        "A request whose cookie HFROUTE names n-0badcafe was answered by n2. The balancer takes"
                                + " n-0badcafe for dead, or keeps browsers at their nodes by something else than"
                                + " cookies, and nobody can move one from outside, or: Let the balancer send a"
                                + " request whose cookie HFROUTE names n-0badcafe to that node, and call it as its"
                                + " holdfast.node does, which is not set there; docs/affinity.md has the"
                                + " configurations. A balancer that is not sticky on purpose wants"
                                + " holdfast.affinity=none.");
    }

    @Test
    void oneNodeIsTooFew() {
        try (PlayedSite site = new PlayedSite("n1")) {
            assertThat(Outcome.of("check", site.page()).findings())
                    .containsExactly("n1 has answered everything, so no session could be moved to another node. Look"
                            + " whether other nodes run, and whether the balancer takes them for alive. One that goes"
                            + " by the client's address cannot be checked from one machine.");
        }
    }

    // ---- the nodes

    @Test
    void sessionThatIsLostAtTheOtherNodeIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            @Nullable
            String holderOf(String node, String id) {
                return node.equals(super.holderOf(node, id)) ? node : null;
            }
        };
        assertThat(findings(site))
                .containsExactly(
                        "A session of n1 that was sent to n2 was lost there: another one came back, or none."
                                + " Compare holdfast.redis and holdfast.app of both nodes, which their logs name at"
                                + " the start.",
                        "A session of n2 that was sent to n1 was lost there: another one came back, or none."
                                + " Compare holdfast.redis and holdfast.app of both nodes, which their logs name at"
                                + " the start.");
    }

    @Test
    void refusalOfTheOtherNodeIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            void answer(String node, Request request) {
                String holder = holderOf(node, request.cookie("JSESSIONID"));
                if (holder == null || holder.equals(node) || node.equals("n1")) {
                    super.answer(node, request);
                } else {
                    request.status = 503;
                }
            }
        };
        assertThat(findings(site))
                .containsExactly("A session of n1 that was sent to n2 was answered 503. The log of n2 says why.");
    }

    @Test
    void sessionThatIsAnotherOneAtEachRequestIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            @Nullable
            String holderOf(String node, String id) {
                return null;
            }
        };
        assertThat(findings(site))
                .containsExactly("The session of a browser is another one at each request, though its node stays"
                        + " the same. The page ends its session, or changes its id, each time; or something between"
                        + " browser and container takes cookies out of requests. Name another page, and if that is"
                        + " the same, look at what stands between.");
    }

    @Test
    void nodeWithoutHoldfastIsFoundAmongOthers() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            void answer(String node, Request request) {
                if (node.equals("n1")) {
                    super.answer(node, request);
                } else {
                    set(request, "JSESSIONID", "0123456789ABCDEF0123456789ABCDEF");
                }
            }
        };
        try (site) {
            Outcome outcome = Outcome.of("check", site.page());

            assertThat(outcome.findings())
                    .first()
                    .isEqualTo("4 of 8 requests without cookies got a session of a container without Holdfast: its id"
                            + " is not one of Holdfast's, and there is no HFEPOCH. On each node the JAR has to be in"
                            + " lib, and its log has a line that begins with Holdfast and names the applications that"
                            + " take part, and why others do not.");
            assertThat(outcome.toString()).doesNotContain("0123456789ABCDEF");
        }
    }

    @Test
    void filterAloneIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            void answer(String node, Request request) {
                set(request, "JSESSIONID", "0123456789ABCDEF0123456789ABCDEF");
                set(request, "HFROUTE", node);
            }
        };
        assertThat(findings(site))
                .containsExactly("8 of 8 requests without cookies got HFROUTE from the affinity filter alone, which"
                        + " keeps no sessions. Put the JAR for Tomcat or Jetty into the lib of each node.");
    }

    @Test
    void epochThatIsTakenAwayIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            void answer(String node, Request request) {
                super.answer(node, request);
                request.set.removeIf(cookie -> cookie.startsWith("HFEPOCH="));
            }
        };
        assertThat(findings(site))
                .containsExactly("8 of 8 requests without cookies got a session of Holdfast without HFEPOCH, so"
                        + " each request of it costs a round trip to Redis. Let what stands between container and"
                        + " browser pass all cookies on.");
    }

    @Test
    void balancerThatSetsACookieOfTheSameNameIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            void answer(String node, Request request) {
                super.answer(node, request);
                request.set.add("HFROUTE=\"" + node + "\"; Path=/shop; HttpOnly");
            }
        };
        assertThat(findings(site))
                .containsExactly("8 of 8 requests without cookies got a session whose cookies browsers do not all"
                        + " send back, or whose route names no node. Look at the findings about cookies, and"
                        + " whether the balancer sets a cookie of the same name.");
    }

    // ---- the page

    @Test
    void pageThatIsNotThereIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            void answer(String node, Request request) {
                request.status = 404;
            }
        };
        assertThat(findings(site))
                .containsExactly("8 of 8 requests without cookies got no session (status 404). Either the address"
                        + " has no such page, or the application has not started on the node that answered: its log"
                        + " says why.");
    }

    @Test
    void pageThatLeadsToAnotherHostIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            void answer(String node, Request request) {
                request.location = "https://login.example.com/start;jsessionid=0badcafe?state=secret";
            }
        };
        assertThat(findings(site))
                .containsExactly("8 of 8 requests without cookies got no session (status 302, it leads to another"
                        + " host, login.example.com). Name a page that makes one, as a cart or a login form does.");
    }

    @Test
    void siteThatFailsIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            void answer(String node, Request request) {
                request.status = 502;
            }
        };
        assertThat(findings(site))
                .containsExactly("8 of 8 requests without cookies were answered 502. The logs of the balancer and"
                        + " of the nodes say why.");
    }

    @Test
    void pageThatUsesItsSessionOnlyOnceIsFound() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            void answer(String node, Request request) {
                if (request.cookies.isEmpty()) {
                    super.answer(node, request);
                }
            }
        };
        assertThat(findings(site))
                .contains("The answer to a session of n1 that was sent to n2 does not say who gave it: the page"
                        + " did not use its session. Name a page that does each time.");
    }

    // ---- cookies

    @Test
    void sessionWhosePathIsNotThatOfTheSiteIsFoundAndNotAskedForAgain() {
        PlayedSite site = new PlayedSite("n1", "n2") {
            @Override
            String attributes(String name) {
                return "; Path=/app; HttpOnly";
            }
        };
        try (site) {
            Outcome outcome = Outcome.of("check", site.page());

            assertThat(outcome.findings())
                    .hasSize(2)
                    .first()
                    .asString()
                    .matches(
                            "(?:(?:JSESSIONID|HFEPOCH|HFROUTE)(?:, |: )){3}\\QPath=/app, so browsers do not send it to "
                                    + site.page() + ". The balancer serves the application under another path than the"
                                    + " container: use the same one, or let it rewrite cookies (nginx: proxy_cookie_path;"
                                    + " httpd: ProxyPassReverseCookiePath).\\E");
            assertThat(outcome.out()).noneMatch(line -> line.startsWith("Asked for"));
        }
    }

    /** What is found of a site, which is closed then. */
    private static List<String> findings(PlayedSite site) {
        try (site) {
            return Outcome.of("check", site.page()).findings();
        }
    }
}
