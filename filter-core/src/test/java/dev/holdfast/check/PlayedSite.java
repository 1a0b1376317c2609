package dev.holdfast.check;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A balancer and its nodes, all played by one server: they do what those of a good set-up do, but for what a test
 * overrides. The page of the application is {@code /shop/cart}.
 */
class PlayedSite implements AutoCloseable {
    static {
        // Else an answer over TLS waits until the client's system acknowledges the tickets before it: 40 ms each.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final String scheme;
    private final List<String> names;
    private final Map<String, String> holders = new HashMap<>();
    private int turn;

    PlayedSite(String... nodes) {
        this(null, nodes);
    }

    PlayedSite(@Nullable SSLContext tls, String... nodes) {
        names = List.of(nodes);
        scheme = tls == null ? "http" : "https";
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try {
            if (tls == null) {
                server = HttpServer.create(loopback, 0);
            } else {
                HttpsServer secure = HttpsServer.create(loopback, 0);
                secure.setHttpsConfigurator(new HttpsConfigurator(tls));
                server = secure;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    final String page() {
        return address("/shop/cart");
    }

    final String address(String path) {
        return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort() + path)
                .toString();
    }

    /** What a request is about, and what it is answered. */
    static final class Request {
        final String path;
        final Map<String, String> cookies;
        final List<String> set = new ArrayList<>();
        int status = 200;
        String location = "";

        Request(String path, Map<String, String> cookies) {
            this.path = path;
            this.cookies = cookies;
        }

        String cookie(String name) {
            return cookies.getOrDefault(name, "");
        }
    }

    // ---- the balancer

    /** Which node gets a request. */
    String choose(Request request) {
        String route = request.cookie("HFROUTE");
        return names.contains(route) ? route : next();
    }

    final String next() {
        return names.get(turn++ % names.size());
    }

    final List<String> names() {
        return names;
    }

    // ---- a node

    /** Answers the page, or leads to it. */
    void answer(String node, Request request) {
        String id = request.cookie("JSESSIONID");
        String holder = holderOf(node, id);
        if (holder == null) {
            id = SessionId.random().value();
            set(request, "JSESSIONID", id);
        }
        if (!node.equals(holder)) {
            holders.put(id, node);
            set(request, "HFEPOCH", epoch(node).text());
        }
        if (!request.cookie("HFROUTE").equals(node)) {
            set(request, "HFROUTE", node);
        }
    }

    /** Who has that session, as that node knows it; null if nobody has. */
    @Nullable
    String holderOf(String node, String id) {
        return holders.get(id);
    }

    Epoch epoch(String node) {
        return Epoch.fresh(Epoch.ownerOf(node, "incarnation of " + node));
    }

    final void set(Request request, String name, String value) {
        request.set.add(name + "=" + value + attributes(name));
    }

    String attributes(String name) {
        return "; Path=/shop; HttpOnly";
    }

    // ---- the server

    private void handle(HttpExchange exchange) throws IOException {
        Map<String, String> cookies = new HashMap<>();
        for (String header : exchange.getRequestHeaders().getOrDefault("Cookie", List.of())) {
            for (String pair : header.split("; ", -1)) {
                cookies.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
            }
        }
        Request request = new Request(exchange.getRequestURI().getPath(), cookies);
        answer(choose(request), request);
        request.set.forEach(cookie -> exchange.getResponseHeaders().add("Set-Cookie", cookie));
        if (!request.location.isEmpty()) {
            exchange.getResponseHeaders().add("Location", request.location);
            request.status = 302;
        }
        exchange.sendResponseHeaders(request.status, -1);
        exchange.close();
    }

    @Override
    public final void close() {
        server.stop(0);
    }
}
