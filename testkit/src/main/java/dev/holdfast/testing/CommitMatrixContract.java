package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.CommitWays.Death;
import dev.holdfast.testing.CommitWays.Way;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever way an answer is committed, its change is in Redis before its first byte leaves: the node is killed, or cut
 * off from Redis, the moment that the client has read the byte, and the change is read on a node of another kind. The
 * same for all containers.
 *
 * <p>To start a node again takes longer than all else, so only one of a container's kinds is killed, and for the ways
 * that differ most; with {@code -Dcommits.whole=true} all are killed for each way.
 */
public abstract class CommitMatrixContract {
    private static final boolean ALL_ARE_KILLED = Boolean.getBoolean("commits.whole");

    private static final String LOGIN = "j_username=ada&j_password=engine";
    /** Ways that differ most in what commits the answer. */
    private static final Set<String> DIFFERENT = Set.of(
            "small body", "flushBuffer", "redirect", "reset, then a body", "sendError, own page", "async, complete");

    private static final Set<String> DONE = new LinkedHashSet<>();
    private static int values;

    private final Browser browser = new Browser();
    private Victim victim;

    /** Nodes whose work will end in the middle of a request, as {@link #startVictims} has started them. */
    protected abstract Victims victims();

    /**
     * Nodes of one kind.
     *
     * @param oneIsKilled whether this is the container's kind that is killed, and not only cut off
     */
    protected static Victims startVictims(
            boolean oneIsKilled, RedisProcess redis, BiFunction<String, URI, ContainerProcess> prepare) {
        if (ALL_ARE_KILLED) {
            return Victims.killed(redis, prepare);
        }
        return oneIsKilled ? Victims.killedOrCutOff(redis, prepare) : Victims.cutOff(redis, prepare);
    }

    /** The node that goes on. */
    protected abstract HttpNode reader();

    /** How the killed container shows its login page: 200 itself, or by sending the browser there. */
    protected abstract int loginPageStatus();

    /**
     * As what the reading container lets the POST go on that a login has interrupted, when the browser comes with a
     * GET.
     */
    protected abstract String resumedMethod();

    /** What was done since the last call. */
    protected static String done() {
        String text = DONE.size() + " (" + String.join(" · ", DONE) + ")";
        DONE.clear();
        return text;
    }

    static List<Way> ways() {
        return CommitWays.ALL;
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.CommitMatrixContract#ways")
    void changeIsReadOnAnotherNode(Way way) {
        String before = nextValue();
        String value = nextValue();

        killIn(
                DIFFERENT.contains(way.title()),
                way.title(),
                way.death(),
                node -> {
                    browser.request(node, "GET", "/ways/ways/small")
                            .header("X-Value", before)
                            .send();
                    return way.request(browser, node, value);
                },
                way.status());

        assertThat(read())
                .isEqualTo("set=" + value + " list=[" + before + ", " + value + "] basket=" + value + " late="
                        + (way.late() ? value : null) + " user=null");
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.CommitMatrixContract#waysToBegin")
    void newSessionIsFoundOnAnotherNode(Way way) {
        String value = nextValue();

        killIn("new session, " + way.title(), way.death(), node -> way.request(browser, node, value), way.status());

        assertThat(read()).startsWith("set=" + value + " list=[" + value + "] basket=" + value);
    }

    static Stream<Way> waysToBegin() {
        return CommitWays.ALL.stream().filter(way -> DIFFERENT.contains(way.title()));
    }

    @Test
    void newIdIsTheOnlyOneThatIsFound() {
        String value = nextValue();
        killIn(
                "change of the id",
                Death.AT_FIRST_BYTE,
                node -> {
                    browser.request(node, "GET", "/ways/ways/small")
                            .header("X-Value", nextValue())
                            .send();
                    return browser.request(node, "GET", "/ways/ways/change-id").header("X-Value", value);
                },
                200);

        assertThat(read()).startsWith("set=" + value);
    }

    @Test
    void endedSessionStaysEnded() {
        killIn(
                "end of the session",
                Death.AT_FIRST_BYTE,
                node -> {
                    browser.request(node, "GET", "/ways/ways/small")
                            .header("X-Value", nextValue())
                            .send();
                    Browser.Request request = browser.request(node, "GET", "/ways/ways/invalidate");
                    return request;
                },
                200);

        assertThat(read()).isEqualTo("no session");
    }

    @Test
    void userOfAProgrammaticLoginIsKnown() {
        String value = nextValue();

        killIn(
                "programmatic login",
                Death.AT_FIRST_BYTE,
                node -> {
                    browser.request(node, "GET", "/ways/ways/small")
                            .header("X-Value", nextValue())
                            .send();
                    return browser.request(node, "GET", "/ways/ways/login").header("X-Value", value);
                },
                200);

        assertThat(read()).startsWith("set=" + value).endsWith(" user=ada");
    }

    @Test
    void loginPageRemembersOnAnotherNodeWhatWasAskedFor() {
        killIn("FORM login, its page", Death.AT_LAST_BYTE, this::askForPrivatePage, loginPageStatus());

        Answer login = logIn(reader()).send();

        assertThat(login.status()).isIn(302, 303);
        Answer page = browser.get(reader(), "/ways/ways/private");
        assertThat(page.body()).isEqualTo(resumedMethod() + " by ada with tea");
    }

    @Test
    void loginIsKnownOnAnotherNode() {
        killIn(
                "FORM login, j_security_check",
                Death.AT_LAST_BYTE,
                node -> {
                    askForPrivatePage(node).send();
                    return logIn(node);
                },
                303);

        Answer page = browser.request(reader(), "GET", "/ways/ways/private")
                .header("X-Value", nextValue())
                .send();

        assertThat(page.body()).isEqualTo(resumedMethod() + " by ada with tea");
        assertThat(read()).endsWith(" user=ada");
    }

    private Browser.Request askForPrivatePage(HttpNode node) {
        return browser.request(node, "POST", "/ways/ways/private")
                .header("X-Value", nextValue())
                .form("item=tea");
    }

    private Browser.Request logIn(HttpNode node) {
        return browser.request(node, "POST", "/ways/ways/j_security_check").form(LOGIN);
    }

    /**
     * Sends a request to a node whose work ends in the moment that the way asks for, and has ended when this returns.
     */
    private void killIn(String title, Death death, Function<HttpNode, Browser.Request> requests, int status) {
        killIn(true, title, death, requests, status);
    }

    private void killIn(
            boolean differs, String title, Death death, Function<HttpNode, Browser.Request> requests, int status) {
        victim = victims().next(differs);
        Browser.Request request = requests.apply(victim.node());
        if (death == Death.AT_FIRST_BYTE) {
            request.atFirstByte(victim::endNow);
        } else {
            request.atLastByte(victim::endNow);
        }
        Answer answer = request.send();
        victim.awaitEnd();
        assertThat(answer.status()).as("status of " + title).isEqualTo(status);
        DONE.add(title);
    }

    @AfterEach
    void revive() {
        if (victim != null) {
            victim.revive();
        }
    }

    private String read() {
        return browser.get(reader(), "/ways/ways/read").body();
    }

    private static synchronized String nextValue() {
        values++;
        return LogScan.SECRET + String.format(Locale.ROOT, "%03d", values);
    }
}
