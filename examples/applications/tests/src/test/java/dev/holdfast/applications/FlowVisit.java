package dev.holdfast.applications;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.VisitedNodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Somebody who uses an application of Vaadin Flow on two nodes: what its scripts do in a browser, as far as it takes to
 * open a page, to fill in fields, to click, and to read what is there. After some of the answers the node that gave it
 * is killed and started again, and the next request goes to the other one.
 */
final class FlowVisit {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Vaadin Flow keeps what it says of the browser. */
    private static final String CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
            + " Chrome/142.0.0.0 Safari/537.36";

    /** The whole page, in the messages of Vaadin Flow. */
    private static final int ROOT = 1;

    /** What there is of an element, by the numbers that Vaadin Flow gives it. */
    private static final int PROPERTIES = 1;

    private static final int CHILDREN = 2;
    private static final int ATTRIBUTES = 3;
    private static final int TEXT = 7;

    private final Browser browser = new Browser();
    private final VisitedNodes nodes;
    private final String base;
    private final Map<Integer, Map<String, JsonNode>> values = new HashMap<>();
    private final Map<Integer, List<Integer>> children = new HashMap<>();
    private ArrayNode begun = JSON.createArrayNode();
    private String ui = "";
    private String key = "";
    private int heard;
    private int said;

    /** @param kills after which of the answers, counted from 1, the node that gave it is killed */
    FlowVisit(List<? extends ContainerProcess> nodes, String base, IntPredicate kills) {
        this.nodes = new VisitedNodes(nodes, kills);
        this.base = base;
    }

    /** Opens the application: its page, its first message, and the view of this address. */
    FlowVisit open(String route) throws JsonProcessingException {
        Answer ignored = send("GET", base + "/" + route, "");
        values.clear();
        children.clear();
        said = 0;
        JsonNode first = JSON.readTree(send("GET", base + "/?v-r=init&location=" + route + "&query=", "")
                        .body())
                .get("appConfig");
        ui = first.get("v-uiId").asText();
        key = first.get("uidl").get("Vaadin-Security-Key").asText();
        take(first.get("uidl"));
        event(ROOT, "ui-navigate")
                .with("route", route)
                .with("query", "")
                .with("appShellTitle", "")
                .with("trigger", "");
        return flush();
    }

    /** Fills in a field; the server hears of it with the next click. */
    FlowVisit enter(String id, String text) {
        begun.addObject()
                .put("type", "mSync")
                .put("node", find(id))
                .put("feature", PROPERTIES)
                .put("property", "value")
                .put("value", text);
        return this;
    }

    /** Clicks on what has this id. */
    FlowVisit click(String id) throws JsonProcessingException {
        event(find(id), "click").with("event.detail", "1");
        return flush();
    }

    /** Asks what is new, as a page that polls does. */
    FlowVisit poll() throws JsonProcessingException {
        return flush();
    }

    /** Goes on at the next node, as if a balancer led there. */
    FlowVisit elsewhere() {
        nodes.elsewhere();
        return this;
    }

    /** The text of what has this id. */
    String text(String id) {
        StringBuilder text = new StringBuilder();
        addText(find(id), text);
        return text.toString();
    }

    /** How many answers there were so far. */
    int answers() {
        return nodes.answers();
    }

    /** What an event carries. */
    private record Event(ObjectNode data) {
        Event with(String name, String value) {
            data.put(name, value);
            return this;
        }
    }

    private Event event(int node, String name) {
        ObjectNode event =
                begun.addObject().put("type", "event").put("node", node).put("event", name);
        return new Event(event.putObject("data"));
    }

    private FlowVisit flush() throws JsonProcessingException {
        ObjectNode message = JSON.createObjectNode();
        message.put("csrfToken", key).put("syncId", heard).put("clientId", said);
        message.set("rpc", begun);
        begun = JSON.createArrayNode();
        String answer = send("POST", base + "/?v-r=uidl&v-uiId=" + ui, JSON.writeValueAsString(message))
                .body();
        said++;
        if (!answer.startsWith("for(;;);[")) {
            throw new AssertionError("Answer " + nodes.answers() + " is no message: " + answer);
        }
        take(JSON.readTree(answer.substring("for(;;);[".length(), answer.length() - 1)));
        return this;
    }

    private Answer send(String method, String path, String body) {
        ContainerProcess node = nodes.next();
        Browser.Request request = browser.request(node, method, path)
                .header("Accept", "text/html")
                .header("User-Agent", CHROME);
        Answer answer =
                (body.isEmpty() ? request : request.form(body).header("Content-Type", "application/json")).send();
        if (answer.status() != 200) {
            throw new AssertionError("Answer " + nodes.answers() + ", of " + path + ", is " + answer.status() + ": "
                    + answer.body() + "\n" + node.log());
        }
        nodes.answered();
        return answer;
    }

    private void take(JsonNode message) {
        if (message.path("meta").has("appError") || message.path("meta").has("sessionExpired")) {
            throw new AssertionError(
                    "Answer " + nodes.answers() + " tells of a failure: " + message.get("meta") + "\n" + nodes.log());
        }
        heard = message.path("syncId").asInt(heard);
        for (JsonNode change : message.path("changes")) {
            take(change.get("node").asInt(), change);
        }
    }

    private void take(int node, JsonNode change) {
        String feature = change.path("feat").asText();
        switch (change.get("type").asText()) {
            case "put" -> of(node).put(feature + "." + change.get("key").asText(), change.path("value"));
            case "remove" -> of(node).remove(feature + "." + change.get("key").asText());
            case "detach" -> {
                values.remove(node);
                children.remove(node);
            }
            case "splice" -> {
                if (feature.equals(String.valueOf(CHILDREN))) {
                    splice(children.computeIfAbsent(node, none -> new ArrayList<>()), change);
                }
            }
            case "clear" -> {
                if (feature.equals(String.valueOf(CHILDREN))) {
                    children.remove(node);
                }
            }
            default -> {
                // attach, and what nothing here reads
            }
        }
    }

    private static void splice(List<Integer> list, JsonNode change) {
        int index = change.get("index").asInt();
        for (int i = change.path("remove").asInt(); i > 0; i--) {
            list.remove(index);
        }
        for (JsonNode added : change.path("addNodes")) {
            list.add(index++, added.asInt());
        }
    }

    private Map<String, JsonNode> of(int node) {
        return values.computeIfAbsent(node, none -> new HashMap<>());
    }

    private int find(String id) {
        for (Map.Entry<Integer, Map<String, JsonNode>> node : values.entrySet()) {
            JsonNode found = node.getValue().get(ATTRIBUTES + ".id");
            if (found != null && found.asText().equals(id)) {
                return node.getKey();
            }
        }
        throw new AssertionError("After answer " + nodes.answers() + " nothing has the id " + id + ": " + values);
    }

    private void addText(int node, StringBuilder text) {
        JsonNode own = of(node).get(TEXT + ".text");
        if (own != null) {
            text.append(own.asText());
        }
        for (int child : children.getOrDefault(node, List.of())) {
            addText(child, text);
        }
    }
}
