package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two Tomcats of one JVM, one Redis: what a browser sees when its balancer sends it to the other node. */
class EmbeddedFailoverIT {
    private static RedisProcess redis;
    private static EmbeddedNode n1;
    private static EmbeddedNode n2;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        n1 = new EmbeddedNode("n1", redis.uri(), Map.of(), EmbeddedFailoverIT::shop);
        n2 = new EmbeddedNode("n2", redis.uri(), Map.of(), EmbeddedFailoverIT::shop);
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
    }

    private static void shop(Context context) {
        EmbeddedNode.addServlet(context, "/cart", new Cart());
    }

    /** {@code do=add|set|read|remove|invalidate|rotate|new}; answers with the state of the session. */
    @SuppressWarnings("serial")
    static final class Cart extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String action = request.getParameter("do");
            HttpSession session = request.getSession(!action.equals("peek"));
            if (session == null) {
                response.getWriter().print("none");
                return;
            }
            switch (action) {
                case "add" -> items(session).add(request.getParameter("item"));
                case "set" -> session.setAttribute(request.getParameter("name"), request.getParameter("value"));
                case "remove" -> session.removeAttribute(request.getParameter("name"));
                case "rotate" -> request.changeSessionId();
                case "invalidate" -> {
                    session.invalidate();
                    response.getWriter().print("ended");
                    return;
                }
                default -> {}
            }
            List<String> names = Collections.list(session.getAttributeNames());
            Collections.sort(names);
            StringBuilder text = new StringBuilder(session.isNew() ? "new" : "old");
            names.forEach(name -> text.append(' ').append(name).append('=').append(session.getAttribute(name)));
            response.getWriter().print(text);
        }

        @SuppressWarnings("unchecked")
        private static List<String> items(HttpSession session) {
            List<String> items = (List<String>) session.getAttribute("items");
            if (items == null) {
                items = new ArrayList<>();
                session.setAttribute("items", items);
            }
            return items;
        }
    }

    @Test
    void cartAndIdAreKeptWhenTheOtherNodeGoesOn() {
        Browser browser = new Browser();
        assertThat(browser.get(n1.uri("/cart?do=add&item=a")).body()).isEqualTo("new items=[a]");
        String id = browser.cookies.get("JSESSIONID");
        assertThat(browser.cookies.get("HFROUTE")).isEqualTo("n1");
        assertThat(browser.cookies.get("HFEPOCH")).endsWith(".n1");

        assertThat(browser.get(n1.uri("/cart?do=add&item=b")).body()).isEqualTo("old items=[a, b]");
        assertThat(browser.get(n2.uri("/cart?do=add&item=c")).body()).isEqualTo("old items=[a, b, c]");

        assertThat(browser.cookies.get("JSESSIONID")).isEqualTo(id);
        assertThat(browser.cookies.get("HFROUTE")).isEqualTo("n2");
        assertThat(browser.cookies.get("HFEPOCH")).endsWith(".n2");
        assertThat(browser.get(n1.uri("/cart?do=add&item=d")).body()).isEqualTo("old items=[a, b, c, d]");
        assertThat(browser.get(n2.uri("/cart?do=peek")).body()).isEqualTo("old items=[a, b, c, d]");
    }

    @Test
    void stickyReadsSendNoCommandAndSetNoCookie() {
        Browser browser = new Browser();
        browser.get(n1.uri("/cart?do=add&item=a"));

        List<String> commands = redis.monitor(() -> {
            for (int i = 0; i < 50; i++) {
                HttpResponse<String> response = browser.get(n1.uri("/cart?do=peek"));
                assertThat(response.body()).isEqualTo("old items=[a]");
                assertThat(Browser.setCookies(response)).isEmpty();
            }
        });

        assertThat(commands.stream()
                        .filter(c -> c.contains(browser.cookies.get("JSESSIONID")) && !c.contains("lua"))
                        .toList())
                .as("commands with the session's key")
                .hasSizeLessThanOrEqualTo(2); // touches
    }

    @Test
    void endedSessionsStayEndedOnBothNodes() {
        Browser browser = new Browser();
        browser.get(n1.uri("/cart?do=add&item=a"));
        browser.get(n2.uri("/cart?do=add&item=b"));
        String id = browser.cookies.get("JSESSIONID");

        assertThat(browser.get(n1.uri("/cart?do=invalidate")).body()).isEqualTo("ended");

        assertThat(browser.cookies).doesNotContainKeys("HFROUTE", "HFEPOCH");
        browser.cookies.put("JSESSIONID", id);
        assertThat(browser.get(n1.uri("/cart?do=peek")).body()).isEqualTo("none");
        assertThat(browser.get(n2.uri("/cart?do=peek")).body()).isEqualTo("none");
        assertThat(browser.get(n2.uri("/cart?do=add&item=x")).body()).isEqualTo("new items=[x]");
        assertThat(browser.cookies.get("JSESSIONID")).isNotEqualTo(id);
    }

    @Test
    void changedIdIsKnownEverywhereAndTheOldOneNowhere() {
        Browser browser = new Browser();
        browser.get(n1.uri("/cart?do=add&item=a"));
        String old = browser.cookies.get("JSESSIONID");

        assertThat(browser.get(n1.uri("/cart?do=rotate")).body()).isEqualTo("old items=[a]");

        String id = browser.cookies.get("JSESSIONID");
        assertThat(id).isNotEqualTo(old).startsWith(old.substring(0, 2));
        assertThat(browser.get(n2.uri("/cart?do=peek")).body()).isEqualTo("old items=[a]");
        browser.cookies.put("JSESSIONID", old);
        assertThat(browser.get(n1.uri("/cart?do=peek")).body()).isEqualTo("none");
        assertThat(browser.get(n2.uri("/cart?do=peek")).body()).isEqualTo("none");
    }

    @Test
    void removedAttributeIsGoneOnTheOtherNode() {
        Browser browser = new Browser();
        browser.get(n1.uri("/cart?do=set&name=a&value=1"));
        browser.get(n1.uri("/cart?do=set&name=b&value=2"));
        browser.get(n2.uri("/cart?do=remove&name=a"));

        assertThat(browser.get(n1.uri("/cart?do=peek")).body()).isEqualTo("old b=2");
    }
}
