package dev.holdfast.session.model;

import dev.holdfast.session.RateLimitedLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Explores all orders in which the steps of a {@link ModelScenario} can come, over the real protocol code.
 *
 * <p><b>Implementation note.</b> A state holds threads in the middle of a call, so it cannot be copied: it is made
 * again by taking the same steps from the start. What was visited is known by 64 bits of its fingerprint; with two
 * million states two of them share one with a probability of about 1 in 10 million.
 */
final class ModelSearch {
    /** A first look at any violation costs its depth in steps, so this is far more than any needs. */
    private static final int DEEPEST = 400;

    private static final int WIDEST = 64;

    /**
     * What a search found.
     *
     * @param complete whether all states were visited
     * @param executions runs from the start
     * @param depth steps of the longest run
     * @param violation null if no promise was broken
     * @param trace the steps that broke it
     * @param ends states in which all requests are over
     * @param refusing ends with a refused request
     */
    record Result(
            ModelScenario scenario,
            boolean complete,
            long states,
            long executions,
            int depth,
            long ends,
            long refusing,
            Map<ModelJudge.Limit, Long> limits,
            @Nullable String violation,
            List<String> trace,
            long millis) {
        @Override
        public String toString() {
            return String.format(
                    "model: %s: %,d states%s, %,d executions, depth %d, %,d ends, %,d with 503, %.1f s%s%s",
                    scenario,
                    states,
                    complete ? " complete" : " cut",
                    executions,
                    depth,
                    ends,
                    refusing,
                    millis / 1000.0,
                    limits.isEmpty() ? "" : ", limits " + limits,
                    violation == null ? "" : "\n  VIOLATION " + violation + "\n    " + String.join("\n    ", trace));
        }
    }

    private final ModelScenario scenario;
    private final ModelFingerprint print = new ModelFingerprint(ModelWorld.ID.shard());
    private final LongSet visited = new LongSet();
    private final int[] found = new int[WIDEST];
    private final Map<ModelJudge.Limit, Long> limits = new EnumMap<>(ModelJudge.Limit.class);
    private long states;
    private long executions;
    private long ends;
    private long refusing;
    private int depth;
    private @Nullable String violation;
    private List<String> trace = List.of();

    ModelSearch(ModelScenario scenario) {
        this.scenario = scenario;
    }

    /** Depth first: as few executions as can be, and any trace. */
    Result all(long mostStates) {
        return quietly(() -> depthFirst(mostStates));
    }

    /** Breadth first: the shortest trace. */
    Result shortest(long mostStates) {
        return quietly(() -> breadthFirst(mostStates));
    }

    /**
     * Runs from the start to the end that take any step that is possible. Where all states are too many, this sees more
     * kinds of orders than {@link #all} does, which varies the last steps first.
     */
    Result walks(int number, long seed) {
        return quietly(() -> walk(number, new Random(seed), new ArrayList<>()));
    }

    /** The fingerprints of all states of such runs, in their order, with how many steps were possible in each. */
    List<Long> courseOf(int number, long seed) {
        List<Long> course = new ArrayList<>();
        quietly(() -> walk(number, new Random(seed), course));
        return course;
    }

    /** Takes the steps that the scenario says come first, each of which must be possible, and no others. */
    Result replayed() {
        return quietly(this::replay);
    }

    /**
     * Takes the steps that the scenario says come first, but for those that are not possible, as some are not if a rule
     * stands in their way; then ends each request in its order, with nothing failing any more.
     */
    Result replayedAsFarAsPossible() {
        return quietly(this::replayAsFarAsPossible);
    }

    private interface Exploration {
        boolean explore();
    }

