package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Requests of one browser that wait for each other, or for the end of their answers, leave threads for others. The
 * nodes serve a {@link WaitingServlet} at {@code /shop/page}, with 20 threads or a few more and a timeout of 5 s. The
 * same for all containers.
 */
public abstract class ClientWaitsContract {
    private static final int HANDFUL = 8;
    /** Less than the shortest of the waits that a thread could be held by. */
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    private final Browser browser = new Browser();

    /** With {@code parallel=off}. */
    protected abstract HttpNode queueing();

    /** With {@code parallel=on}. */
    protected abstract HttpNode open();

    private CompletableFuture<Answer> send(HttpNode node, String page) {
        return CompletableFuture.supplyAsync(
                () -> {
                    Browser tab = new Browser();
                    tab.cookies().putAll(browser.cookies());
                    return tab.get(node, "/shop/page?do=" + page);
                },
                task -> new Thread(task, "tab").start());
    }

    private static void assertOthersAreServedAtOnce(HttpNode node) {
        long start = System.nanoTime();

        Answer answer = new Browser().get(node, "/shop/page?do=public");

        Duration took = Duration.ofNanos(System.nanoTime() - start);
        System.out.println("public page beside waiting requests: " + took.toMillis() + " ms");
        assertThat(answer.body()).isEqualTo("public");
        assertThat(took).isLessThan(AT_ONCE);
    }

    @Test
    void requestsThatWaitForTheirTurnLeaveThreadsForOthers() {
        browser.get(queueing(), "/shop/page?do=begin");
        CompletableFuture<Answer> slow = send(queueing(), "slow");
        await().until(WaitingServlet::isInside);
        List<CompletableFuture<Answer>> quick = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            quick.add(send(queueing(), "quick"));
        }

        await().until(() -> quick.stream().filter(CompletableFuture::isDone).count() >= 30 - HANDFUL);
        assertOthersAreServedAtOnce(queueing());

        WaitingServlet.letGo();
        assertThat(slow.join().status()).isEqualTo(200);
        Map<Integer, Integer> statuses = new TreeMap<>();
        quick.forEach(answer -> statuses.merge(answer.join().status(), 1, Integer::sum));
        System.out.println("30 requests behind a slow one: " + statuses);
        assertThat(statuses).containsOnlyKeys(200, 503);
        assertThat(statuses.get(200)).isBetween(1, HANDFUL);
    }

    /**
     * Rule 10, on an answer that its application closes: the browser would read its end, and be shown an older state
     * elsewhere.
     */
    @Test
    void answerThatIsClosedEarlyWaitsForItsEndToo() {
        browser.get(open(), "/shop/page?do=begin");
        browser.cookies().remove("HFEPOCH");
        long start = System.nanoTime();

        Answer answer = browser.get(open(), "/shop/page?do=close");

        assertThat(answer.complete()).isTrue();
        assertThat(answer.body()).isEqualTo("begun 1");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(2));
    }

    /** Rule 10: each moves the session's mark, because it brings none, and cannot tell the browser. */
    @Test
    void answersThatWaitForTheirEndLeaveThreadsForOthers() {
        browser.get(open(), "/shop/page?do=begin");
        browser.cookies().remove("HFEPOCH");
        List<CompletableFuture<Answer>> flushing = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            flushing.add(send(open(), "flush"));
        }
        await().until(() -> flushing.stream().anyMatch(CompletableFuture::isDone));

        assertOthersAreServedAtOnce(open());

        long complete = flushing.stream()
                .map(CompletableFuture::join)
                .filter(answer -> answer.status() == 200 && answer.complete())
                .peek(answer -> assertThat(answer.body()).isEqualTo("begun 1"))
                .count();
        System.out.println("200 requests that flush first: " + complete + " answers ended");
        assertThat(complete).isBetween(1L, 199L);
    }
}
