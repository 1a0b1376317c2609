package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * With {@code unstorable=refuse}: values that cannot be stored are refused when they are set, or the request that made
 * them so is; never is half of it written.
 */
class UnstorableValuesIT {
    private static final String CART = "dev.holdfast.tomcat.UnstorableValuesIT$Cart";

    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start((name, redis) -> node(name, redis, CART));

    private static final RedisProcess redis = nodes.redis();
    private static final EmbeddedNode n1 = nodes.n1();
    private static final EmbeddedNode n2 = nodes.n2();

    private static EmbeddedNode node(String name, URI redis, String allowed) {
        return new EmbeddedNode(
                name,
                redis,
                Map.of("holdfast.classes.allow", allowed, "holdfast.unstorable", "refuse"),
                UnstorableValuesIT::application);
    }

    @SuppressWarnings("serial")
    static class Cart implements Serializable {
        Object content = "tea";
        List<Object> more = new ArrayList<>();
    }

    @SuppressWarnings("serial")
    static class Secret implements Serializable {}

    /** Not serializable. */
    static class Socket {}

    private static void application(Context context) {
        Page.add(context, "/new", (request, response) -> {
            request.getSession().setAttribute("cart", new Cart());
            request.getSession().setAttribute("note", "first");
        });
        Page.add(context, "/set", (request, response) -> set(request, response, value(request.getParameter("value"))));
        Page.add(context, "/break", (request, response) -> {
            HttpSession session = request.getSession();
            session.setAttribute("note", "second");
            Cart cart = (Cart) session.getAttribute("cart");
            if (request.getParameter("in").equals("field")) {
                cart.content = new Socket();
            } else {
                cart.more.add(new Socket());
            }
            response.getWriter().print("ordered");
        });
        Page.show(
                context,
                "/read",
                session -> ((Cart) session.getAttribute("cart")).content + ", " + session.getAttribute("note") + ", "
                        + session.getAttribute("value"));
    }

    private static Object value(String kind) {
        return switch (kind) {
            case "outside the policy" -> new Secret();
            case "inside a list" -> new ArrayList<>(List.of("a", new Secret()));
            case "not serializable" -> new Socket();
            case "lambda" -> (Runnable & Serializable) () -> {};
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static void set(HttpServletRequest request, HttpServletResponse response, Object value) throws IOException {
        try {
            request.getSession().setAttribute("value", value);
            response.getWriter().print("set");
        } catch (IllegalArgumentException e) {
            response.getWriter().print(e.getMessage());
        }
    }

    private static String set(EmbeddedNode node, Browser browser, String kind) {
        return browser.get(node.uri("/set?value=" + kind.replace(" ", "%20"))).body();
    }

    @Test
    void classOutsideThePolicyIsRefusedWithTheLineToAdd() {
        Browser browser = new Browser();
        browser.get(n1.uri("/new"));

        assertThat(set(n1, browser, "outside the policy"))
                .isEqualTo(
                        "Attribute \"value\" holds dev.holdfast.tomcat.UnstorableValuesIT$Secret, which the class policy does not"
                                + " allow. Add it: <context-param><param-name>holdfast.classes.allow</param-name><param-value>"
                                + CART + ",dev.holdfast.tomcat.UnstorableValuesIT$Secret</param-value></context-param>"
                                + " (or holdfast.classes=learn while trying out).");
        assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("tea, first, null");
    }

    @Test
    void lineOfTheMessageAllowsTheClass() {
        Browser browser = new Browser();
        browser.get(n1.uri("/new"));
        String message = set(n1, browser, "outside the policy");
        String line = message.substring(
                message.indexOf("<param-value>") + "<param-value>".length(), message.indexOf("</param-value>"));

        try (EmbeddedNode n3 = node("n3", redis.uri(), line)) {
            assertThat(set(n3, browser, "outside the policy")).isEqualTo("set");
        }
    }

    @Test
    void otherRefusalsSayWhereAndWhatToDo() {
        Browser browser = new Browser();
        browser.get(n1.uri("/new"));

        assertThat(set(n1, browser, "inside a list"))
                .startsWith(
                        "Attribute \"value\" holds dev.holdfast.tomcat.UnstorableValuesIT$Secret in [1], which the class"
                                + " policy does not allow. Add it: <context-param>");
        assertThat(set(n1, browser, "not serializable"))
                .isEqualTo(
                        "Attribute \"value\" holds dev.holdfast.tomcat.UnstorableValuesIT$Socket, which is neither"
                                + " java.io.Serializable nor a record. Implement java.io.Serializable or keep it out of the session.");
        assertThat(set(n1, browser, "lambda"))
                .startsWith("Attribute \"value\" holds dev.holdfast.tomcat.UnstorableValuesIT$$Lambda")
                .endsWith(
                        "is a lambda of dev.holdfast.tomcat.UnstorableValuesIT, which the class policy does not allow. Add it:"
                                + " <context-param><param-name>holdfast.classes.allow</param-name><param-value>" + CART
                                + ",dev.holdfast.tomcat.UnstorableValuesIT</param-value></context-param>"
                                + " (or holdfast.classes=learn while trying out).");
    }

    @Test
    void valueThatCannotBeEncodedAtCommitRefusesTheRequestAndKeepsTheOldState() {
        refusesAndKeepsTheOldState("field", "content");
    }

    @Test
    void elementThatCannotBeEncodedAtCommitRefusesTheRequestAndKeepsTheOldState() {
        refusesAndKeepsTheOldState("list", "more[0]");
    }

    private static void refusesAndKeepsTheOldState(String in, String path) {
        // A node of its own: the same warning is logged once a minute.
        try (EmbeddedNode n3 = node("n3", redis.uri(), CART);
                LogCapture log = new LogCapture("dev.holdfast")) {
            Browser browser = new Browser();
            browser.get(n3.uri("/new"));
            String id = browser.cookies().get("JSESSIONID");

            Answer answer = browser.get(n3.uri("/break?in=" + in));

            assertThat(answer.status())
                    .as("the next try would end in the same way")
                    .isEqualTo(500);
            assertThat(answer.header("Retry-After")).isEmpty();
            assertThat(answer.body()).isEmpty();
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("HF-201"))
                    .containsExactly("WARNING HF-201: Session " + id.substring(0, 4)
                            + "… cannot be saved: Attribute \"cart\" holds"
                            + " dev.holdfast.tomcat.UnstorableValuesIT$Socket in " + path
                            + ", which is neither java.io.Serializable nor a record. Implement java.io.Serializable or keep"
                            + " it out of the session.");
            assertThat(browser.get(n3.uri("/read")).body()).isEqualTo("tea, first, null");
            assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("tea, first, null");
            assertThat(browser.get(n3.uri("/read")).body()).isEqualTo("tea, first, null");
        }
    }
}
