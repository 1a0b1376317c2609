package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.RedisAudit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many sessions run out on three nodes, of which one is killed while it tells of their ends: each end is told, with the
 * attributes readable, none too early, and twice only what the killed node had begun to tell. The same for all
 * containers.
 *
 * <p>1,500 sessions; {@code -Dexpiry.sessions=20000} makes it the whole run.
 */
public abstract class ExpiryContract {
    private static final int SESSIONS = Integer.getInteger("expiry.sessions", 1_500);
    private static final int KEPT = 10;
    private static final int CLIENTS = 6;

    @TempDir
    private Path directory;

    private final RedisProcess redis = RedisProcess.start();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<Integer, Begun> begun = new ConcurrentHashMap<>();
    private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    private final ScheduledExecutorService users = Executors.newSingleThreadScheduledExecutor();
    private final Map<String, ContainerProcess> nodes = new TreeMap<>();
    private final AtomicInteger next = new AtomicInteger(KEPT);
    private volatile boolean killed;

    /** @param sentAt when the only request of the session was sent, milliseconds since 1970 */
    private record Begun(String node, long sentAt, int timeoutSeconds) {}

    private record End(String node, int number, long at) {}

    /**
     * Makes a node, without starting it.
     *
     * @param name also the value of {@code holdfast.node}
     * @param redis what {@code holdfast.redis} is to be
     * @param application for the path {@code shop}
     */
    protected abstract ContainerProcess prepare(String name, String redis, Path application);

    @BeforeEach
    void start() {
        for (String name : List.of("n1", "n2", "n3")) {
            nodes.put(name, prepare(name, redis.uri().toString(), application(name)));
        }
        nodes.values().forEach(ContainerProcess::launch);
        nodes.values().forEach(ContainerProcess::awaitAnswer);
    }

    @AfterEach
    void stop() {
        users.shutdownNow();
        clients.shutdownNow();
        nodes.values().forEach(ContainerProcess::close);
        redis.close();
    }

    /** One node is slow to tell, so that it dies in the middle. */
    private Path application(String node) {
        return ExplodedApplication.create("expiry-" + node)
                .classes(ExpiryApplication.class)
                .file("META-INF/context.xml", "<Context backgroundProcessorDelay=\"1\"/>")
                .webXml("""
                        <distributable/>
                        <context-param><param-name>record</param-name><param-value>%s</param-value></context-param>
                        <context-param><param-name>pace</param-name><param-value>%d</param-value></context-param>
                        <listener><listener-class>%s</listener-class></listener>
                        <servlet><servlet-name>numbers</servlet-name><servlet-class>%s</servlet-class></servlet>
                        <servlet-mapping><servlet-name>numbers</servlet-name><url-pattern>/numbers</url-pattern></servlet-mapping>
                        """.formatted(
                                record(node),
                                node.equals("n1") ? 5 : 0,
                                ExpiryApplication.Recorder.class.getName(),
                                ExpiryApplication.Numbers.class.getName()))
                .path();
    }

    private Path record(String node) {
        return directory.resolve(node);
    }

    @Test
    void everyEndIsToldThoughANodeDiesWhileItTells() throws Exception {
        Users kept = new Users();
        Future<?> reading = users.scheduleWithFixedDelay(kept::read, 1, 1, TimeUnit.SECONDS);
        long start = System.currentTimeMillis();

        List<Future<?>> creation = beginSessions();
        awaitThatTheFirstTells();
        killed = true;
        nodes.get("n1").kill();
        for (Future<?> part : creation) {
            part.get();
        }
        // What the dead node had claimed waits for the end of its lease.
        await().atMost(Duration.ofMinutes(6))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> redis.ask(RedisAudit::unfinished).size() <= 2 * KEPT);

