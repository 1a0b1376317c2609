package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.affinity.AffinityFilter;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The cookies of a response, when the application has the affinity filter too, or shares its cookies' path with
 * another.
 */
class AffinityTogetherIT {
    private static RedisProcess redis;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    private static void application(Context context) {
        Page.addFiles(context);
        Page.add(context, "/plain", (request, response) -> response.getWriter().print("plain"));
        Page.add(context, "/add", (request, response) -> {
            request.getSession().setAttribute("value", request.getParameter("value"));
            response.getWriter().print("added");
        });
        Page.add(context, "/flush", (request, response) -> {
            request.getSession().setAttribute("value", "flush");
            response.getWriter().print("flushed");
            response.flushBuffer();
        });
        Page.add(context, "/redirect", (request, response) -> {
            request.getSession().setAttribute("value", "redirect");
            response.sendRedirect("plain");
        });
        Page.add(context, "/error", (request, response) -> {
            request.getSession().setAttribute("value", "error");
            response.sendError(418);
        });
        Page.add(
                context,
                "/error-page",
                (request, response) -> response.getWriter()
                        .print("error page " + request.getSession().getAttribute("value")));
        Page.add(context, "/reset", (request, response) -> {
            request.getSession().setAttribute("value", "reset");
            response.reset();
            response.getWriter().print("reset");
        });
        Page.show(context, "/read", session -> session.getAttribute("value"));
        Page.add(context, "/end", (request, response) -> request.getSession().invalidate());
        ErrorPage errorPage = new ErrorPage();
        errorPage.setErrorCode(418);
        errorPage.setLocation("/error-page");
        context.addErrorPage(errorPage);
    }

