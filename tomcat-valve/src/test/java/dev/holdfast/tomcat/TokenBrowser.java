package dev.holdfast.tomcat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.LogScan;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A browser that adds tokens of its own to the list in its session, and knows which of them were acknowledged: what a
 * node or Redis does not have of these is lost. For one thread at a time.
 */
final class TokenBrowser {
    private static final AtomicInteger BROWSERS = new AtomicInteger();
    private static final Pattern TOKEN = Pattern.compile(LogScan.SECRET + "\\d+-\\d+(?!\\d)");

    private final String life = Integer.toString(BROWSERS.incrementAndGet());
    private final Browser browser = new Browser();
    private final String application;
    private final Set<String> acknowledged = new HashSet<>();
    private int sent;
    private int lost;
    private boolean gone;

    TokenBrowser(String application) {
        this.application = application;
    }

    /** What an answer told; null if the request was refused, or not answered. */
    private @Nullable Answer send(ContainerProcess node, String action, String name, String token) {
        Answer answer;
        try {
            answer = browser.request(node, action.equals("READ") ? "GET" : "POST", "/" + application + "/history")
                    .header("X-Call", String.join(" ", action, life, name, token, "0", "early"))
                    .send();
        } catch (UncheckedIOException notThere) {
            return null;
        }
        if (!answer.complete() || answer.status() == 503) {
            return null;
        }
        if (answer.status() != 200) {
            throw new IllegalStateException(node.name() + " answers " + action + " with " + answer.status());
        }
        return answer;
    }

    /** Begins a session; true if that is acknowledged. */
    synchronized boolean begin(ContainerProcess node) {
        browser.cookies().clear();
        return send(node, "START", "", life) != null;
    }

    /** Adds a token; true if that is acknowledged. What the answer shows to be missing is lost. */
    synchronized boolean add(ContainerProcess node) {
        // The last character of a text is not stored as it is.
        String token = LogScan.SECRET + life + "-" + ++sent;
        Answer answer = send(node, "ADD", "list", token + ".");
        if (answer == null) {
            return false;
        }
        take(answer);
        if (!gone) {
            acknowledged.add(token);
        }
        return !gone;
    }

    /** Reads; false if there was no answer. What the answer shows to be missing is lost. */
    synchronized boolean read(ContainerProcess node) {
        Answer answer = send(node, "READ", "", "");
        if (answer != null) {
            take(answer);
        }
        return answer != null;
    }

    private void take(Answer answer) {
        Set<String> missing = missing(answer.body());
        lost += missing.size();
        acknowledged.removeAll(missing);
        gone |= isNone(answer);
    }

    private static boolean isNone(Answer answer) {
        return answer.body().endsWith("none\n");
    }

    /**
     * How much of what was acknowledged a node does not show now, which need not be lost yet; null without an answer.
     */
    synchronized @Nullable Integer notShown(ContainerProcess node) {
        Answer answer = send(node, "READ", "", "");
        return answer == null ? null : missing(answer.body()).size();
    }

    /** Logs out; true if that is acknowledged. The cookies stay, as in a copy that somebody has. */
    synchronized boolean end(ContainerProcess node) {
        return sendAsCopy(node, "LOG_OUT") != null;
    }

    /** Whether a node says that the session is alive; null without an answer. */
    synchronized @Nullable Boolean isAlive(ContainerProcess node) {
        Answer answer = sendAsCopy(node, "READ");
        return answer == null ? null : !isNone(answer);
    }

    private @Nullable Answer sendAsCopy(ContainerProcess node, String action) {
        Map<String, String> cookies = Map.copyOf(browser.cookies());
        Answer answer = send(node, action, "", "");
        browser.cookies().putAll(cookies);
        return answer;
    }

    /** What is not in a text of any kind, of all that was acknowledged. */
    synchronized Set<String> missing(String text) {
        Set<String> missing = new TreeSet<>(acknowledged);
        Matcher matcher = TOKEN.matcher(text);
        while (matcher.find()) {
            missing.remove(matcher.group());
        }
        return missing;
    }

    synchronized String id() {
        return browser.sessionId();
    }

    /** How many are acknowledged and not lost. */
    synchronized int kept() {
        return acknowledged.size();
    }

    /** How many were acknowledged, and missing in a later answer. */
    synchronized int lost() {
        return lost;
    }

    /** Whether the session was not there any more. */
    synchronized boolean isGone() {
        return gone;
    }
}
