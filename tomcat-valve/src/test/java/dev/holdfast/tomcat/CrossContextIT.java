package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.URI;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * An application includes a servlet of another one, as portals do. Tomcat then wants a session of the other one under
 * the id of the first one's: what is included finds it again with each request, on each node.
 */
class CrossContextIT {
    @RegisterExtension
    static final TwoNodes<EmbeddedTomcat> nodes = TwoNodes.start(CrossContextIT::node);

    private static final RedisProcess redis = nodes.redis();
    private static final EmbeddedTomcat n1 = nodes.n1();
    private static final EmbeddedTomcat n2 = nodes.n2();

    private final Browser browser = new Browser();

    private static EmbeddedTomcat node(String name, URI redis) throws LifecycleException {
        EmbeddedTomcat tomcat = new EmbeddedTomcat();
        Context portal = tomcat.addContext("/portal");
        portal.setCrossContext(true);
        Page.add(portal, "/page", (request, response) -> include(request, response, "/part"));
        Page.add(portal, "/ended", (request, response) -> include(request, response, "/end"));
        Context portlet = tomcat.addContext("/portlet");
        Page.add(portlet, "/part", CrossContextIT::part);
        Page.add(portlet, "/end", (request, response) -> request.getSession().invalidate());
        for (Context context : new Context[] {portal, portlet}) {
            EmbeddedTomcat.keepSessions(context, name, redis);
        }
        tomcat.start();
        return tomcat;
    }

    private static void include(HttpServletRequest request, HttpServletResponse response, String path)
            throws IOException, ServletException {
        response.getWriter().print(request.getSession().getId());
        ServletContext portlet = request.getServletContext().getContext("/portlet");
        portlet.getRequestDispatcher(path).include(request, response);
    }

    private static void part(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        Integer count = (Integer) session.getAttribute("count");
        session.setAttribute("count", count == null ? 1 : count + 1);
        response.getWriter().print(" " + session.getId() + " " + session.getAttribute("count"));
    }

    private String[] page(EmbeddedTomcat node) {
        Answer answer = browser.get(node.uri("/portal/page"));
        assertThat(answer.status()).isEqualTo(200);
        return answer.body().split(" ", -1);
    }

    @Test
    void includedServletHasASessionOfTheSameIdAndFindsItAgain() {
        String[] first = page(n1);
        String[] second = page(n1);

        assertThat(first[1]).isEqualTo(first[0]).isEqualTo(browser.cookies().get("JSESSIONID"));
        assertThat(first[2]).isEqualTo("1");
        assertThat(second).containsExactly(first[0], first[0], "2");
    }

    @Test
    void whatTheIncludedServletChangesIsInRedisBeforeTheAnswer() {
        String id = page(n1)[0];

        assertThat(page(n2)).containsExactly(id, id, "2");
        assertThat(page(n2)).containsExactly(id, id, "3");
        assertThat(page(n1)).containsExactly(id, id, "4");
    }

    @Test
    void changeOfTheIncludedServletThatRedisDoesNotTakeIsRefused() {
        String id = page(n1)[0];
        giveRights("-evalsha", "-eval");
        try {
            assertThat(browser.get(n1.uri("/portal/page")).status()).isEqualTo(503);
        } finally {
            giveRights("+evalsha", "+eval");
        }

        assertThat(page(n1)[0]).isEqualTo(id);
    }

    private static void giveRights(String... rights) {
        redis.ask(jedis -> {
            jedis.aclSetUser("default", rights);
            return jedis.aclSetUser(MinimalUser.documented().name(), rights);
        });
    }

    /** No id lives twice: what is included goes on with one of its own. */
    @Test
    void sessionOfTheIncludedServletThatHasEndedDoesNotComeBack() {
        String id = page(n1)[0];
        assertThat(browser.get(n1.uri("/portal/ended")).status()).isEqualTo(200);

        String[] after = page(n1);

        assertThat(after[0]).isEqualTo(id);
        assertThat(after[1]).isNotEqualTo(id);
        assertThat(after[2]).isEqualTo("1");
    }

    @Test
    void idThatAClientBringsIsNeverASessionsId() {
        String id = page(n1)[0];
        String chosen = id.substring(0, 2) + "0".repeat(32);

        String included = ask(n1, "/portal/page", chosen);
        String direct = ask(n1, "/portlet/part", chosen);
        Browser other = new Browser();
        String begun = other.get(n2.uri("/portal/page")).body().split(" ", -1)[0];
        String ofPortal = ask(n2, "/portlet/part", begun);

        assertThat(included).doesNotContain(chosen);
        assertThat(direct).doesNotContain(chosen);
        assertThat(ofPortal).isEqualTo(" " + begun + " 2"); // its own session, which the include has made
    }

    private static String ask(EmbeddedTomcat node, String path, String id) {
        Answer answer = new Browser()
                .request(node.uri(path), "GET")
                .header("Cookie", "JSESSIONID=" + id)
                .send();
        assertThat(answer.status()).isEqualTo(200);
        return answer.body();
    }
}