    private static void withFilter(Context context) {
        application(context);
        FilterDef filter = new FilterDef();
        filter.setFilterName("affinity");
        filter.setFilterClass(AffinityFilter.class.getName());
        filter.setAsyncSupported("true");
        context.addFilterDef(filter);
        FilterMap mapping = new FilterMap();
        mapping.setFilterName("affinity");
        mapping.addURLPattern("/*");
        for (DispatcherType type : List.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR)) {
            mapping.setDispatcher(type.name());
        }
        context.addFilterMap(mapping);
    }

    private static List<String> names(Answer response) {
        return response.all("Set-Cookie").stream()
                .map(cookie -> cookie.substring(0, cookie.indexOf('=')))
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/add?value=1", "/flush", "/redirect", "/error", "/reset"})
    void responseCarriesEachCookieOnceWithAndWithoutTheFilter(String path) {
        try (EmbeddedNode with = new EmbeddedNode("n1", redis.uri(), Map.of(), AffinityTogetherIT::withFilter);
                EmbeddedNode without = new EmbeddedNode("n2", redis.uri(), Map.of(), AffinityTogetherIT::application)) {
            for (EmbeddedNode node : List.of(with, without)) {
                Answer created = new Browser().get(node.uri(path));
                assertThat(names(created)).containsExactly("HFEPOCH", "HFROUTE", "JSESSIONID");
            }
            Browser browser = new Browser();
            browser.get(without.uri("/add?value=1"));
            Answer taken = browser.get(with.uri(path));
            assertThat(names(taken)).containsExactly("HFEPOCH", "HFROUTE", "JSESSIONID");
            assertThat(browser.cookies().get("HFROUTE")).isEqualTo("n1");
            assertThat(names(browser.get(with.uri("/plain")))).isEmpty();
        }
    }

    @Test
    void scriptsSeeNeitherRouteNorEpochWhereTheyMaySeeTheSession() {
        try (EmbeddedNode node = new EmbeddedNode("n1", redis.uri(), Map.of(), context -> {
            application(context);
            context.setUseHttpOnly(false);
        })) {
            Browser browser = new Browser();

            Answer created = browser.get(node.uri("/add?value=1"));
            Answer ended = browser.get(node.uri("/end"));

            assertThat(created.all("Set-Cookie"))
                    .filteredOn(cookie -> !cookie.contains("HttpOnly"))
                    .singleElement()
                    .asString()
                    .startsWith("JSESSIONID=");
            assertThat(ended.all("Set-Cookie"))
                    .filteredOn(cookie -> cookie.startsWith("HF"))
                    .hasSize(2)
                    .allMatch(cookie -> cookie.contains("HttpOnly"));
        }
    }

    /** A login at another node meanwhile, and the old id would be back in the browser. */
    @Test
    void sessionCookieAtATakeoverIsForBalancersAndNotForTheBrowser() {
        try (EmbeddedNode n1 = new EmbeddedNode("n1", redis.uri(), Map.of(), AffinityTogetherIT::withFilter);
                EmbeddedNode n2 = new EmbeddedNode("n2", redis.uri(), Map.of(), AffinityTogetherIT::application)) {
            Browser browser = new Browser();
            browser.get(n1.uri("/add?value=1"));
            String id = browser.cookies().get("JSESSIONID");

            Answer taken = browser.get(n2.uri("/add?value=1"));

            assertThat(taken.all("Set-Cookie"))
                    .filteredOn(cookie -> cookie.startsWith("JSESSIONID="))
                    .singleElement()
                    .isEqualTo("JSESSIONID=" + id + "; Path=/shop/.holdfast; HttpOnly");
        }
    }

    @Test
    void responseThatEndsTheSessionExpiresTheRouteOnce() {
        try (EmbeddedNode node = new EmbeddedNode("n1", redis.uri(), Map.of(), AffinityTogetherIT::withFilter)) {
            Browser browser = new Browser();
            browser.get(node.uri("/add?value=1"));

            Answer ended = browser.get(node.uri("/end"));

            assertThat(ended.all("Set-Cookie"))
                    .filteredOn(cookie -> cookie.startsWith("HFROUTE="))
                    .singleElement()
                    .satisfies(cookie -> assertThat(Browser.isExpired(cookie)).isTrue())
                    .asString()
                    .startsWith("HFROUTE=; ")
                    .contains("Path=/shop");
            assertThat(browser.cookies()).doesNotContainKeys("HFROUTE", "HFEPOCH");
        }
    }

    @Test
    void affinityNoneSetsNoRouteCookie() {
        Map<String, String> none = Map.of("holdfast.affinity", "none");
        try (EmbeddedNode n1 = new EmbeddedNode("n1", redis.uri(), none, AffinityTogetherIT::withFilter);
                EmbeddedNode n2 = new EmbeddedNode("n2", redis.uri(), none, AffinityTogetherIT::application)) {
            Browser browser = new Browser();

            assertThat(names(browser.get(n1.uri("/add?value=1")))).doesNotContain("HFROUTE");
            for (int i = 2; i < 6; i++) {
                EmbeddedNode next = i % 2 == 0 ? n2 : n1;
                assertThat(names(browser.get(next.uri("/add?value=" + i)))).doesNotContain("HFROUTE", "JSESSIONID");
                EmbeddedNode other = i % 2 == 0 ? n1 : n2;
                assertThat(browser.get(other.uri("/read")).body()).isEqualTo(String.valueOf(i));
            }
        }
    }

    /** A route in an id would be one that changes at a takeover. */
    @Test
    void routeOfSuffixIsInTheCookieAndInNothingThatAnApplicationSees() {
        Heard heard = new Heard();
        Consumer<Context> application = context -> {
            application(context);
            context.addServletContainerInitializer((classes, sc) -> sc.addListener(heard), Set.of());
            Page.add(context, "/change-id", (request, response) -> {
                String before = request.getSession().getId();
                String requested = request.getRequestedSessionId();
                String changed = request.changeSessionId();
                response.getWriter()
                        .print(String.join(
                                " ",
                                before,
                                requested,
                                changed,
                                request.getSession().getId()));
            });
        };
        Map<String, String> suffix = Map.of("holdfast.affinity", "suffix");
        try (EmbeddedNode node = new EmbeddedNode("n1", redis.uri(), suffix, application)) {
            Browser browser = new Browser();
            browser.get(node.uri("/add?value=1"));
            String id = browser.cookies().get("JSESSIONID").replace(".n1", "");

            String changed = browser.get(node.uri("/change-id")).body();

            String newId = browser.cookies().get("JSESSIONID").replace(".n1", "");
            assertThat(newId).matches("[0-9a-f]{34}").isNotEqualTo(id);
            assertThat(changed).isEqualTo(id + " " + id + " " + newId + " " + newId);
            assertThat(heard.ids).containsExactly(id, newId);
            assertThat(node.manager().findSessions()).hasSize(1);
            assertThat(node.manager().findSession(newId).getId()).isEqualTo(newId);
            browser.get(node.uri("/end"));
            assertThat(node.manager().findSessions()).isEmpty();
            assertThat(browser.cookies()).isEmpty();
        }
    }

    /** The old id and the new one. */
    private static final class Heard implements HttpSessionIdListener {
        private final List<String> ids = new CopyOnWriteArrayList<>();

        @Override
        public void sessionIdChanged(HttpSessionEvent event, String oldSessionId) {
            ids.add(oldSessionId);
            ids.add(event.getSession().getId());
        }
    }

    @Test
    void applicationsWhoseCookiesHavePathRootKeepTheirOwnEpochs() throws LifecycleException {
        try (EmbeddedTomcat n1 = twoApplications("n1");
                EmbeddedTomcat n2 = twoApplications("n2")) {
            Browser browser = new Browser();
            browser.get(n1.uri("/shop/add?value=1"));
            browser.get(n1.uri("/bank/add?value=2"));

            Set<String> epochs = browser.cookies().keySet().stream()
                    .filter(name -> name.startsWith("HFEPOCH"))
                    .collect(Collectors.toSet());
            assertThat(epochs).hasSize(2).allMatch(name -> name.matches("HFEPOCH-[0-9a-f]{4}"));
            List<String> commands = redis.monitor(() -> {
                for (int i = 0; i < 10; i++) {
                    assertThat(browser.get(n1.uri("/shop/read")).body()).isEqualTo("1");
                    assertThat(browser.get(n1.uri("/bank/read")).body()).isEqualTo("2");
                }
            });
            assertThat(commands)
                    .as("both are served from memory")
                    .filteredOn(line -> !line.contains(":nodes}")) // a node says every ten seconds that it is there
                    .noneMatch(line -> line.contains("HGETALL"));

            assertThat(browser.get(n2.uri("/shop/add?value=3")).status()).isEqualTo(200);
            assertThat(browser.get(n2.uri("/bank/read")).body()).isEqualTo("2");
            assertThat(browser.get(n1.uri("/shop/read")).body()).isEqualTo("3");
        }
    }

    /** Session cookies of one name would replace each other, with any Manager. */
    private static EmbeddedTomcat twoApplications(String node) throws LifecycleException {
        EmbeddedTomcat tomcat = new EmbeddedTomcat();
        for (String name : List.of("shop", "bank")) {
            Context context = tomcat.addContext("/" + name);
            context.setSessionCookiePath("/");
            context.setSessionCookieName("SESSION_" + name);
            application(context);
            EmbeddedTomcat.keepSessions(context, node, redis.uri());
        }
        tomcat.start();
        return tomcat;
    }
}