        assertThat(reading.isDone()).as("a user could not go on").isFalse();
        kept.logOut();
        assertThat(kept.wrong).isEmpty();
        judge(start);
        assertThat(redis.ask(RedisAudit::unfinished)).isEmpty();
    }

    /**
     * Nodes that look seldom may be slower than others with the sessions that they hold themselves: users of the one
     * that is to die go on coming until it is at it.
     */
    private void awaitThatTheFirstTells() {
        await().atMost(Duration.ofMinutes(5))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    int number = next.getAndIncrement();
                    if (number < SESSIONS || number % 3 == 0) { // these come to n1
                        begin(number);
                    }
                    return ends("n1").size() >= Math.max(20, SESSIONS / 30);
                });
    }

    private List<Future<?>> beginSessions() {
        List<Future<?>> parts = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            parts.add(clients.submit(() -> {
                for (int number = next.getAndIncrement(); number < SESSIONS; number = next.getAndIncrement()) {
                    begin(number);
                }
                return null;
            }));
        }
        return parts;
    }

    /** A session that no answer acknowledges because its node dies is none: the next number is. */
    private void begin(int number) throws InterruptedException {
        String node = killed ? "n" + (2 + number % 2) : "n" + (1 + number % 3);
        int timeout = 4 + SESSIONS / 1000 + number % 3;
        URI uri = nodes.get(node).uri("/shop/numbers?number=" + number + "&timeout=" + timeout);
        long sentAt = System.currentTimeMillis();
        try {
            HttpResponse<Void> response = client.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(30)).build(),
                    HttpResponse.BodyHandlers.discarding());
            assertThat(response.statusCode()).isEqualTo(200);
            begun.put(number, new Begun(node, sentAt, timeout));
        } catch (IOException e) {
            assertThat(node).as("the node that failed").isEqualTo("n1");
        }
    }

    /** A few who use their sessions once a second, on two nodes in turn. */
    private final class Users {
        final List<String> wrong = new CopyOnWriteArrayList<>();
        private final List<Browser> browsers = new ArrayList<>();
        private int turn;

        Users() {
            for (int number = 0; number < KEPT; number++) {
                Browser browser = new Browser();
                browser.get(nodes.get("n2"), "/shop/numbers?number=" + number + "&timeout=20");
                browsers.add(browser);
            }
        }

        synchronized void read() {
            turn++;
            for (int number = 0; number < KEPT; number++) {
                ContainerProcess node = nodes.get((turn + number) % 2 == 0 ? "n2" : "n3");
                String body = browsers.get(number).get(node, "/shop/numbers").body();
                if (!body.equals(String.valueOf(number))) {
                    wrong.add(number + " was answered " + body + " in turn " + turn);
                }
            }
        }

        synchronized void logOut() {
            users.shutdownNow();
            browsers.forEach(browser -> browser.get(nodes.get("n3"), "/shop/numbers?end"));
        }
    }

    private List<End> ends(String node) {
        if (!Files.exists(record(node))) {
            return List.of();
        }
        try (var lines = Files.lines(record(node))) {
            return lines.map(line -> line.split(" ", -1))
                    .map(parts -> new End(node, Integer.parseInt(parts[0]), Long.parseLong(parts[1])))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void judge(long start) {
        Map<Integer, List<End>> told = new TreeMap<>();
        Map<String, Integer> byNode = new TreeMap<>();
        for (String node : nodes.keySet()) {
            for (End end : ends(node)) {
                told.computeIfAbsent(end.number(), number -> new ArrayList<>()).add(end);
                byNode.merge(node, 1, Integer::sum);
            }
        }
        Set<Integer> missing = new HashSet<>(begun.keySet());
        missing.removeAll(told.keySet());
        Map<Integer, List<End>> twice = new HashMap<>(told);
        twice.values().removeIf(ends -> ends.size() == 1);
        List<Long> lateness = new ArrayList<>();
        told.forEach((number, ends) -> {
            Begun session = begun.get(number);
            if (session != null) {
                lateness.add(ends.get(0).at() - session.sentAt() - session.timeoutSeconds() * 1000L);
            }
        });

        System.out.println(getClass().getSimpleName() + " on "
                + nodes.get("n1").getClass().getSimpleName() + ": " + begun.size() + " sessions and " + KEPT
                + " in use, " + seconds(start)
                + " s; told by node "
                + byNode + ", of "
                + begun.values().stream().filter(b -> b.node().equals("n1")).count()
                + " sessions of the killed node; missing " + missing.size() + ", twice " + twice.size()
                + ", after their timeout: first "
                + lateness.stream().mapToLong(Long::longValue).min().orElse(0) + " ms, last "
                + lateness.stream().mapToLong(Long::longValue).max().orElse(0) + " ms");
        assertThat(missing).as("ends that nobody told").isEmpty();
        assertThat(told.keySet()).as("users told of at their logout").contains(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(twice.values())
                .as("ends told twice")
                .allSatisfy(ends -> assertThat(ends)
                        .hasSize(2)
                        .first()
                        .extracting(End::node)
                        .isEqualTo("n1"));
        assertThat(lateness).as("milliseconds after the timeout").allMatch(late -> late >= 0);
    }

    private static long seconds(long since) {
        return (System.currentTimeMillis() - since) / 1000;
    }
}
