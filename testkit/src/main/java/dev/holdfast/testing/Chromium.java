package dev.holdfast.testing;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** A headless Chromium with one page, driven over the DevTools protocol. */
public final class Chromium implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on ws://([^/\\s]+)/");
    private static final Pattern PAGE = Pattern.compile("\"webSocketDebuggerUrl\": *\"([^\"]+)\"");
    private static final Pattern CALL_ID = Pattern.compile("^\\{\"id\":(\\d+),");
    private static final Pattern VALUE = Pattern.compile("\"value\":(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|([^}\"]+))");
    private static final Pattern DATA = Pattern.compile("\"data\":\"([^\"]+)\"");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final Process process;
    private final WebSocket socket;

    private Chromium(Process process, String address) throws IOException, InterruptedException {
        this.process = process;
        HttpRequest newPage = HttpRequest.newBuilder(URI.create("http://" + address + "/json/new?about:blank"))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        String page = http.send(newPage, HttpResponse.BodyHandlers.ofString()).body();
        socket = http.newWebSocketBuilder()
                .buildAsync(URI.create(first(PAGE, page)), new Answers())
                .join();
    }

    /**
     * Starts the browser with an empty profile.
     *
     * @param program as {@link RealParts#require} finds it
     * @param folder an existing one, for the profile and what the browser says
     */
    public static Chromium start(Path program, Path folder) throws IOException, InterruptedException {
        Path log = folder.resolve("chromium.log");
        List<String> command = new ArrayList<>(List.of(program.toString(), "--headless", "--no-sandbox"));
        command.addAll(List.of("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"));
        command.addAll(List.of("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"));
        command.addAll(List.of("--window-size=1280,1000", "--remote-debugging-port=0"));
        command.add("--user-data-dir=" + folder.resolve("profile"));
        command.add("about:blank");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            Awaitility.await("Chromium listens")
                    .atMost(START_LIMIT)
                    .until(() -> LISTENING.matcher(Files.readString(log)).find());
            return new Chromium(process, first(LISTENING, Files.readString(log)));
        } catch (IOException | RuntimeException e) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw e;
        }
    }

    /** Goes to an address, without waiting for what is there. */
    public void open(URI address) {
        call("Page.navigate", "\"url\":\"" + address + "\"");
    }

    /** The value of a JavaScript expression as text; {@code undefined} if it has none. */
    public String evaluate(String expression) {
        String answer = call(
                "Runtime.evaluate",
                "\"returnByValue\":true,\"awaitPromise\":true,\"expression\":\"" + escaped(expression) + "\"");
        if (answer.contains("\"exceptionDetails\"")) {
            throw new AssertionError(expression + " failed: " + answer);
        }
        Matcher value = VALUE.matcher(answer);
        if (!value.find()) {
            return "undefined";
        }
        return value.group(1) != null ? value.group(1) : value.group(2);
    }

    /** Clicks the element as a person would, but only if it is there, visible and enabled. */
    public void click(String selector) {
        once(selector, "e.click()");
    }

    /** Types into a field that is there, visible and enabled, in place of what is in it, and leaves it. */
    public void type(String selector, String text) {
        once(selector, "e.focus(), e.select()");
        call("Input.insertText", "\"text\":\"" + escaped(text) + "\"");
        evaluate("document.activeElement.blur()");
    }

    private void once(String selector, String act) {
        Awaitility.await(selector + " is there, visible and enabled")
                .atMost(CALL_LIMIT)
                .until(() -> evaluate("(e => e && !e.disabled && e.offsetParent !== null ? (" + act
                                + ", 'done') : 'no')(document.querySelector('" + selector + "'))")
                        .equals("done"));
    }

    /** The value of a cookie of the page, also of one that scripts cannot read; empty if there is none. */
    public String cookie(String name) {
        Matcher cookie = Pattern.compile("\"name\":\"" + name + "\",\"value\":\"([^\"]*)\"")
                .matcher(call("Network.getCookies", ""));
        return cookie.find() ? cookie.group(1) : "";
    }

    /** What a person reads there; empty if there is no such element. */
    public String text(String selector) {
        return evaluate("(e => e ? e.innerText : '')(document.querySelector('" + selector + "'))");
    }

    /** Writes a picture of the whole page. */
    public void screenshot(Path file) throws IOException {
        String answer = call("Page.captureScreenshot", "\"format\":\"png\",\"captureBeyondViewport\":true");
        Files.write(file, Base64.getDecoder().decode(first(DATA, answer)));
    }

    private String call(String method, String parameters) {
        int id = calls.incrementAndGet();
        CompletableFuture<String> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":{" + parameters + "}}", true)
                .join();
        String text = answer.orTimeout(CALL_LIMIT.toSeconds(), TimeUnit.SECONDS).join();
        if (text.contains("\"error\":{")) {
            throw new AssertionError(method + " failed: " + text);
        }
        return text;
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("Found no " + pattern + " in: " + text);
        }
        return matcher.group(1);
    }

    @Override
    public void close() {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
        all.forEach(one -> one.onExit().join());
    }

    /** Puts the parts of each message together and gives it to the call that waits for it. */
    private final class Answers implements WebSocket.Listener {

        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                Matcher id = CALL_ID.matcher(message);
                if (id.find()) {
                    CompletableFuture<String> waiting = answers.remove(Integer.parseInt(id.group(1)));
                    if (waiting != null) {
                        waiting.complete(message.toString());
                    }
                }
                message.setLength(0);
            }
            webSocket.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }
}
