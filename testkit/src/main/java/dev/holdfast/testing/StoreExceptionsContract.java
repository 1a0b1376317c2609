package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What Redis does to a node's calls is none of the application's business: neither the application nor the container's
 * log sees an exception of the store or of its connections. The node serves {@link CatchingServlet} at
 * {@code /shop/call} with {@code outage=refuse}, in the JVM of the test. The same for all containers.
 */
public abstract class StoreExceptionsContract {
    /** What tells of an exception of the store, or of a connection to it. */
    private static final List<String> OF_THE_STORE = List.of(
            "StoreUnavailableException",
            "SocketTimeoutException",
            "redis.clients",
            "out of time",
            "java.net.Connect",
            "java.io.EOF");

    /** The head of the answer may have left before the call. */
    private static final Set<String> AFTER_THE_HEAD = Set.of("late", "asyncThread");

    private static final List<String> RECORDS = new CopyOnWriteArrayList<>();

    private final Log log = new Log();

    protected abstract RedisProcess redis();

    protected abstract HttpNode node();

    /** A second node of the same application. */
    protected abstract HttpNode otherNode();

    /** What the application is told that no session can be had. */
    protected abstract Class<? extends RuntimeException> refusal();

    /** All that is logged in this JVM, with its stacks. */
    private static final class Log extends Handler {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord record) {
            StringWriter text = new StringWriter();
            text.append(formatter.formatMessage(record)).append('\n');
            if (record.getThrown() != null) {
                record.getThrown().printStackTrace(new PrintWriter(text, true));
            }
            RECORDS.add(text.toString());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @BeforeEach
    void listen() {
        Logger.getLogger("").addHandler(log);
    }

    @AfterEach
    void stopListening() {
        Logger.getLogger("").removeHandler(log);
    }

    @Test
    void redisThatSaysNothingIsNotSeenByTheApplication() {
        List<Browser> browsers = browsers();
        redis().pause();
        try {
            callAll(browsers, "silent");
        } finally {
            redis().resume();
        }
    }

    @Test
    void redisThatRefusesIsNotSeenByTheApplication() {
        List<Browser> browsers = browsers();
        giveRights("-evalsha", "-eval");
        try {
            callAll(browsers, "refusing");
        } finally {
            giveRights("+evalsha", "+eval");
        }
    }

    /** The thread that is refused and the one that ends the request may both answer it, at one moment. */
    @Test
    void refusalOnAnAsynchronousThreadIsAnsweredEachTime() {
        Browser browser = browsers().get(0);
        redis().pause();
        try {
            for (int i = 0; i < 2000; i++) {
                long sent = System.nanoTime();
                Answer answer = browser.get(node(), "/shop/call?do=asyncThread");
                assertThat(answer.status()).as("request " + i).isEqualTo(503);
                // One that is forgotten is sent again when its connection is closed for idleness.
                assertThat(Duration.ofNanos(System.nanoTime() - sent))
                        .as("request " + i)
                        .isLessThan(Duration.ofSeconds(20));
            }
        } finally {
            redis().resume();
        }
    }

    @Test
    void exceptionThatIsKeptInTheSessionIsStoredAndReadOnTheOtherNode() {
        Browser browser = browsers().get(0);
        redis().pause();
        try {
            assertThat(browser.get(node(), "/shop/call?do=create").status()).isEqualTo(503);
        } finally {
            redis().resume();
        }
        Throwable thrown = CatchingServlet.takeCaught("create").get(0);
        assertThat(thrown).isInstanceOf(refusal());
        awaitRedis();

        CatchingServlet.keep(thrown);
        assertThat(browser.get(node(), "/shop/call?do=keep").status()).isEqualTo(200);

        String plain = "java.lang.RuntimeException: " + thrown.getMessage();
        String told = browser.get(otherNode(), "/shop/call?do=kept").body();
        assertThat(URLDecoder.decode(told, StandardCharsets.UTF_8))
                .isEqualTo(plain + " / " + plain + " / " + thrown.getStackTrace().length);
    }

    private void giveRights(String... rights) {
        redis().ask(jedis -> {
            jedis.aclSetUser("default", rights);
            return jedis.aclSetUser(MinimalUser.documented().name(), rights);
        });
    }

    /** One for each call, with a session that its node does not trust: it has lost the mark. */
    private List<Browser> browsers() {
        awaitRedis();
        List<Browser> browsers = new ArrayList<>();
        for (int i = 0; i < CatchingServlet.CALLS.size(); i++) {
            Browser browser = new Browser();
            assertThat(browser.get(node(), "/shop/call?do=forgotten").status()).isEqualTo(200);
            browser.cookies().remove("HFEPOCH");
            browsers.add(browser);
        }
        CatchingServlet.CALLS.forEach(CatchingServlet::takeCaught);
        return browsers;
    }

    private void callAll(List<Browser> browsers, String kind) {
        for (int i = 0; i < browsers.size(); i++) {
            String call = CatchingServlet.CALLS.get(i);
            Answer held = browsers.get(i).get(node(), "/shop/call?do=" + call);
            Answer begun = new Browser().get(node(), "/shop/call?do=" + call);
            List<Throwable> caught = CatchingServlet.takeCaught(call);
            System.out.println(
                    kind + " " + call + ": " + shown(held) + ", new session " + shown(begun) + "; " + caught);
            assertThat(held.status() == 503 || !held.complete() || call.equals("user"))
                    .as(call + " is refused")
                    .isTrue();
            for (Throwable thrown : caught) {
                assertThat(stackOf(thrown)).as(call).doesNotContain(OF_THE_STORE);
                assertRefusal(call, rootOf(thrown));
            }
        }
        // Once a minute, for both tests.
        assertThat(RECORDS).anyMatch(record -> record.startsWith("HF-201: "));
        assertThat(RECORDS).allSatisfy(record -> assertThat(record).doesNotContain(OF_THE_STORE));
    }

    private void assertRefusal(String call, Throwable root) {
        if (AFTER_THE_HEAD.contains(call) && root instanceof IllegalStateException) {
            assertThat(root).as("the container's own: no session can begin now").hasMessageContaining("committed");
            return;
        }
        assertThat(root).as(call).isInstanceOf(refusal());
        assertThat(root.getMessage()).as(call).startsWith("HF-");
    }

    private static String shown(Answer answer) {
        return answer.status() + (answer.complete() ? "" : " broken off");
    }

    private static Throwable rootOf(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static String stackOf(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    /** A node may still take it for away. */
    private void awaitRedis() {
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        new Browser().get(node(), "/shop/call?do=forgotten").status() == 200);
    }
}
