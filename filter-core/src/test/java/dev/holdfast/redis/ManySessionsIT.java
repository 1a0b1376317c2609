package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.ExpiryStore.Claim;
import dev.holdfast.session.ExpiryStore.ClaimReply;
import dev.holdfast.session.ExpiryStore.Finish;
import dev.holdfast.session.ExpiryStore.FinishReply;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.StateVersion;
import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Whether what Holdfast asks of Redis costs the same however many sessions there are: times are printed, commands and
 * bytes are held against a small Redis. {@code -Dmany.sessions=1000000} fills it with a million, which takes some
 * minutes.
 */
class ManySessionsIT {
    private static final int MOST = Integer.getInteger("many.sessions", 30_000);
    private static final int LEAST = Math.min(10_000, MOST / 10);
    private static final int FILLERS = 4;
    private static final int SAMPLES = 2_000;
    private static final int DUE = 640;
    private static final int MAX_INACTIVE = 1800;
    private static final long PAST_ITS_DEADLINE =
            Duration.ofSeconds(MAX_INACTIVE).toMillis() + 301_000;

    private static final byte[] VALUE = new byte[100];
    private static final Map<String, byte[]> SMALL = Map.of("a:user", VALUE, "a:cart", VALUE, "a:view", VALUE);

    private static final Pattern CALLS = Pattern.compile("cmdstat_([^:]+):calls=(\\d+)");

    private final List<SessionId> stored = new ArrayList<>();

    /** What one size showed. */
    private record Figures(double bytes, double takeoverCommands, double sweepCommands) {}

    @Test
    void takeoverSweepAndMemoryOfASessionDoNotDependOnHowManyThereAre() throws Exception {
        new Random(1).nextBytes(VALUE);
        // Not audited: that reads every key, and the audit of the same calls is RedisSessionStoreIT's.
        try (RedisProcess redis = RedisProcess.start().unaudited();
                RedisServer server = RedisServer.connect(redis.uri(), Duration.ofSeconds(5))) {
            RedisSessionStore store = new RedisSessionStore(server, "shop");
            long empty = number(redis, "memory", "used_memory");
            Figures small = null;
            for (int size = LEAST; size <= MOST; size = size < MOST ? Math.min(size * 10, MOST) : MOST + 1) {
                fill(store, redis, size);
                Figures figures = measure(store, redis, empty);
                if (small == null) {
                    small = figures;
                }
                // Hash tables double: a moment after that, an entry of theirs has up to twice the room.
                assertThat(figures.bytes()).isBetween(small.bytes() * 0.8, small.bytes() * 1.25);
                // A command now and then is for the life of a key, or the trimming of a log.
                assertThat(figures.takeoverCommands()).isCloseTo(small.takeoverCommands(), withinPercentage(2));
                assertThat(figures.sweepCommands()).isCloseTo(small.sweepCommands(), withinPercentage(2));
            }
        }
    }

    private void fill(RedisSessionStore store, RedisProcess redis, int size) throws Exception {
        long start = System.nanoTime();
        double cpu = cpuSeconds(redis);
        int each = (size - stored.size() + FILLERS - 1) / FILLERS;
        int before = stored.size();
        inParallel(() -> {
            List<SessionId> mine = new ArrayList<>(each);
            for (int i = 0; i < each; i++) {
                mine.add(create(store, 0));
            }
            return mine;
        });
        int made = stored.size() - before;
        System.out.printf(
                "Many: %,d sessions, the last %,d made in %.1f s, %,.0f creations per second of Redis' processor%n",
                stored.size(), made, seconds(start), made / (cpuSeconds(redis) - cpu));
    }

    private Figures measure(RedisSessionStore store, RedisProcess redis, long empty) throws Exception {
        double bytes = (double) (number(redis, "memory", "used_memory") - empty) / stored.size();
        Random random = new Random(2);

        long commands = commands(redis);
        long[] nanos = new long[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            SessionId id = stored.get(random.nextInt(stored.size()));
            long start = System.nanoTime();
            takeOver(store, id);
            nanos[i] = System.nanoTime() - start;
        }
        double takeoverCommands = (double) (commands(redis) - commands) / SAMPLES;
        Arrays.sort(nanos);

        List<SessionId> due = new ArrayList<>();
        for (int i = 0; i < DUE; i++) {
            // In every shard as many, so that one look finds all of them.
            due.add(create(store, PAST_ITS_DEADLINE, shardedId(i % SessionId.SHARDS)));
        }
        commands = commands(redis);
        long start = System.nanoTime();
        List<SessionId> found = store.due(DUE, OneSession.budget()).sessions();
        double looked = seconds(start);
        assertThat(found).containsExactlyInAnyOrderElementsOf(due);
        end(store, found);
        double swept = seconds(start);
        double sweepCommands = (double) (commands(redis) - commands) / DUE;
        assertThat(store.due(DUE, OneSession.budget()).sessions()).isEmpty();

        System.out.printf(
                "Many: %,d sessions: %.0f bytes each; takeover %.0f us (median of %,d), %.0f us (99 of 100), %.2f commands;"
                        + " %d due found in %.1f ms, each ended in %.0f us and %.2f commands%n",
                stored.size(),
                bytes,
                nanos[SAMPLES / 2] / 1e3,
                SAMPLES,
                nanos[SAMPLES * 99 / 100] / 1e3,
                takeoverCommands,
                DUE,
                looked * 1e3,
                swept * 1e6 / DUE,
                sweepCommands);
        return new Figures(bytes, takeoverCommands, sweepCommands);
    }

