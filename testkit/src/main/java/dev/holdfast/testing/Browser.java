package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One user's browser: sends requests to the node that a test names, as a balancer would, and keeps the cookies of one
 * application.
 */
public final class Browser {
    /** The container's cookie. */
    public static final String SESSION_COOKIE = "JSESSIONID";

    /** The affinity cookie. */
    public static final String ROUTE_COOKIE = "HFROUTE";

    /** What {@link HttpClient} leaves to itself. */
    private static final Set<String> FORBIDDEN = Set.of("connection", "upgrade", "host", "content-length");

    static {
        // The window that HTTP/2 has by itself. Where the upgrade to it asks for a larger one, as the JDK's client
        // does, Tomcat sends no more than this of the answer, and breaks off after 20 seconds: without us, too.
        System.setProperty("jdk.httpclient.windowsize", "65535");
    }

    private final Map<String, String> cookies = new LinkedHashMap<>();
    private final boolean refusesCookies;

    /** One that takes cookies. */
    public Browser() {
        this(false);
    }

    private Browser(boolean refusesCookies) {
        this.refusesCookies = refusesCookies;
    }

    /** One whose user has switched cookies off. */
    public static Browser withoutCookies() {
        return new Browser(true);
    }

    /** A request that is being written. */
    public final class Request {
        private final HttpNode node;
        private final String method;
        private final String path;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private String body = "";
        private boolean http2;
        private Runnable firstByte = Browser::nothing;
        private Runnable lastByte = Browser::nothing;

        private Request(HttpNode node, String method, String path) {
            this.node = node;
            this.method = method;
            this.path = path;
        }

        /** Adds a header. */
        public Request header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        /** Sends fields of a form, already encoded. */
        public Request form(String fields) {
            body = fields;
            return header("Content-Type", "application/x-www-form-urlencoded");
        }

        /** Asks for HTTP/2 in clear text. */
        public Request http2() {
            http2 = true;
            return this;
        }

        /** Runs something the moment that the first byte of the answer was read; with HTTP/2, its head. */
        public Request atFirstByte(Runnable action) {
            firstByte = action;
            return this;
        }

        /** Runs something the moment that the last byte of the answer was read. */
        public Request atLastByte(Runnable action) {
            lastByte = action;
            return this;
        }

        /**
         * Sends it and keeps the cookies of the answer.
         *
         * @throws UncheckedIOException if there is no connection, or no answer within half a minute
         */
        public Answer send() {
            try {
                Answer answer = http2 ? sendHttp2() : sendHttp1();
                keep(answer);
                return answer;
            } catch (IOException e) {
                throw new UncheckedIOException(method + " " + path + " to " + node.name() + " failed: " + e, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted", e);
            }
        }

        private Answer sendHttp1() throws IOException {
            StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
            headers.forEach((name, value) ->
                    head.append(name).append(": ").append(value).append("\r\n"));
            if (!headers.containsKey("Connection")) {
                head.append("Connection: close\r\n");
            }
            if (!cookies.isEmpty()) {
                head.append("Cookie: ").append(cookieHeader()).append("\r\n");
            }
            if (!body.isEmpty()) {
                head.append("Content-Length: ").append(body.length()).append("\r\n");
            }
            return RawExchange.run(node.address(), head.toString(), body, firstByte, lastByte);
        }

        private Answer sendHttp2() throws IOException, InterruptedException {
            HttpRequest.Builder request = HttpRequest.newBuilder(node.uri(path))
                    .version(HttpClient.Version.HTTP_2)
                    .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
            headers.forEach((name, value) -> {
                if (!FORBIDDEN.contains(name.toLowerCase(Locale.ROOT))) {
                    request.header(name, value);
                }
            });
            if (!cookies.isEmpty()) {
                request.header("Cookie", cookieHeader());
            }
            HttpClient client =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
            List<HttpResponse.ResponseInfo> head = new ArrayList<>();
            try {
                HttpResponse<String> response = client.send(request.build(), info -> {
                    firstByte.run();
                    head.add(info);
                    return BodySubscribers.mapping(BodyHandlers.ofString().apply(info), text -> {
                        lastByte.run();
                        return text;
                    });
                });
                return answer(response, response.body(), true);
            } catch (IOException e) {
                if (head.isEmpty()) {
                    throw e;
                }
                return answer(head.get(0), "", false);
            }
        }

        private Answer answer(HttpResponse<String> response, String text, boolean complete) {
            return answer(
                    response.version(),
                    response.statusCode(),
                    response.headers().map(),
                    text,
                    complete);
        }

        private Answer answer(HttpResponse.ResponseInfo info, String text, boolean complete) {
            return answer(info.version(), info.statusCode(), info.headers().map(), text, complete);
        }

        private Answer answer(
                HttpClient.Version version,
                int status,
                Map<String, List<String>> received,
                String text,
                boolean complete) {
            if (version != HttpClient.Version.HTTP_2) {
                throw new IllegalStateException(node.name() + " answered with " + version);
            }
            List<Map.Entry<String, String>> all = new ArrayList<>();
            received.forEach((name, values) -> values.forEach(value -> all.add(Map.entry(name, value))));
            return new Answer(status, all, text, complete);
        }
    }

    /** Begins a request. */
    public Request request(HttpNode node, String method, String path) {
        return new Request(node, method, path);
    }

    /** Sends a plain GET. */
    public Answer get(HttpNode node, String path) {
        return request(node, "GET", path).send();
    }

    /** Begins a request to a node of this machine. */
    public Request request(URI address, String method) {
        String query = address.getRawQuery() == null ? "" : "?" + address.getRawQuery();
        return request(HttpNode.at(address.getAuthority(), address.getPort()), method, address.getRawPath() + query);
    }

    /**
     * Sends a plain GET to a node of this machine.
     *
     * @throws UncheckedIOException if there is no whole answer
     */
    public Answer get(URI address) {
        Answer answer = request(address, "GET").send();
        if (!answer.complete()) {
            throw new UncheckedIOException(new IOException("The answer of " + address + " ends in its middle"));
        }
        return answer;
    }

    private static void nothing() {
        // Nobody waits for this byte.
    }

    /** Keeps the cookies of an answer, which somebody else may have got. */
    public void keep(Answer answer) {
        if (refusesCookies) {
            return;
        }
        for (String header : answer.all("set-cookie")) {
            String[] parts = header.split(";", 2);
            int equals = parts[0].indexOf('=');
            String name = parts[0].substring(0, equals);
            String value = parts[0].substring(equals + 1);
            if (isExpired(header)) {
                cookies.remove(name);
            } else {
                cookies.put(name, value);
                if (name.equals(SESSION_COOKIE)) {
                    LogScan.sawSessionId(value.replaceFirst("\\..*", "")); // the route may be in a log
                }
            }
        }
    }

    /** Some containers say it by the age, some by the date, in one of two spellings, some by both. */
    public static boolean isExpired(String setCookie) {
        String text = setCookie.toLowerCase(Locale.ROOT).replace("01-jan-1970", "01 jan 1970");
        return text.contains("max-age=0") || text.contains("expires=thu, 01 jan 1970");
    }

    /** What it says of its cookies in a request; empty if it has none. */
    public String cookieHeader() {
        return cookies.entrySet().stream()
                .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                .collect(Collectors.joining("; "));
    }

    /** What the browser holds now; may be changed. */
    public Map<String, String> cookies() {
        return cookies;
    }

    /** The id of the session; empty if there is none. */
    public String sessionId() {
        return cookies.getOrDefault(SESSION_COOKIE, "");
    }
}
