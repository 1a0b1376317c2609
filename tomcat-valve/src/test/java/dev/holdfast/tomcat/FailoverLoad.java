package dev.holdfast.tomcat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;

/**
 * Browsers of one application at work with two nodes, while the primary of their Redis dies with changes that no
 * replica has, and one of the nodes with it: what had been acknowledged, and what is left of it. The methods are called
 * in their order, by one thread.
 */
final class FailoverLoad implements AutoCloseable {
    private static final int STAYING = 5;
    private static final int MOVING = 4;
    private static final int FEW = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PAUSE_MILLIS = 150;

    /** So many changes of each session no replica has: fewer than a node remembers states of a session. */
    private static final int MOST_UNREPLICATED = 10;

    private static final int LEAST_UNREPLICATED = 2;
    private static final String TOMBSTONE = ".t";

    private enum Phase {
        REPLICATED,
        UNREPLICATED,
        WITHOUT_PRIMARY
    }

    private final String application;
    private final ContainerProcess killed;
    private final ContainerProcess living;
    private final Function<String, RedisProcess> owners;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch over = new CountDownLatch(1);
    private final List<CompletableFuture<Void>> running = new ArrayList<>();
    private volatile Phase phase = Phase.REPLICATED;
    private int missingAfterReturn;

    /** Browsers that come to the node that lives, all the time. */
    private final List<TokenBrowser> staying = new ArrayList<>();
    /** Browsers of the node that lives which come to the other one first when there is a primary again. */
    private final List<TokenBrowser> moving = new ArrayList<>();
    /** Browsers of the node that is killed. */
    private final List<TokenBrowser> orphans = new ArrayList<>();
    /** Those that began what no replica knows of; in order of their nodes as above. */
    private final List<TokenBrowser> begunHere = new ArrayList<>();

    private final List<TokenBrowser> begunThere = new ArrayList<>();
    /** Those that logged out when no replica heard of it. */
    private final List<TokenBrowser> endedHere = new ArrayList<>();

    private final List<TokenBrowser> endedThere = new ArrayList<>();

    private final Map<TokenBrowser, String> inReplica = new HashMap<>();
    private final Map<TokenBrowser, Integer> unreplicated = new HashMap<>();

    /**
     * Nobody is at work yet.
     *
     * @param owners the primary of each key, as it is now
     */
    FailoverLoad(
            String application,
            ContainerProcess killed,
            ContainerProcess living,
            Function<String, RedisProcess> owners) {
        this.application = application;
        this.killed = killed;
        this.living = living;
        this.owners = owners;
    }

    /** All begin their sessions, and change them from now on. */
    void begin() {
        begin(STAYING, living, staying, key -> true);
        begin(MOVING, living, moving, key -> true);
        begin(STAYING, killed, orphans, key -> true);
        begin(FEW, living, endedHere, key -> true);
        begin(FEW, killed, endedThere, key -> true);
        staying.forEach(browser -> work(browser, living));
        moving.forEach(browser -> work(browser, living));
        orphans.forEach(browser -> work(browser, killed));
    }

    private void begin(int count, ContainerProcess home, List<TokenBrowser> browsers, Predicate<String> fits) {
        while (browsers.size() < count) {
            TokenBrowser browser = new TokenBrowser(application);
            await().atMost(PATIENCE).until(() -> browser.begin(home));
            if (fits.test(key(browser))) {
                await().atMost(PATIENCE).until(() -> browser.add(home));
                browsers.add(browser);
            }
        }
    }

    private void work(TokenBrowser browser, ContainerProcess home) {
        running.add(CompletableFuture.runAsync(() -> workUntilOver(browser, home), threads));
    }

