package dev.holdfast.examples.failover;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * What the page's buttons talk to: {@code GET /status}, {@code POST /kill?node=n1}, {@code POST /start?node=n1}.
 *
 * <p>It listens on loopback only, takes requests only with this run's random token, only from the page's origin and
 * only under its own name (a foreign name that resolves to 127.0.0.1 is refused), and can kill nothing but the nodes
 * that this run has started. The token reaches the page in the fragment of the printed address, which no browser sends
 * to any server.
 */
final class ControlServer implements AutoCloseable {

    private static final int TOKEN_BYTES = 16;
    private static final long POLL_MILLIS = 400;

    private final Stage stage;
    private final String token;
    private final HttpServer server;
    private final ExecutorService requests = Executors.newFixedThreadPool(4, task -> daemon(task, "control"));
    private final ScheduledExecutorService poller =
            Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "node-poller"));
    private final LastAnswered sessions = new LastAnswered();
    private final Probe probe = new Probe();

    private ControlServer(Stage stage, String token, HttpServer server) {
        this.stage = stage;
        this.token = token;
        this.server = server;
    }

    static ControlServer start(Stage stage) throws IOException {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ControlServer control = new ControlServer(stage, HexFormat.of().formatHex(random), http);
        http.createContext("/", control::handle);
        http.setExecutor(control.requests);
        http.start();
        Future<?> unused = control.poller.scheduleWithFixedDelay(control::poll, 0, POLL_MILLIS, TimeUnit.MILLISECONDS);
        return control;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** The address for the browser. */
    URI page() {
        return URI.create(stage.shop() + "#control=" + server.getAddress().getPort() + "&token=" + token);
    }

    private void poll() {
        for (Node node : stage.nodes()) {
            if (node.state() == Node.State.ALIVE) {
                sessions.told(node.name(), probe.ask(node.port()));
            }
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Reply reply = isForeign(exchange)
                    ? new Reply(403, error("Only the page of this run may ask."))
                    : answer(exchange);
            byte[] body = reply.json().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    /** Only the page may ask, and only under the address that was printed. */
    private boolean isForeign(HttpExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst("Host");
        String origin = exchange.getRequestHeaders().getFirst("Origin");
        return !("127.0.0.1:" + server.getAddress().getPort()).equals(host)
                || (origin != null && !origin.equals(pageOrigin()));
    }

    private String pageOrigin() {
        return "http://" + stage.shop().getAuthority();
    }

    private Reply answer(HttpExchange exchange) {
        exchange.getResponseHeaders().set("Access-Control-Allow-Origin", pageOrigin());
        exchange.getResponseHeaders().set("Vary", "Origin");
        if (exchange.getRequestMethod().equals("OPTIONS")) {
            exchange.getResponseHeaders().set("Access-Control-Allow-Methods", "GET, POST");
            exchange.getResponseHeaders().set("Access-Control-Allow-Headers", "Authorization");
            return new Reply(204, "");
        }
        if (!hasToken(exchange)) {
            return new Reply(401, error("The token of this run is missing. Open the address that run has printed."));
        }
        String call =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        return switch (call) {
            case "GET /status" -> new Reply(200, status());
            case "POST /kill" -> onNode(exchange, this::kill);
            case "POST /start" -> onNode(exchange, this::start);
            default -> new Reply(404, error("There is no " + call + "."));
        };
    }

    private boolean hasToken(HttpExchange exchange) {
        String given = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                .orElse("");
        return MessageDigest.isEqual(
                given.getBytes(StandardCharsets.UTF_8), ("Bearer " + token).getBytes(StandardCharsets.UTF_8));
    }

    private Reply onNode(HttpExchange exchange, java.util.function.Function<Node, Reply> action) {
        String query =
                Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
        return stage.nodes().stream()
                .filter(node -> query.equals("node=" + node.name()))
                .findFirst()
                .map(action)
                .orElseGet(() -> new Reply(
                        404,
                        error("node must be one of "
                                + stage.nodes().stream().map(Node::name).collect(Collectors.joining(", ")) + ".")));
    }

    private Reply kill(Node node) {
        sessions.told(node.name(), probe.ask(node.port()));
        node.kill();
        return new Reply(200, status());
    }

    private Reply start(Node node) {
        try {
            node.start();
        } catch (CannotRunException e) {
            return new Reply(500, error(e.getMessage()));
        }
        requests.execute(() -> awaitReady(node));
        return new Reply(200, status());
    }

    private static void awaitReady(Node node) {
        try {
            node.awaitReady();
        } catch (CannotRunException e) {
            if (node.state() != Node.State.DEAD) {
                System.err.println(e.getMessage());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String status() {
        List<String> nodes = stage.nodes().stream().map(this::node).toList();
        String parts =
                stage.parts().stream().map(part -> "\"" + part + "\"").collect(Collectors.joining(",", "[", "]"));
        return "{\"manager\":\"" + stage.manager() + "\",\"parts\":" + parts + ",\"nodes\":[" + String.join(",", nodes)
                + "]}";
    }

    private String node(Node node) {
        return "{\"name\":\"" + node.name() + "\",\"server\":\"" + node.server() + "\",\"port\":" + node.port()
                + ",\"pid\":" + node.pid() + ",\"state\":\"" + node.state() + "\",\"sessions\":"
                + sessions.count(node.name()) + "}";
    }

    /** Texts of ours only: none holds a quote. */
    private static String error(String text) {
        return "{\"error\":\"" + text.replace('"', '\'') + "\"}";
    }

    @Override
    public void close() {
        server.stop(0);
        requests.shutdownNow();
        poller.shutdownNow();
    }

    /** What is sent back. */
    private record Reply(int status, String json) {}
}