    @Test
    void commandsOfOneProcessorOfRedis() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                RedisServer server = RedisServer.connect(redis.uri(), Duration.ofSeconds(5))) {
            RedisSessionStore store = new RedisSessionStore(server, "shop");
            int calls = Math.min(MOST, 50_000) / FILLERS;
            for (int i = 0; i < FILLERS; i++) {
                create(store, 0); // the scripts are known from here on
            }

            double changes = perProcessorSecond(redis, calls * FILLERS, () -> {
                SessionId id = SessionId.random();
                String stamp = RandomToken.next();
                Epoch epoch = create(store, id, stamp, 0);
                StateVersion base = StateVersion.NONE.next(stamp);
                for (int i = 0; i < calls; i++) {
                    base = change(store, id, base, epoch);
                }
                return List.of(id);
            });
            List<SessionId> ids = List.copyOf(stored);
            double takeovers = perProcessorSecond(redis, calls * FILLERS, () -> {
                for (int i = 0; i < calls; i++) {
                    takeOver(store, ids.get(i % ids.size()));
                }
                return List.of();
            });

            System.out.printf(
                    "Load: one processor of Redis makes %,.0f changes of 100 bytes, or %,.0f takeovers of 300 bytes, a second%n",
                    changes, takeovers);
            assertThat(changes).isPositive();
            assertThat(takeovers).isPositive();
        }
    }

    private double perProcessorSecond(RedisProcess redis, int calls, Callable<List<SessionId>> work) throws Exception {
        double before = cpuSeconds(redis);
        inParallel(work);
        return calls / (cpuSeconds(redis) - before);
    }

    // ---- the calls

    private static SessionId create(RedisSessionStore store, long useAgeMillis) {
        return create(store, useAgeMillis, SessionId.random());
    }

    private static SessionId create(RedisSessionStore store, long useAgeMillis, SessionId id) {
        create(store, id, RandomToken.next(), useAgeMillis);
        return id;
    }

    private static Epoch create(RedisSessionStore store, SessionId id, String stamp, long useAgeMillis) {
        Epoch epoch = Epoch.fresh("n1");
        Create create = new Create(id, "", stamp, epoch, RandomToken.next(), 0, MAX_INACTIVE, useAgeMillis, SMALL);
        require(store.create(create, OneSession.budget()).outcome());
        return epoch;
    }

    private static StateVersion change(RedisSessionStore store, SessionId id, StateVersion base, Epoch epoch) {
        String stamp = RandomToken.next();
        Commit commit = new Commit(
                id,
                "",
                base,
                stamp,
                epoch,
                Epoch.fresh("n1"),
                MAX_INACTIVE,
                0,
                Map.of("a:cart", VALUE),
                Set.of(),
                null);
        require(store.commit(commit, OneSession.budget()).outcome());
        return base.next(stamp);
    }

    private static void takeOver(RedisSessionStore store, SessionId id) {
        LoadReply reply = store.load(new Load(id, "", null, Epoch.fresh("n2"), null, 0), OneSession.budget());
        require(reply.outcome());
        assertThat(reply.snapshot().values()).hasSize(SMALL.size());
    }

    /** In batches of 20, as a node does. */
    private static void end(RedisSessionStore store, List<SessionId> due) {
        for (int first = 0; first < due.size(); first += 20) {
            List<SessionId> some = due.subList(first, Math.min(first + 20, due.size()));
            String token = RandomToken.next();
            List<ClaimReply> claimed = store.claim(
                    some.stream()
                            .map(id -> new Claim(id, "", token, "", PAST_ITS_DEADLINE, null))
                            .toList(),
                    OneSession.budget());
            claimed.forEach(reply -> require(reply.outcome()));
            List<FinishReply> finished = store.finish(
                    some.stream()
                            .map(id -> new Finish(id, "", token, MAX_INACTIVE))
                            .toList(),
                    OneSession.budget());
            finished.forEach(reply -> require(reply.outcome()));
        }
    }

    private static SessionId shardedId(int shard) {
        SessionId id = SessionId.random();
        while (id.shard() != shard) {
            id = SessionId.random();
        }
        return id;
    }

    private static void require(Outcome outcome) {
        assertThat(outcome).isEqualTo(Outcome.OK);
    }

    private void inParallel(Callable<List<SessionId>> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(FILLERS);
        try {
            List<Callable<List<SessionId>>> all = Collections.nCopies(FILLERS, work);
            for (Future<List<SessionId>> done : threads.invokeAll(all)) {
                stored.addAll(done.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    // ---- what Redis says of itself

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static double cpuSeconds(RedisProcess redis) {
        String info = redis.ask(jedis -> jedis.info("cpu"));
        return Double.parseDouble(value(info, "used_cpu_user")) + Double.parseDouble(value(info, "used_cpu_sys"));
    }

    /** Commands so far, those of scripts included, without the questions of this class. */
    private static long commands(RedisProcess redis) {
        Matcher matcher = CALLS.matcher(redis.ask(jedis -> jedis.info("commandstats")));
        long commands = 0;
        while (matcher.find()) {
            commands += matcher.group(1).equals("info") ? 0 : Long.parseLong(matcher.group(2));
        }
        return commands;
    }

    private static long number(RedisProcess redis, String section, String name) {
        return Long.parseLong(value(redis.ask(jedis -> jedis.info(section)), name));
    }

    private static String value(String info, String name) {
        Matcher matcher = Pattern.compile("(?m)^" + name + ":([0-9.]+)").matcher(info);
        assertThat(matcher.find()).as(name).isTrue();
        return matcher.group(1);
    }
}