    private void workUntilOver(TokenBrowser browser, ContainerProcess home) {
        int unreplicated = 0;
        try {
            while (!over.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS) && !browser.isGone()) {
                Phase now = phase;
                if (now == Phase.WITHOUT_PRIMARY) {
                    if (moving.contains(browser)) {
                        return;
                    }
                    browser.add(living);
                } else if (now == Phase.UNREPLICATED && ++unreplicated > MOST_UNREPLICATED) {
                    browser.read(home);
                } else {
                    browser.add(home);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the keys of all sessions begin with. */
    Set<String> tags() {
        return all().map(browser -> tag(browser.id())).collect(Collectors.toSet());
    }

    private String tag(String id) {
        return ShardTags.of(application, id.substring(0, 2));
    }

    private String key(TokenBrowser browser) {
        return tag(browser.id()) + ":s:" + browser.id();
    }

    private Stream<TokenBrowser> all() {
        return Stream.of(staying, moving, orphans, begunHere, begunThere, endedHere, endedThere)
                .flatMap(List::stream);
    }

    /** Nothing that was acknowledged has been missing in an answer so far. */
    void assertNothingLost() {
        assertThat(all().mapToInt(TokenBrowser::lost).sum()).isZero();
    }

    /** All go on, and no replica hears of it; returns when each has done what is to be lost with a primary. */
    void workUnreplicated(RedisProcess primary) {
        Map<TokenBrowser, Integer> before = Stream.of(staying, moving, orphans)
                .flatMap(List::stream)
                .collect(Collectors.toMap(browser -> browser, TokenBrowser::kept));
        phase = Phase.UNREPLICATED;
        endedHere.forEach(browser -> await().atMost(PATIENCE).until(() -> browser.end(living)));
        endedThere.forEach(browser -> await().atMost(PATIENCE).until(() -> browser.end(killed)));
        begin(FEW, living, begunHere, key -> owners.apply(key) == primary);
        begin(FEW, killed, begunThere, key -> owners.apply(key) == primary);
        await().atMost(PATIENCE)
                .until(() -> before.entrySet().stream()
                        .allMatch(each -> each.getKey().kept() >= each.getValue() + LEAST_UNREPLICATED));
    }

    /** Notes what a replica has that hears of nothing any more. */
    void lookAt(Jedis replica) {
        all().forEach(browser -> inReplica.put(browser, text(replica, browser)));
        ended().forEach(browser -> assertThat(replica.hexists(key(browser), ".m"))
                .as("alive in the replica")
                .isTrue());
    }

    private String text(Jedis redis, TokenBrowser browser) {
        byte[] list = redis.hget(key(browser).getBytes(US_ASCII), "a:list".getBytes(US_ASCII));
        return list == null ? "" : new String(list, ISO_8859_1);
    }

    /** Primary and node are dead; the browsers of both nodes go on with the other one. */
    void died() {
        List.of(staying, moving, orphans, begunHere, begunThere)
                .forEach(browsers -> browsers.forEach(browser -> unreplicated.put(
                        browser, browser.missing(inReplica.get(browser)).size())));
        phase = Phase.WITHOUT_PRIMARY;
        begunHere.forEach(browser -> work(browser, living));
        begunThere.forEach(browser -> work(browser, killed));
    }

    private int unreplicated(List<TokenBrowser> browsers) {
        int count = browsers.stream().mapToInt(unreplicated::get).sum();
        assertThat(count).as("changes that no replica has").isPositive();
        return count;
    }

    private List<TokenBrowser> ended() {
        return Stream.of(endedHere, endedThere).flatMap(List::stream).toList();
    }

    /**
     * Another primary is there: all browsers at work go on for a while and stop.
     *
     * @return after how long all ends had been told to it again
     */
    Duration replaced() {
        long start = System.nanoTime();
        await().atMost(PATIENCE).until(() -> endedHere.stream().allMatch(this::isEnded));
        Duration told = Duration.ofNanos(System.nanoTime() - start);
        for (List<TokenBrowser> browsers : List.of(staying, orphans, begunHere, begunThere)) {
            for (TokenBrowser browser : browsers) {
                int before = browser.kept();
                await().atMost(PATIENCE).until(() -> browser.isGone() || browser.kept() > before + 2);
            }
        }
        over.countDown();
        running.forEach(CompletableFuture::join);
        return told;
    }

    private boolean isEnded(TokenBrowser browser) {
        return owners.apply(key(browser)).ask(jedis -> jedis.hexists(key(browser), TOMBSTONE));
    }

    /** Finds out what is left, when both nodes are there, and says so. */
    String verdict(Duration told) {
        String stayed = of(staying) + " changes acknowledged to browsers that stay at the node that lives, "
                + unreplicated(staying) + " of them in no replica, " + lost(staying) + " lost";
        String moved = unreplicated(moving) + " in no replica of browsers that come to the other node first, "
                + lookElsewhereAndReturn() + " not shown there, " + missingAfterReturn
                + " lost of those who only read there, " + lost(moving) + " of those who change something";
        String orphaned = of(orphans) + " changes acknowledged to browsers whose node is killed, "
                + unreplicated(orphans) + " of them in no replica, " + lost(orphans) + " lost";
        String begun =
                "new sessions that are gone, of " + FEW + " of each node: " + gone(begunHere) + ", " + gone(begunThere);
        String ended = "ends that are undone, of " + FEW + " of each node: " + alive(endedHere) + ", "
                + alive(endedThere) + ", told again within " + told.toMillis() + " ms";
        Map<String, Long> counters = counters();
        String counted = Stream.of("resends", "endsToldAgain", "atRisk", "atRiskSaved", "atRiskLost")
                .map(name -> name + " " + counters.get(name))
                .collect(Collectors.joining(", "));
        return String.join("; ", stayed, moved, orphaned, begun, ended, counted);
    }

    /**
     * Half of those who move only read at the other node, half change something there. How much is not shown there is
     * the answer.
     */
    private int lookElsewhereAndReturn() {
        int notShown = 0;
        for (int i = 0; i < moving.size(); i++) {
            TokenBrowser browser = moving.get(i);
            notShown += ask(() -> browser.notShown(killed));
            if (i % 2 == 0) {
                missingAfterReturn += ask(() -> browser.notShown(living));
            } else {
                await().atMost(PATIENCE).until(() -> browser.add(killed));
                await().atMost(PATIENCE).until(() -> browser.read(living));
            }
        }
        return notShown;
    }

    /** How many are served by either node with the cookies of a session that has ended. */
    private long alive(List<TokenBrowser> browsers) {
        return browsers.stream()
                .filter(browser -> ask(() -> browser.isAlive(living)) || ask(() -> browser.isAlive(killed)))
                .count();
    }

    /**
     * Those who stay at the node that lives have everything, and so has Redis; those who return there after a look
     * elsewhere, too.
     */
    void assertKeptWhereTheHolderLives() {
        assertThat(alive(endedHere))
                .as("served though their end was acknowledged")
                .isZero();
        assertThat(missingAfterReturn)
                .as("missing after the return to the holder")
                .isZero();
        assertThat(lost(staying)).as("lost though the holder lives").isZero();
        for (TokenBrowser browser : staying) {
            assertThat(owners.apply(key(browser))
                            .<Integer>ask(jedis ->
                                    browser.missing(text(jedis, browser)).size()))
                    .as("missing in Redis in the end")
                    .isZero();
        }
    }

    /** How much was acknowledged. */
    private static int of(List<TokenBrowser> browsers) {
        return browsers.stream()
                .mapToInt(browser -> browser.kept() + browser.lost())
                .sum();
    }

    private static int lost(List<TokenBrowser> browsers) {
        return browsers.stream().mapToInt(TokenBrowser::lost).sum();
    }

    private static long gone(List<TokenBrowser> browsers) {
        return browsers.stream().filter(TokenBrowser::isGone).count();
    }

    /** Asks until there is an answer. */
    private static <T> T ask(Callable<@Nullable T> question) {
        AtomicReference<@Nullable T> answer = new AtomicReference<>();
        await().atMost(PATIENCE).until(() -> {
            answer.set(question.call());
            return answer.get() != null;
        });
        T told = answer.get();
        if (told == null) {
            throw new IllegalStateException("It was there");
        }
        return told;
    }

    /** Of the node that lives. */
    private Map<String, Long> counters() {
        return new Browser()
                .get(living, "/" + application + "/counters")
                .body()
                .lines()
                .map(line -> line.split(" ", 2))
                .collect(Collectors.toMap(words -> words[0], words -> Long.valueOf(words[1])));
    }

    @Override
    public void close() {
        over.countDown();
        threads.shutdown();
    }
}
