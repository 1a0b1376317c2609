package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.MonitoredCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import redis.clients.jedis.Jedis;

/**
 * What a browser sees when its balancer sends it to the other one of two nodes, whatever containers they are: the same
 * for all of them. Both have a {@link CartServlet} at {@code /shop/cart}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
public abstract class FailoverContract {
    private final Browser browser = new Browser();

    protected abstract RedisProcess redis();

    protected abstract HttpNode n1();

    protected abstract HttpNode n2();

    private String ask(HttpNode node, String query) {
        return browser.get(node, "/shop/cart?do=" + query).body();
    }

    @Test
    void cartAndIdAreKeptWhenTheOtherNodeGoesOn() {
        assertThat(ask(n1(), "add&item=a")).isEqualTo("new items=[a]");
        String id = browser.sessionId();
        assertThat(browser.cookies()).containsEntry("HFROUTE", n1().name());
        assertThat(browser.cookies().get("HFEPOCH")).contains("." + n1().name() + "_");

        assertThat(ask(n1(), "add&item=b")).isEqualTo("old items=[a, b]");
        assertThat(ask(n2(), "add&item=c")).isEqualTo("old items=[a, b, c]");

        assertThat(browser.sessionId()).isEqualTo(id);
        assertThat(browser.cookies()).containsEntry("HFROUTE", n2().name());
        assertThat(browser.cookies().get("HFEPOCH")).contains("." + n2().name() + "_");
        assertThat(ask(n1(), "add&item=d")).isEqualTo("old items=[a, b, c, d]");
        assertThat(ask(n2(), "peek")).isEqualTo("old items=[a, b, c, d]");
    }

    @Test
    void stickyReadsSendNoCommandAndSetNoCookie() {
        ask(n1(), "add&item=a");

        // A node that has lost its trust in the log, for a busy machine or by the loss of data of another test, asks
        // and moves the mark until a question is answered again, within a second or two.
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(commandsAndCookiesOfFiftyReads())
                        .as("commands with the session's key, and cookies")
                        .isEmpty());
    }

    private List<String> commandsAndCookiesOfFiftyReads() {
        List<String> seen = new ArrayList<>();
        List<String> lines = redis().monitor(() -> {
            for (int i = 0; i < 50; i++) {
                Answer answer = browser.get(n1(), "/shop/cart?do=peek");
                assertThat(answer.body()).isEqualTo("old items=[a]");
                seen.addAll(answer.all("Set-Cookie"));
            }
        });
        MonitoredCommand.of(lines).stream()
                .filter(command -> command.isOf(browser.sessionId()) && command.isOfRequest())
                .map(MonitoredCommand::name)
                .forEach(seen::add);
        return seen;
    }

    private Answer take(HttpNode node, String cacheControl) {
        return browser.get(node, "/shop/cart?do=peek&control=" + cacheControl);
    }

    private static String cacheControl(Answer answer) {
        return String.join(", ", answer.all("Cache-Control"));
    }

    /** A cache would give the session to the next browser that asks for the page. */
    @Test
    void takeoverByAnAnswerThatSharedCachesMayKeepDoesNotRepeatTheSessionCookie() {
        ask(n1(), "add&item=a");

        Answer answer = take(n2(), "public,max-age=86400");

        assertThat(answer.body()).isEqualTo("old items=[a]");
        assertThat(answer.all("Set-Cookie")).noneMatch(cookie -> cookie.contains(browser.sessionId()));
        assertThat(answer.cookie("HFROUTE")).isEqualTo(n2().name());
        assertThat(answer.cookie("HFEPOCH")).isNotEmpty();
        assertThat(cacheControl(answer)).isEqualTo("public,max-age=86400, no-cache=\"Set-Cookie\"");
        // The next one confirms the mark, and needs no cookie.
        Answer next = await().atMost(Duration.ofSeconds(5))
                .until(
                        () -> take(n2(), "public,max-age=86400"),
                        each -> each.all("Set-Cookie").isEmpty());
        assertThat(cacheControl(next)).isEqualTo("public,max-age=86400");
    }

    @Test
    void takeoverByAnAnswerOfOneBrowserRepeatsTheSessionCookieForBalancersThatWaitForIt() {
        ask(n1(), "add&item=a");

        Answer answer = take(n2(), "private,max-age=60");

        assertThat(answer.all("Set-Cookie"))
                .anyMatch(cookie -> cookie.startsWith("JSESSIONID=" + browser.sessionId())
                        && cookie.contains("Path=/shop/.holdfast"));
        assertThat(cacheControl(answer)).isEqualTo("private,max-age=60");
    }

    /** It needs its cookie; that a page like this begins sessions is the application's choice. */
    @Test
    void newSessionOfAnAnswerThatSharedCachesMayKeepIsKeptByNone() {
        Answer answer = browser.get(n1(), "/shop/cart?do=new&control=s-maxage%3D60");

        assertThat(answer.cookie("JSESSIONID")).isNotEmpty();
        assertThat(cacheControl(answer)).isEqualTo("s-maxage=60, no-cache=\"Set-Cookie\"");
    }

    @Test
    void endedSessionsStayEndedOnBothNodes() {
        ask(n1(), "add&item=a");
        ask(n2(), "add&item=b");
        String id = browser.sessionId();

        assertThat(ask(n1(), "invalidate")).isEqualTo("ended");

        assertThat(browser.cookies()).doesNotContainKeys("HFROUTE", "HFEPOCH");
        browser.cookies().put("JSESSIONID", id);
        assertThat(ask(n1(), "peek")).isEqualTo("none");
        assertThat(ask(n2(), "peek")).isEqualTo("none");
        assertThat(ask(n2(), "add&item=x")).isEqualTo("new items=[x]");
        assertThat(browser.sessionId()).isNotEqualTo(id);
    }

    @Test
    void changedIdIsKnownEverywhereAndTheOldOneNowhere() {
        ask(n1(), "add&item=a");
        String old = browser.sessionId();

        assertThat(ask(n1(), "rotate")).isEqualTo("old items=[a]");

        String id = browser.sessionId();
        assertThat(id).isNotEqualTo(old).startsWith(old.substring(0, 2));
        assertThat(ask(n2(), "peek")).isEqualTo("old items=[a]");
        browser.cookies().put("JSESSIONID", old);
        assertThat(ask(n1(), "peek")).isEqualTo("none");
        assertThat(ask(n2(), "peek")).isEqualTo("none");
    }

    @Test
    void removedAttributeIsGoneOnTheOtherNode() {
        ask(n1(), "set&name=a&value=1");
        ask(n1(), "set&name=b&value=2");
        ask(n2(), "remove&name=a");

        assertThat(ask(n1(), "peek")).isEqualTo("old b=2");
    }

    /** The last one: for a moment, a node refuses sessions of other shards, too, than those that are awaited here. */
    @Test
    @Order(Integer.MAX_VALUE)
    void cartIsBackWhenRedisHasLostItAndWhoLoggedOutStaysOut() {
        Browser out = new Browser();
        out.get(n1(), "/shop/cart?do=add&item=x");
        out.get(n2(), "/shop/cart?do=peek");
        String ended = out.sessionId();
        assertThat(out.get(n1(), "/shop/cart?do=invalidate").body()).isEqualTo("ended");
        ask(n1(), "add&item=a");

        redis().ask(Jedis::flushAll);

        awaitAnswer(n2(), browser, "peek", "old items=[a]");
        awaitAnswer(n1(), browser, "add&item=b", "old items=[a, b]");
        out.cookies().put(Browser.SESSION_COOKIE, ended);
        awaitAnswer(n2(), out, "peek", "none");
        awaitAnswer(n1(), out, "peek", "none");
    }

    /** While a node does not know yet that all have settled what Redis lost, it answers 503. */
    private static void awaitAnswer(HttpNode node, Browser browser, String query, String answer) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> browser.get(node, "/shop/cart?do=" + query), got -> got.status() != 503);
        assertThat(browser.get(node, "/shop/cart?do=peek").body()).isEqualTo(answer);
    }
}
