package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.CommitWays.Way;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A change that Redis does not take is never acknowledged: whatever way the answer was to be committed, the client gets
 * a clean 503, and the session is as it was. The same for all containers; the node serves
 * {@link CommitWays#application}.
 */
public abstract class CommitRefusedContract {
    private static final String SESSION = Browser.SESSION_COOKIE;

    private static int values;

    private final Browser browser = new Browser();

    protected abstract RedisProcess redis();

    protected abstract HttpNode node();

    @AfterEach
    void takeChangesAgain() {
        allowScripts();
    }

    /** A user without the right to run scripts is refused at once, and for good: a node does not try again. */
    private void forbidScripts() {
        giveRights("-evalsha", "-eval");
    }

    private void allowScripts() {
        giveRights("+evalsha", "+eval");
    }

    /** To both users: as which of them nodes come is a matter of how the tests are run. */
    private void giveRights(String... rights) {
        redis().ask(jedis -> {
            jedis.aclSetUser("default", rights);
            return jedis.aclSetUser(MinimalUser.documented().name(), rights);
        });
    }

    static List<Way> ways() {
        return CommitWays.ALL;
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.CommitRefusedContract#ways")
    void refusedChangeIsAClean503AndNotKept(Way way) {
        String before = nextValue();
        change(before);
        String cookie = browser.sessionId();

        forbidScripts();
        Answer refused = way.request(browser, node(), nextValue()).send();
        allowScripts();

        assertClean503(refused);
        assertThat(browser.sessionId()).isEqualTo(cookie);
        assertThat(read())
                .isEqualTo("set=" + before + " list=[" + before + "] basket=" + before + " late=null user=null");
        assertServesNormally(way);
    }

    /** A session cannot be created after a redirect. */
    static Stream<Way> waysToBegin() {
        return CommitWays.ALL.stream().filter(way -> !way.title().equals("change after a redirect"));
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.CommitRefusedContract#waysToBegin")
    void refusedNewSessionLeavesNoCookie(Way way) {
        forbidScripts();
        Answer refused = way.request(browser, node(), nextValue()).send();
        allowScripts();

        assertClean503(refused);
        assertThat(refused.all("set-cookie")).isEmpty();
        assertServesNormally(way);
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.CommitRefusedContract#waysWithSilence")
    void silentRedisIsAClean503(Way way) {
        change(nextValue());

        redis().pause();
        Answer refused;
        try {
            refused = way.request(browser, node(), nextValue()).send();
        } finally {
            redis().resume();
        }

        assertClean503(refused);
        awaitRedis();
        assertServesNormally(way);
    }

    /** The node may have taken Redis for away; it finds it again within a second. */
    private void awaitRedis() {
        await().until(() -> browser.request(node(), "GET", "/ways/ways/small")
                        .header("X-Value", nextValue())
                        .send()
                        .status()
                == 200);
    }

    /** Each costs the whole time that a request waits for Redis. */
    static Stream<Way> waysWithSilence() {
        Set<String> titles = Set.of(
                "small body",
                "flushBuffer",
                "100 kB by the writer",
                "redirect",
                "exception, own page",
                "async, complete",
                "WriteListener",
                "upgrade");
        return CommitWays.ALL.stream().filter(way -> titles.contains(way.title()));
    }

    /** The number of bytes that the container itself keeps of an answer before it sends anything. */
    protected abstract int ownBuffer();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kb=40&use=0&change=20",
                "kb=64&use=0&change=63",
                "kb=40&use=4&change=20" // the session is used when something was written
            })
    void changeThatIsRefusedLateIsAClean503AndNotHalfAPage(String page) {
        String before = nextValue();
        change(before);

        Answer refused = refused(page);

        assertClean503(refused);
        assertThat(read()).startsWith("set=" + before + " ");
    }

    @Test
    void lateChangeThatIsRefusedIsAClean503WithHttp2() {
        change(nextValue());

        forbidScripts();
        Answer refused = page("kb=40&use=0&change=20").http2().send();
        allowScripts();

        assertClean503(refused);
    }

    /** The first byte of these has left when the session is changed, because it was flushed, or there was no room. */
    @ParameterizedTest
    @ValueSource(strings = {"kb=40&use=0&flush=1&change=20", "kb=200&use=0&change=100"})
    void answerThatHasBegunIsBrokenOff(String page) {
        String before = nextValue();
        change(before);

        Answer refused = refused(page);

        assertThat(refused.status()).isEqualTo(200);
        assertThat(refused.complete()).isFalse();
        assertThat(read()).startsWith("set=" + before + " ");
    }

    private Answer refused(String page) {
        forbidScripts();
        Answer refused = page(page).send();
        allowScripts();
        return refused;
    }

    private Browser.Request page(String query) {
        return browser.request(node(), "GET", "/ways/ways/page?" + query).header("X-Value", nextValue());
    }

    @Test
    void pageThatFitsIntoTheBufferIsSentWithItsLength() {
        change(nextValue());

        Answer page = page("kb=40&use=0&change=20").send();

        assertThat(page.complete()).isTrue();
        assertThat(page.header("content-length")).isEqualTo("40960");
        assertThat(page.header("transfer-encoding")).isEmpty();
        assertThat(page.body()).isEqualTo("16 bytes of text".repeat(64 * 40));
        assertThat(page("kb=200&use=0&change=20").send().body()).isEqualTo("16 bytes of text".repeat(64 * 200));
    }

    @Test
    void whatWaitsCanBeTakenBackByTheApplication() {
        assertThat(browser.get(node(), "/ways/ways/reset-buffer?kb=40").body()).isEqualTo("done");
    }

    /** Also on a connection, and with objects of the container's, whose buffer was raised before. */
    @Test
    void onlyRequestsThatUseTheirSessionHaveALargerBuffer() {
        change(nextValue());

        assertThat(sizes("use")).isEqualTo(ownBuffer() + " 65536 refused");
        assertThat(sizes("")).isEqualTo(ownBuffer() + " " + ownBuffer() + " refused");
        assertThat(sizes("use")).isEqualTo(ownBuffer() + " 65536 refused");
    }

    @Test
    void applicationMaySetALargerBuffer() {
        change(nextValue());

        assertThat(sizes("use&first=200000")).isEqualTo("200000 200000 refused");
        assertThat(sizes("use&then=200000")).isEqualTo(ownBuffer() + " 200000 refused");
    }

    private String sizes(String query) {
        return browser.get(node(), "/ways/ways/buffer?" + query).body();
    }

    private static void assertClean503(Answer answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.complete()).isTrue();
        assertThat(answer.header("retry-after")).isEqualTo("1");
        assertThat(answer.header("cache-control")).isEqualTo("no-store");
        assertThat(answer.body()).isEmpty();
        assertThat(answer.cookie(SESSION)).isEmpty();
    }

    /** The same way, on a connection and with objects of Tomcat's that have seen the refusal. */
    private void assertServesNormally(Way way) {
        String value = nextValue();

        Answer answer = way.request(browser, node(), value).send();

        assertThat(answer.status()).isEqualTo(way.status());
        assertThat(answer.complete()).isTrue();
        assertThat(read()).startsWith("set=" + value + " ");
    }

    private void change(String value) {
        browser.request(node(), "GET", "/ways/ways/small")
                .header("X-Value", value)
                .send();
    }

    private String read() {
        return browser.get(node(), "/ways/ways/read").body();
    }

    private static synchronized String nextValue() {
        values++;
        return LogScan.SECRET + String.format(Locale.ROOT, "%03d", values);
    }
}