    private Result quietly(Exploration exploration) {
        // Requests of a search are refused hundreds of thousands of times.
        Logger logger = Logger.getLogger(RateLimitedLog.class.getPackageName());
        Level level = logger.getLevel();
        logger.setLevel(Level.OFF);
        long start = System.nanoTime();
        boolean[] complete = new boolean[1];
        Throwable[] problem = new Throwable[1];
        // A thread of its own: it is bound to one processor.
        Thread thread = new Thread(() -> complete[0] = exploration.explore(), "model-search");
        thread.setUncaughtExceptionHandler((t, e) -> problem[0] = e);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            logger.setLevel(level);
        }
        if (problem[0] != null) {
            throw new IllegalStateException(scenario + ": the search itself failed", problem[0]);
        }
        return new Result(
                scenario,
                complete[0] && violation == null,
                states,
                executions,
                depth,
                ends,
                refusing,
                limits,
                violation,
                trace,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    private ModelWorld execute(ModelStrands strands, ModelWorld.Chooser chooser) {
        executions++;
        ModelWorld world = new ModelWorld(scenario, strands, print, chooser);
        world.run();
        return world;
    }

    /**
     * Whether a state was reached that nobody visited before and that has steps behind it; they are in {@link #found}
     * then.
     */
    private int visit(ModelWorld world) {
        if (!visited.add(world.fingerprint())) {
            return 0;
        }
        states++;
        return judged(world);
    }

    /** How many steps are behind a state; they are in {@link #found} then. */
    private int judged(ModelWorld world) {
        int n = world.steps(found);
        if (world.isOver()) {
            world.judge().over();
            if (n == 0) {
                world.judge().settled();
                ends++;
                if (world.requests().stream().anyMatch(r -> r.status == ModelRequest.Status.REFUSED)) {
                    refusing++;
                }
                world.judge().limits().forEach((limit, times) -> limits.merge(limit, 1L, Long::sum));
            }
        }
        return n;
    }

    private boolean depthFirst(long mostStates) {
        int[][] rest = new int[DEEPEST][];
        int[] left = new int[DEEPEST];
        int[] end = {0};
        try (ModelStrands strands = new ModelStrands()) {
            strands.pinThread();
            int[] prepared = prepare(strands);
            int[] path = Arrays.copyOf(prepared, DEEPEST);
            int[] given = {prepared.length};
            while (true) {
                int[] at = {0};
                ModelWorld world = execute(strands, w -> {
                    if (w.judge().violation() != null) {
                        return -1;
                    }
                    if (at[0] < given[0]) {
                        return path[at[0]++];
                    }
                    int n = visit(w);
                    if (n == 0 || w.judge().violation() != null) {
                        return -1;
                    }
                    rest[at[0]] = Arrays.copyOf(found, n);
                    left[at[0]] = n - 1;
                    path[at[0]] = found[n - 1];
                    return path[at[0]++];
                });
                end[0] = at[0];
                depth = Math.max(depth, end[0]);
                if (world.judge().violation() != null) {
                    tell(strands, Arrays.copyOf(path, end[0]), world.judge());
                    return false;
                }
                if (states >= mostStates) {
                    return false;
                }
                int back = end[0] - 1;
                while (back >= 0 && left[back] == 0) {
                    back--;
                }
                if (back < 0) {
                    return true;
                }
                path[back] = rest[back][--left[back]];
                given[0] = back + 1;
            }
        }
    }

    private boolean walk(int number, Random random, List<Long> course) {
        int[] path = new int[DEEPEST];
        try (ModelStrands strands = new ModelStrands()) {
            strands.pinThread();
            for (int i = 0; i < number; i++) {
                int[] length = {0};
                ModelWorld world = execute(strands, w -> {
                    long fingerprint = w.fingerprint();
                    if (visited.add(fingerprint)) {
                        states++;
                    }
                    int n = w.judge().violation() != null ? 0 : judged(w);
                    course.add(fingerprint);
                    course.add((long) n);
                    if (n == 0 || length[0] == DEEPEST || w.judge().violation() != null) {
                        return -1;
                    }
                    path[length[0]] = found[random.nextInt(n)];
                    return path[length[0]++];
                });
                depth = Math.max(depth, length[0]);
                if (world.judge().violation() != null) {
                    tell(strands, Arrays.copyOf(path, length[0]), world.judge());
                    return false;
                }
            }
        }
        return false;
    }

    /** A state and the step that led to it. */
    private record Visited(int before, int step, int depth) {}

    private boolean breadthFirst(long mostStates) {
        List<Visited> all = new ArrayList<>();
        List<int[]> steps = new ArrayList<>();
        try (ModelStrands strands = new ModelStrands()) {
            strands.pinThread();
            int[] prepared = prepare(strands);
            if (!tryPath(strands, prepared, all, steps, -1)) {
                return false;
            }
            for (int state = 0; state < all.size(); state++) {
                int[] path = pathTo(all, state, prepared);
                for (int step : steps.get(state)) {
                    path[path.length - 1] = step;
                    if (!tryPath(strands, path, all, steps, state)) {
                        return false;
                    }
                    if (states >= mostStates) {
                        return false;
                    }
                }
                steps.set(state, new int[0]);
            }
            return true;
        }
    }

    /** False if a promise was broken. */
    private boolean tryPath(ModelStrands strands, int[] path, List<Visited> all, List<int[]> steps, int before) {
        int[] at = {0};
        ModelWorld world = execute(strands, w -> {
            if (w.judge().violation() != null) {
                return -1;
            }
            if (at[0] < path.length) {
                return path[at[0]++];
            }
            long known = states;
            int n = visit(w);
            if (states > known) {
                all.add(new Visited(before, path.length == 0 ? -1 : path[path.length - 1], path.length));
                steps.add(Arrays.copyOf(found, n));
            }
            return -1;
        });
        depth = Math.max(depth, path.length);
        if (world.judge().violation() != null) {
            tell(strands, path, world.judge());
            return false;
        }
        return true;
    }

    /** The steps to a state, and room for one more. */
    private static int[] pathTo(List<Visited> all, int state, int[] prepared) {
        int[] path = Arrays.copyOf(prepared, all.get(state).depth() + 1);
        int at = state;
        for (int i = path.length - 2; i >= prepared.length; i--) {
            path[i] = all.get(at).step();
            at = all.get(at).before();
        }
        return path;
    }

    /** The steps that the scenario says come first. */
    private int[] prepare(ModelStrands strands) {
        int[] path = new int[scenario.prepared().size()];
        ModelWorld world = execute(strands, named(scenario.prepared(), path));
        if (world.judge().violation() != null) {
            throw new IllegalStateException(scenario + ": " + world.judge().violation());
        }
        return path;
    }

    /** Takes steps by their names, and notes their numbers. */
    private ModelWorld.Chooser named(List<String> names, int[] numbers) {
        int[] at = {0};
        return w -> {
            if (w.judge().violation() != null || at[0] == names.size()) {
                return -1;
            }
            String name = names.get(at[0]);
            List<String> possible = new ArrayList<>();
            int n = w.steps(found);
            for (int i = 0; i < n; i++) {
                possible.add(w.describe(found[i]));
                if (possible.get(i).equals(name)) {
                    numbers[at[0]++] = found[i];
                    return found[i];
                }
            }
            w.judge().violated("Step " + (at[0] + 1) + ", \"" + name + "\", is not possible, only " + possible);
            return -1;
        };
    }

    private void tell(ModelStrands strands, int[] path, ModelJudge judge) {
        violation = judge.violation();
        trace = words(strands, path);
    }

    private boolean replay() {
        try (ModelStrands strands = new ModelStrands()) {
            ModelWorld world = execute(
                    strands,
                    named(scenario.prepared(), new int[scenario.prepared().size()]));
            if (world.isOver()) {
                world.judge().over();
            }
            world.judge().limits().forEach((limit, times) -> limits.merge(limit, 1L, Long::sum));
            violation = world.judge().violation();
            trace = scenario.prepared();
            return true;
        }
    }

    private boolean replayAsFarAsPossible() {
        List<String> taken = new ArrayList<>();
        try (ModelStrands strands = new ModelStrands()) {
            int[] at = {0};
            ModelWorld world = execute(strands, w -> {
                if (w.judge().violation() != null) {
                    return -1;
                }
                int n = w.steps(found);
                while (at[0] < scenario.prepared().size()) {
                    String name = scenario.prepared().get(at[0]++);
                    for (int i = 0; i < n; i++) {
                        if (w.describe(found[i]).equals(name)) {
                            taken.add(name);
                            return found[i];
                        }
                    }
                }
                for (int i = 0; i < n; i++) {
                    int step = found[(i + taken.size()) % n]; // all by turns: one node may wait for the other
                    if (ModelWorld.isOrdinary(step)) {
                        taken.add(w.describe(step));
                        return step;
                    }
                }
                return -1;
            });
            if (!world.isOver()) {
                world.judge().violated("Some requests never end");
            }
            world.judge().over();
            world.judge().limits().forEach((limit, times) -> limits.merge(limit, 1L, Long::sum));
            violation = world.judge().violation();
            trace = taken;
            return true;
        }
    }

    /**
     * What a comparison of states that have one fingerprint found.
     *
     * @param different for pairs that do not go on alike, how each came to be
     */
    record Futures(long compared, List<String> different) {}

    /** Compares the futures of one in so many pairs of states that have one fingerprint. */
    Futures futures(int oneIn) {
        List<String> different = new ArrayList<>();
        long[] compared = new long[1];
        quietly(() -> {
            Map<Long, int[]> first = new HashMap<>();
            Deque<int[]> toDo = new ArrayDeque<>(List.of(new int[0]));
            int pairs = 0;
            try (ModelStrands strands = new ModelStrands()) {
                strands.pinThread();
                while (!toDo.isEmpty() && states < 30_000) {
                    int[] path = toDo.remove();
                    int[] steps = new int[1 + WIDEST];
                    long mark = look(strands, path, steps);
                    int[] known = first.putIfAbsent(mark, path);
                    if (known == null) {
                        states++;
                        for (int i = 1; i <= steps[0]; i++) {
                            toDo.add(with(path, steps[i]));
                        }
                    } else if (++pairs % oneIn == 0) {
                        compared[0]++;
                        if (!future(strands, known).equals(future(strands, path))) {
                            different.add(words(strands, known) + " but " + words(strands, path));
                        }
                    }
                }
            }
            return true;
        });
        return new Futures(compared[0], different);
    }

    private static int[] with(int[] path, int step) {
        int[] longer = Arrays.copyOf(path, path.length + 1);
        longer[path.length] = step;
        return longer;
    }

    /** The fingerprint of the state behind a path; {@code steps} gets the number of what may follow, and what. */
    private long look(ModelStrands strands, int[] path, int[] steps) {
        int[] at = {0};
        long[] mark = new long[1];
        execute(strands, w -> {
            if (at[0] < path.length) {
                return path[at[0]++];
            }
            mark[0] = w.fingerprint();
            steps[0] = w.judge().violation() == null ? w.steps(found) : 0;
            System.arraycopy(found, 0, steps, 1, steps[0]);
            return -1;
        });
        return mark[0];
    }

    private Map<Integer, Long> future(ModelStrands strands, int[] path) {
        int[] steps = new int[1 + WIDEST];
        look(strands, path, steps);
        Map<Integer, Long> after = new TreeMap<>();
        for (int i = 1; i <= steps[0]; i++) {
            after.put(steps[i], look(strands, with(path, steps[i]), new int[1 + WIDEST]));
        }
        return after;
    }

    private List<String> words(ModelStrands strands, int[] path) {
        List<String> words = new ArrayList<>();
        int[] at = {0};
        execute(strands, w -> {
            if (at[0] == path.length) {
                return -1;
            }
            words.add(w.describe(path[at[0]]));
            return path[at[0]++];
        });
        return words;
    }

    /** A set of numbers that grows. */
    private static final class LongSet {
        private long[] table = new long[1 << 16];
        private int size;

        boolean add(long number) {
            long value = number == 0 ? 1 : number;
            int i = index(value, table.length);
            while (table[i] != 0) {
                if (table[i] == value) {
                    return false;
                }
                i = (i + 1) & (table.length - 1);
            }
            table[i] = value;
            if (++size * 2 > table.length) {
                grow();
            }
            return true;
        }

        private static int index(long value, int length) {
            return (int) ((value * 0x9E3779B97F4A7C15L) >>> 32) & (length - 1);
        }

        private void grow() {
            long[] old = table;
            table = new long[old.length * 2];
            for (long value : old) {
                if (value != 0) {
                    int i = index(value, table.length);
                    while (table[i] != 0) {
                        i = (i + 1) & (table.length - 1);
                    }
                    table[i] = value;
                }
            }
        }
    }
}
