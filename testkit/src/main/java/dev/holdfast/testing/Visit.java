package dev.holdfast.testing;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.jsoup.Connection;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.FormElement;

/**
 * Somebody who reads pages, follows links and fills in forms of an application on two nodes, with all hidden fields,
 * as a browser without scripts does. After some of the answers the node that gave it is killed, and the next
 * request goes to the other one.
 */
public final class Visit {
    private static final int MAX_REDIRECTS = 10;

    private final Browser browser = new Browser();
    private final VisitedNodes nodes;

    private URI at;
    private Document page = new Document("");
    private String authorization = "";

    /**
     * Somebody who has seen nothing yet.
     *
     * @param nodes that run, two if one is killed
     * @param base the context path, with a slash in front
     * @param kills after which of the answers, counted from 1 and redirects among them, the node is killed
     */
    public Visit(List<? extends ContainerProcess> nodes, String base, IntPredicate kills) {
        this.nodes = new VisitedNodes(nodes, kills);
        this.at = URI.create("http://localhost" + base + "/");
    }

    /** Says with each request who he is, by HTTP's basic authentication. */
    public Visit as(String user, String password) {
        authorization =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Goes to a page, by a path that begins at the page that is open, and follows redirects. */
    public Visit open(String path) {
        return go("GET", at.resolve(path), "");
    }

    /** Follows a link of the page. */
    public Visit click(String link) {
        return open(one(link).attr("href"));
    }

    /** Sends a form of the page as it is, but for these fields. */
    public Visit submit(String form, Map<String, String> fields) {
        if (!(one(form) instanceof FormElement element)) {
            throw new AssertionError(form + " is no form: " + page);
        }
        Map<String, String> data = new LinkedHashMap<>();
        for (Connection.KeyVal field : element.formData()) {
            data.put(field.key(), field.value());
        }
        data.putAll(fields);
        String body = data.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
        URI target = at.resolve(element.attr("action"));
        return element.attr("method").equalsIgnoreCase("post")
                ? go("POST", target, body)
                : go("GET", target.resolve(target.getRawPath() + "?" + body), "");
    }

    /** Goes on at the next node, as if a balancer led there. */
    public Visit elsewhere() {
        nodes.elsewhere();
        return this;
    }

    /** The text of what a selector finds first on the page. */
    public String text(String selector) {
        return one(selector).text();
    }

    /** The page that is open. */
    public Document page() {
        return page;
    }

    private Element one(String selector) {
        Element found = page.selectFirst(selector);
        if (found == null) {
            throw new AssertionError("No " + selector + " on " + at + ": " + page);
        }
        return found;
    }

    private Visit go(String firstMethod, URI target, String firstBody) {
        String method = firstMethod;
        String body = firstBody;
        at = target;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            Answer answer = send(method, body);
            List<String> location = answer.all("location");
            if (answer.status() < 300 || answer.status() >= 400 || location.isEmpty()) {
                if (answer.status() != 200) {
                    throw new AssertionError("Answer " + nodes.answers() + ", of " + at + ", is " + answer.status()
                            + ": " + answer.body());
                }
                page = Jsoup.parse(answer.body(), at.toString());
                return this;
            }
            at = at.resolve(location.get(0));
            method = "GET";
            body = "";
        }
        throw new AssertionError("More than " + MAX_REDIRECTS + " redirects, the last one to " + at);
    }

    private Answer send(String method, String body) {
        ContainerProcess node = nodes.next();
        String query = at.getRawQuery() == null ? "" : "?" + at.getRawQuery();
        Browser.Request request =
                browser.request(node, method, at.getRawPath() + query).header("Accept", "text/html");
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        Answer answer = (body.isEmpty() ? request : request.form(body)).send();
        nodes.answered();
        return answer;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
