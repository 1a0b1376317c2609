package dev.holdfast.history.run;

import dev.holdfast.history.Event;
import dev.holdfast.history.Judge;
import dev.holdfast.history.Risk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Lets browsers of several kinds work with a cluster while faults happen, and has judged what they saw. */
public final class HistoryRun {
    private final Plan plan;
    private final Tally tally = new Tally();
    private final CountDownLatch end = new CountDownLatch(1);
    private final boolean balanced;
    private final Router router;
    private final Wire wire;
    private final NodeCounters counters;
    private final Faults faults;
    private final Random random;
    private final LongSupplier settled;

    private final Future<?> course;

    private HistoryRun(Cluster cluster, Plan plan, LongSupplier settled, Future<?> course) {
        this.plan = plan;
        this.balanced = cluster.balancer() != null;
        this.router = new Router(cluster.nodes());
        this.wire = new Wire(router, cluster.balancer(), tally);
        this.counters = new NodeCounters(cluster.nodes());
        this.faults = new Faults(cluster, router, tally, counters, end);
        this.random = new Random(plan.seed());
        this.settled = settled;
        this.course = course;
    }

    /** Takes as long as the plan says, and a little more for the last look. */
    public static Report of(Cluster cluster, Plan plan) {
        return during(CompletableFuture.completedFuture(null), cluster, plan);
    }

    /** The same with browsers that stay at work until that is done, too; five minutes at most. */
    public static Report during(Future<?> course, Cluster cluster, Plan plan) {
        return during(course, cluster, plan, () -> Long.MIN_VALUE);
    }

    /**
     * The same with nodes that go on while Redis is away.
     *
     * @param settled since when no node owes Redis anything any more, by {@link System#nanoTime}; asked at the end
     */
    public static Report during(Future<?> course, Cluster cluster, Plan plan, LongSupplier settled) {
        return new HistoryRun(cluster, plan, settled, course).run();
    }

    private Report run() {
        ExecutorService parallel = Executors.newCachedThreadPool();
        try {
            List<Visitor> visitors = visitors(parallel);
            List<Thread> threads = new ArrayList<>();
            visitors.forEach(visitor -> threads.add(start(visitor, "visitor")));
            List<Fault> kinds = List.copyOf(plan.faults());
            int sources = kinds.isEmpty() ? 0 : Math.min(2, kinds.size());
            for (int i = 0; i < sources; i++) {
                Random own = new Random(random.nextLong());
                threads.add(start(() -> faults.run(kinds, own), "faults"));
            }
            waitForTheEnd(threads);
            faults.heal();
            visitors.forEach(Visitor::lookOnceMore);
        } finally {
            end.countDown();
            faults.heal();
            parallel.shutdown();
        }
        List<Event> events = List.copyOf(wire.record());
        return new Report(plan, events, tally, counters.all(), Judge.judge(Risk.judged(events, settled.getAsLong())));
    }

    private List<Visitor> visitors(ExecutorService parallel) {
        List<Visitor> visitors = new ArrayList<>();
        for (int i = 1; i <= plan.browsers(); i++) {
            visitors.add(visitor("sticky" + i, Cluster.STICKY, Router.Way.BY_COOKIE, parallel));
            visitors.add(visitor("astray" + i, Cluster.STICKY, Router.Way.RANDOM, parallel));
            visitors.add(visitor("roaming" + i, Cluster.ROAMING, Router.Way.IN_TURN, parallel));
            if (balanced) {
                visitors.add(visitor("balanced" + i, Cluster.STICKY, Router.Way.BY_BALANCER, parallel));
            }
        }
        return visitors;
    }

    private Visitor visitor(String name, String application, Router.Way way, ExecutorService parallel) {
        String unique = Long.toString(plan.seed()) + "-" + name;
        return new Visitor(
                unique, application, way, wire, tally, parallel, end, new Random(random.nextLong()), plan.pace());
    }

    private static Thread start(Runnable work, String name) {
        Thread thread = new Thread(work, "history-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void waitForTheEnd(List<Thread> threads) {
        try {
            if (end.await(plan.time().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("Nobody else ends the run");
            }
            awaitCourse();
            end.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    private void awaitCourse() throws InterruptedException {
        try {
            course.get(5, TimeUnit.MINUTES);
        } catch (ExecutionException | TimeoutException e) {
            return; // a matter for whoever set it going
        }
    }
}
