package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.SessionId;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpSession;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.catalina.Context;
import org.junit.jupiter.api.Test;

/**
 * Pages without a session go on while Redis says nothing, or answers everything 3 seconds late: Tomcat's 200 threads,
 * 500 requests a second, a fifth of which need Redis. Prints how long those pages took.
 */
class SilentRedisThreadsIT {
    private static final int EACH_SECOND = 500;
    private static final int NEEDS_REDIS = 5;
    private static final Duration FAULT = Duration.ofSeconds(6);

    /**
     * So many pages without a session are under way at the most: a machine with other work to do that cannot serve that
     * many a second would queue them for ever, whoever holds the threads.
     */
    private static final int PAGES_AT_ONCE = 20;

    private final HttpClient client = HttpClient.newHttpClient();

    private static void application(Context context) {
        Page.add(context, "/plain", (request, response) -> response.getWriter().print("plain"));
        Page.add(context, "/read", (request, response) -> {
            HttpSession session = request.getSession(false);
            response.getWriter().print(session == null ? "none" : session.getAttribute("value"));
        });
    }

    /**
     * What a load of some seconds met.
     *
     * @param plain how long each page without a session took, sorted
     * @param standstill for how long no such page was answered at the most
     */
    private record Met(List<Long> plain, long standstill, Map<Integer, Integer> needing) {
        private long p99() {
            return plain.get(plain.size() * 99 / 100);
        }

        private long median() {
            return plain.get(plain.size() / 2);
        }

        @Override
        public String toString() {
            return plain.size() + " pages without a session, p50 " + median() + " ms, p99 " + p99() + " ms, longest "
                    + plain.get(plain.size() - 1) + " ms, none for " + standstill + " ms; those that need Redis "
                    + needing;
        }
    }

    /** Those that need Redis begin when they are due, however long others take. */
    private Met load(EmbeddedNode node, Duration duration) {
        ConcurrentLinkedQueue<Long> plain = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Integer> needing = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<?>> all = new ArrayList<>();
        Semaphore pages = new Semaphore(PAGES_AT_ONCE);
        ConcurrentLinkedQueue<Long> answered = new ConcurrentLinkedQueue<>();
        long begin = System.nanoTime();
        long step = TimeUnit.SECONDS.toNanos(1) / EACH_SECOND;
        for (int i = 0; i * step < duration.toNanos(); i++) {
            long due = begin + i * step;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            if (i % NEEDS_REDIS == 0) {
                all.add(send(
                                node.uri("/read"),
                                "JSESSIONID=" + SessionId.random().value())
                        .thenAccept(answer -> needing.add(answer.statusCode())));
            } else if (pages.tryAcquire()) {
                long sent = System.nanoTime();
                all.add(send(node.uri("/plain"), "").thenAccept(answer -> {
                    answered.add(System.nanoTime());
                    pages.release();
                    assertThat(answer.body()).isEqualTo("plain");
                    plain.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sent));
                }));
            }
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        List<Long> sorted = new ArrayList<>(plain);
        Collections.sort(sorted);
        Map<Integer, Integer> counted = new TreeMap<>();
        needing.forEach(status -> counted.merge(status, 1, Integer::sum));
        return new Met(sorted, TimeUnit.NANOSECONDS.toMillis(longestGap(begin, answered)), counted);
    }

    private static long longestGap(long begin, Collection<Long> moments) {
        long longest = 0;
        long before = begin;
        for (long moment : moments.stream().sorted().toList()) {
            longest = Math.max(longest, moment - before);
            before = moment;
        }
        return longest;
    }

    private CompletableFuture<HttpResponse<String>> send(URI uri, String cookie) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30));
        if (!cookie.isEmpty()) {
            request.header("Cookie", cookie);
        }
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void pagesWithoutASessionGoOnWhileRedisIsSilentOrCrawls() {
        try (RedisProcess redis = RedisProcess.start();
                FaultyLink link = FaultyLink.to(redis.port());
                LogCapture log = new LogCapture("dev.holdfast.redis");
                EmbeddedNode node = new EmbeddedNode(
                        "n1",
                        link.uri(),
                        // The longest there is: it is silent, and not away, for most of the fault.
                        Map.of("holdfast.timeout", "5s"),
                        SilentRedisThreadsIT::application)) {
            load(node, Duration.ofSeconds(2)); // what is cold is slow
            Met well = load(node, Duration.ofSeconds(3));
            redis.pause();
            Met silent = load(node, FAULT);
            redis.resume();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> new Browser().get(node.uri("/read")).status() == 200);
            link.slow(Duration.ofSeconds(3));
            Met crawling = load(node, FAULT);
            link.heal();

            System.out.println("Redis well:   " + well);
            System.out.println("Redis silent: " + silent);
            System.out.println("Redis crawls: " + crawling);
            assertThat(well.needing()).containsOnlyKeys(200);
            // The p99 is for who reads it: a busy machine makes some pages slow. Requests that hold all threads make
            // each one take seconds.
            assertThat(silent.median()).isLessThanOrEqualTo(1_000);
            assertThat(crawling.median()).isLessThanOrEqualTo(1_000);
            // Threads that are held give none at all, until their time is over.
            assertThat(silent.standstill()).isLessThan(2_000);
            assertThat(crawling.standstill()).isLessThan(2_000);
            assertThat(silent.needing())
                    .as("some waited, and were told at last")
                    .containsKey(503);
            assertThat(log.lines()).anyMatch(line -> line.contains("HF-131: "));
            assertThat(node.manager().coordinator().counters().all().get("crowded"))
                    .isPositive();
        }
    }
}
