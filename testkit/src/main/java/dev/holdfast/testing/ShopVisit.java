package dev.holdfast.testing;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The steps of one customer of the examples' shops with Spring Security, and what he sees: the page behind the login,
 * the login, a cart that is changed in place, a message for the page after a redirect. After some of his answers the
 * node that gave it is killed, and he goes on at the other one.
 */
public final class ShopVisit {
    private final Browser browser = new Browser();
    private final VisitedNodes nodes;
    private final String base;

    private ShopVisit(List<? extends ContainerProcess> nodes, String base, IntPredicate kills) {
        this.nodes = new VisitedNodes(nodes, kills);
        this.base = base;
    }

    /**
     * Does all steps.
     *
     * @param nodes two, that run
     * @param base the context path, empty for the root
     * @param kills after which of the answers, counted from 1, the node that gave it is killed
     * @return one line for each step
     */
    public static String of(List<? extends ContainerProcess> nodes, String base, IntPredicate kills) {
        return new ShopVisit(nodes, base, kills).all();
    }

    /** What {@link #of} returns where nothing is lost. */
    public static String expected(String base) {
        return """
                302 to BASE/login
                BASE/cart?continue
                ada |  |\s
                BASE/cart
                ada | tea is in your cart. | tea
                BASE/cart
                ada | cups is in your cart. | tea, cups
                """.replace("BASE", base);
    }

    private String all() {
        StringBuilder seen = new StringBuilder();
        seen.append(get("/cart")).append('\n');
        String login = get("/login");
        String behind = post("/login", login, "username=ada&password=engine");
        seen.append(behind).append('\n');
        String cart = get("/cart");
        seen.append(line(cart));
        for (String item : List.of("tea", "cups")) {
            seen.append(post("/add", cart, "item=" + item)).append('\n');
            cart = get("/cart");
            seen.append(line(cart));
        }
        return seen.toString();
    }

    private Answer send(String method, String path, String form) {
        ContainerProcess node = nodes.next();
        Browser.Request request = browser.request(node, method, base + path).header("Accept", "text/html");
        Answer answer = (form.isEmpty() ? request : request.form(form)).send();
        nodes.answered();
        return answer;
    }

    private String get(String path) {
        Answer answer = send("GET", path, "");
        return answer.status() == 200 ? answer.body() : answer.status() + " to " + target(answer);
    }

    private String post(String path, String page, String fields) {
        return target(
                send("POST", path, fields + "&_csrf=" + encoded(find(page, "name=\"_csrf\"[^>]*value=\"([^\"]+)\""))));
    }

    private static String target(Answer answer) {
        return answer.all("location").stream()
                .map(URI::create)
                .map(uri -> uri.getPath() + (uri.getQuery() == null ? "" : "?" + uri.getQuery()))
                .findFirst()
                .orElse(answer.status() + " " + answer.body());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String line(String page) {
        return shown(page, "customer") + " | " + shown(page, "said") + " | " + shown(page, "cart") + "\n";
    }

    private static String shown(String page, String id) {
        return find(page, "<p id=\"" + id + "\">([^<]*)</p>");
    }

    private static String find(String page, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(page);
        if (!found.find()) {
            throw new AssertionError("No " + pattern + " in: " + page);
        }
        return found.group(1);
    }
}
