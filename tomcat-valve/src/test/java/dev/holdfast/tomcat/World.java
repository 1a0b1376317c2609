package dev.holdfast.tomcat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.RawExchange;
import dev.holdfast.tomcat.tell.Events;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.session.ManagerBase;

/** One or two Tomcats with the same applications, on whichever manager; runs scripts and writes down what browsers and listeners saw. */
final class World implements AutoCloseable {
    /** The date is the request's, plus the life time that stands beside it. */
    private static final Pattern EXPIRES = Pattern.compile("Expires=\\w+, \\d+ \\w+ 2\\d+ [\\d:]+ GMT");

    private final String name;
    private final List<EmbeddedTomcat> nodes = new ArrayList<>();
    private final List<Map<String, Context>> contexts = new ArrayList<>();

    /**
     * @param name of the list of its events
     * @param parameters of each node's applications
     * @param setUp what is done with each application before it starts
     */
    World(String name, List<Map<String, String>> parameters, Consumer<Context> setUp) {
        this.name = name;
        for (Map<String, String> node : parameters) {
            EmbeddedTomcat tomcat = new EmbeddedTomcat();
            nodes.add(tomcat);
            Map<String, Context> applications = TellingApplication.deploy(tomcat, name, node);
            applications.values().forEach(setUp);
            contexts.add(applications);
            try {
                tomcat.tomcat().getEngine().setBackgroundProcessorDelay(-1); // idle sessions end when a script says so
                tomcat.start();
            } catch (LifecycleException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    Context context(int node, String path) {
        return contexts.get(node).get(path);
    }

    /** Begins a script, with browsers of its own. */
    Run begin(Script script) {
        Events.drain(name + script.context());
        return new Run(script);
    }

    @Override
    public void close() {
        nodes.forEach(EmbeddedTomcat::close);
    }

    /** A script on its way, with its browsers. */
    final class Run {
        private final Script script;
        private final Map<String, Map<String, String>> jars = new TreeMap<>();
        private final SeenNames names = new SeenNames();
        private int requests;

        private Run(Script script) {
            this.script = script;
        }

        private Map<String, String> jar(String who) {
            return jars.computeIfAbsent(who, w -> new TreeMap<>());
        }

        private EmbeddedTomcat node() {
            return nodes.get(script.sticky() ? 0 : requests % nodes.size());
        }

        /** What browser, listeners and container's log say to one step. */
        String step(Script.Step step) {
            String logger = "org.apache.catalina.core.ContainerBase.[Tomcat].[localhost].[" + script.context() + "]";
            try (LogCapture log = new LogCapture(logger)) {
                StringBuilder text = new StringBuilder(act(step));
                add(text, "event", Events.drain(name + script.context()));
                add(text, "log", log.lines());
                add(text, "log thrown", log.thrown());
                return names.of(text.toString());
            }
        }

        private static void add(StringBuilder text, String kind, List<String> lines) {
            lines.forEach(line ->
                    text.append("  ").append(kind).append(' ').append(line).append('\n'));
        }

        private String act(Script.Step step) {
            if (step.isRequest()) {
                return request(step);
            }
            String[] words = step.command().split(" ", 3);
            switch (words[0]) {
                case "expire" -> everywhere(context -> ((ManagerBase) context.getManager()).processExpires());
                case "reload" -> everywhere(Context::reload);
                case "forget" -> jar(words[1]).clear();
                case "cookie" -> {
                    String[] pair = names.resolve(words[2]).split("=", 2);
                    jar(words[1]).put(pair[0], pair[1]);
                }
                default -> throw new IllegalArgumentException("No such command: " + step.line());
            }
            return "";
        }

        private void everywhere(Consumer<Context> action) {
            contexts.forEach(node -> action.accept(node.get(script.context())));
        }

        private String request(Script.Step step) {
            names.nextRequest();
            Map<String, String> jar = jar(step.who());
            String query = step.acts().stream()
                    .map(act -> "act=" + URLEncoder.encode(names.resolve(act), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&"));
            StringBuilder head = new StringBuilder(step.method() + " " + script.context() + names.resolve(step.path())
                    + (query.isEmpty() ? "" : "?" + query) + " HTTP/1.1\r\nHost: localhost\r\n");
            if (step.headers().stream().noneMatch(header -> header.startsWith("Connection:"))) {
                head.append("Connection: close\r\n");
            }
            step.headers().forEach(header -> head.append(names.resolve(header)).append("\r\n"));
            if (!jar.isEmpty()) {
                head.append("Cookie: ").append(cookies(jar)).append("\r\n");
            }
            if (step.method().equals("POST")) {
                head.append("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ")
                        .append(step.body().length())
                        .append("\r\n");
            }
            URI uri = node().uri("/");
            requests++;
            try {
                Answer answer = RawExchange.run(
                        new InetSocketAddress(uri.getHost(), uri.getPort()),
                        head.toString(),
                        step.body(),
                        () -> {},
                        () -> {});
                return seen(answer, jar, head.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(step.line(), e);
            }
        }

        private String cookies(Map<String, String> jar) {
            return jar.entrySet().stream()
                    .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                    .collect(Collectors.joining("; "));
        }
    }

    /** The answer as it is compared, and its cookies in the jar. */
    private static String seen(Answer answer, Map<String, String> jar, String request) {
        List<String> headers = new ArrayList<>();
        for (Map.Entry<String, String> header : answer.headers()) {
            String value = header.getValue();
            switch (header.getKey()) {
                case "date", "connection", "keep-alive" -> {}
                case "set-cookie" -> {
                    String pair = value.split(";", 2)[0];
                    String cookie = pair.substring(0, pair.indexOf('='));
                    String content = pair.substring(pair.indexOf('=') + 1);
                    if (!content.isEmpty() && request.contains(pair)) {
                        headers.add("set-cookie as the request had it: " + value);
                        continue;
                    }
                    headers.add("set-cookie: " + EXPIRES.matcher(value).replaceAll("Expires=in time"));
                    if (Browser.isExpired(value)) {
                        jar.remove(cookie);
                    } else {
                        jar.put(cookie, content);
                    }
                }
                case "content-length" ->
                    headers.add("content-length: "
                            + (value.equals(String.valueOf(answer.body().getBytes(StandardCharsets.UTF_8).length))
                                    ? "of the body"
                                    : value));
                default -> headers.add(header.getKey() + ": " + value);
            }
        }
        headers.sort(String::compareTo);
        return answer.status() + (answer.complete() ? "" : " torn") + "\n"
                + headers.stream().map(line -> "  " + line + "\n").collect(Collectors.joining())
                + answer.body().lines().map(line -> "  | " + line + "\n").collect(Collectors.joining());
    }
}
