package dev.holdfast.history.run;

import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** What systems at work go through that is no outage: Redis answers within the time that a request may wait. */
public enum Strain {
    FAR_1("1 ms to Redis and back"),
    FAR_20("20 ms to Redis and back"),
    FAR_80("80 ms to Redis and back"),
    NARROW("1 MB a second to Redis"),
    STALLS_1("Redis stands still for 0.1 × `timeout`"),
    STALLS_3("Redis stands still for 0.3 × `timeout`"),
    STALLS_6("Redis stands still for 0.6 × `timeout`"),
    STALLS_9("Redis stands still for 0.9 × `timeout`"),
    RESTARTS("Redis is killed, and back after 0.9 × `timeout`"),
    PAUSED_NODE("a node stands still for 0.5 to 5 s"),
    BUSY("all cores burn"),
    BIG_VALUES("values of 10 MB");

    /** From the begin of one stall to the begin of the next one, if there is room for {@link #CALM}. */
    private static final Duration CYCLE = Duration.ofSeconds(2);

    /** The least time for which Redis is well: a request may have to ask it twice. */
    private static final Duration CALM = Duration.ofMillis(500);

    private static final long BYTES_PER_SECOND = 1_000_000;
    private static final int SHORTEST_PAUSE_MILLIS = 500;
    private static final int LONGEST_PAUSE_MILLIS = 5_000;

    private final String title;

    Strain(String title) {
        this.title = title;
    }

    /** Not begun. */
    Trouble trouble(HistorySite site, Duration timeout) {
        return switch (this) {
            case FAR_1 -> onLinks(site, link -> link.slow(Duration.ofMillis(1)));
            case FAR_20 -> onLinks(site, link -> link.slow(Duration.ofMillis(20)));
            case FAR_80 -> onLinks(site, link -> link.slow(Duration.ofMillis(80)));
            case NARROW -> onLinks(site, link -> link.narrow(BYTES_PER_SECOND));
            case STALLS_1 -> stalls(site, times(timeout, 0.1));
            case STALLS_3 -> stalls(site, times(timeout, 0.3));
            case STALLS_6 -> stalls(site, times(timeout, 0.6));
            case STALLS_9 -> stalls(site, times(timeout, 0.9));
            case RESTARTS -> restarts(site, timeout);
            case PAUSED_NODE -> pauses(site);
            case BUSY -> burning();
            case BIG_VALUES -> lasting(() -> {}, () -> {}); // the browsers are the trouble
        };
    }

    /** How the browsers work. */
    Pace pace() {
        return this == BIG_VALUES ? Pace.BIG_VALUES : Pace.ONE_AT_A_TIME;
    }

    /** How many browsers of each way. */
    int browsers(int most) {
        return this == BIG_VALUES ? 1 : most;
    }

    @Override
    public String toString() {
        return title;
    }

    private static Duration times(Duration timeout, double factor) {
        return Duration.ofMillis(Math.round(timeout.toMillis() * factor));
    }

    private static Trouble onLinks(HistorySite site, Consumer<FaultyLink> change) {
        List<FaultyLink> links = site.cluster().links();
        return lasting(() -> links.forEach(change), () -> links.forEach(FaultyLink::heal));
    }

    private static Trouble lasting(Runnable begin, Runnable end) {
        return new Trouble() {
            @Override
            public void begin() {
                begin.run();
            }

            @Override
            public void end() {
                end.run();
            }
        };
    }

    private static Trouble stalls(HistorySite site, Duration length) {
        RedisProcess redis = site.redis();
        Duration rest = CYCLE.minus(length);
        return new Spells(redis::pause, redis::resume, () -> length, rest.compareTo(CALM) < 0 ? CALM : rest);
    }

    /** Its data is there again at once; the way to it is, when the time is over. */
    private static Trouble restarts(HistorySite site, Duration timeout) {
        List<FaultyLink> links = site.cluster().links();
        return new Spells(
                () -> {
                    links.forEach(FaultyLink::unplug);
                    site.redis().kill();
                    site.redis().restart();
                },
                () -> links.forEach(FaultyLink::heal),
                () -> times(timeout, 0.9),
                CALM.multipliedBy(2));
    }

    private static Trouble pauses(HistorySite site) {
        ContainerProcess node = site.cluster().nodes().get(1);
        Random random = new Random(1);
        Trouble spells = new Spells(
                node::pause,
                node::resume,
                () -> Duration.ofMillis(
                        SHORTEST_PAUSE_MILLIS + random.nextInt(LONGEST_PAUSE_MILLIS - SHORTEST_PAUSE_MILLIS + 1)),
                CALM);
        return new Trouble() {
            @Override
            public void begin() {
                spells.begin();
            }

            @Override
            public void atWorst(Runnable blow) {
                spells.atWorst(blow);
            }

            @Override
            public void end() {
                spells.end();
            }
        };
    }

    /** Twice as many threads as there are cores, and each of them is always busy. */
    private static Trouble burning() {
        List<Thread> threads = new ArrayList<>();
        AtomicLong turns = new AtomicLong();
        for (int i = 2 * Runtime.getRuntime().availableProcessors(); i > 0; i--) {
            Thread thread = new Thread(
                    () -> {
                        while (!Thread.currentThread().isInterrupted()) {
                            turns.incrementAndGet();
                        }
                    },
                    "burning");
            thread.setDaemon(true);
            threads.add(thread);
        }
        return lasting(() -> threads.forEach(Thread::start), () -> threads.forEach(Thread::interrupt));
    }
}
