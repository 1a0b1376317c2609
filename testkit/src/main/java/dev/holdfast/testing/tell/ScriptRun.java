package dev.holdfast.testing.tell;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RawExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A script on its way through a site, with browsers of its own; writes down what they and the listeners saw. */
public final class ScriptRun {
    /** The date is the request's, plus the life time that stands beside it. */
    private static final Pattern EXPIRES = Pattern.compile("Expires=\\w+, \\d+.\\w+.2\\d+ [\\d:]+ GMT");

    private final Site site;
    private final Script script;
    private final Map<String, Map<String, String>> jars = new TreeMap<>();
    private final SeenNames names = new SeenNames();
    private int requests;

    /** Begins a script. */
    public ScriptRun(Site site, Script script) {
        this.site = site;
        this.script = script;
        Events.drain(site.name() + script.context());
    }

    private Map<String, String> jar(String who) {
        return jars.computeIfAbsent(who, w -> new TreeMap<>());
    }

    private int node() {
        return script.sticky() ? 0 : requests % site.nodes().size();
    }

    /** What browser, listeners and container's log say to one step. */
    public String step(Script.Step step) {
        try (Site.Log log = site.listen(script.context())) {
            StringBuilder text = new StringBuilder(act(step));
            add(text, "event", Events.drain(site.name() + script.context()));
            add(text, "log", log.lines());
            add(text, "log thrown", log.thrown());
            return names.of(text.toString());
        }
    }

    private static void add(StringBuilder text, String kind, List<String> lines) {
        lines.forEach(
                line -> text.append("  ").append(kind).append(' ').append(line).append('\n'));
    }

    private String act(Script.Step step) {
        if (step.isRequest()) {
            return request(step);
        }
        String[] words = step.command().split(" ", 3);
        switch (words[0]) {
            case "expire" -> site.expire(script.context());
            case "reload" -> site.reload(script.context());
            case "forget" -> jar(words[1]).clear();
            case "cookie" -> {
                String[] pair = names.resolve(words[2]).split("=", 2);
                jar(words[1]).put(pair[0], pair[1]);
            }
            default -> throw new IllegalArgumentException("No such command: " + step.line());
        }
        return "";
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
        InetSocketAddress node = site.nodes().get(node());
        requests++;
        try {
            Answer answer = RawExchange.run(node, head.toString(), step.body(), () -> {}, () -> {});
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
