package dev.holdfast.history.run;

import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.FaultyLink;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Makes faults happen until the run ends; several threads may do so with one of these. */
final class Faults {
    private static final int LONGEST_CALM_MILLIS = 600;
    private static final int LONGEST_PAUSE_MILLIS = 5_000;
    private static final Duration WAIT_FOR_WORK = Duration.ofMillis(500);

    /** How long all nodes are to be there before one is killed again: with one node alone not much can go wrong. */
    private static final Duration TOGETHER = Duration.ofSeconds(3);

    /**
     * What happens next. It follows from the seed alone: what comes after it does not depend on how it went.
     *
     * @param calmMillis before it
     * @param node the number of the one that it happens to
     * @param random for all that is left to chance in it
     */
    record Strike(int calmMillis, Fault fault, int node, Random random) {
        static Strike any(List<Fault> faults, int nodes, Random random) {
            return new Strike(
                    random.nextInt(LONGEST_CALM_MILLIS),
                    faults.get(random.nextInt(faults.size())),
                    random.nextInt(nodes),
                    new Random(random.nextLong()));
        }
    }

    private final Cluster cluster;
    private final Router router;
    private final Tally tally;
    private final NodeCounters counters;
    private final CountDownLatch end;
    private volatile long revived;
    private final List<Lock> locks;
    private final AtomicReference<CompletableFuture<Void>> revival =
            new AtomicReference<>(CompletableFuture.completedFuture(null));

    Faults(Cluster cluster, Router router, Tally tally, NodeCounters counters, CountDownLatch end) {
        this.cluster = cluster;
        this.router = router;
        this.tally = tally;
        this.counters = counters;
        this.end = end;
        this.revived = System.nanoTime() - TOGETHER.toNanos();
        this.locks =
                cluster.nodes().stream().map(node -> (Lock) new ReentrantLock()).toList();
    }

    /** Lets these faults happen, one after the other, each as often as chance wants. */
    void run(List<Fault> faults, Random random) {
        try {
            while (true) {
                Strike next = Strike.any(faults, cluster.nodes().size(), random);
                if (rest(next.calmMillis())) {
                    return;
                }
                strike(next.fault(), next.node(), next.random());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until all nodes are back, and makes everything well again. */
    void heal() {
        router.flip(false);
        cluster.links().forEach(FaultyLink::heal);
        revival.get().join();
    }

    private void strike(Fault fault, int index, Random random) throws InterruptedException {
        FaultyLink link = cluster.links().get(index);
        switch (fault) {
            case KILL -> kill(index);
            case PAUSE -> pause(index, random);
            case SUCCEED -> succeed(index, random);
            case FLIP -> {
                router.flip(true);
                rest(20 + random.nextInt(400));
                router.flip(false);
            }
            case CUT -> link.cut();
            case TEAR -> link.tearReplies(1 + random.nextInt(3));
            case LOSE_REPLY -> link.loseReplies(1 + random.nextInt(3));
            case SLOW -> {
                link.slow(Duration.ofMillis(20 + random.nextInt(400)));
                rest(300 + random.nextInt(1_200));
                link.slow(Duration.ZERO);
            }
            case LATE_COMMAND -> {
                link.stall();
                rest(300 + random.nextInt(1_700));
                link.heal();
            }
        }
        if (fault != Fault.KILL && fault != Fault.PAUSE && fault != Fault.SUCCEED) {
            tally.count(fault);
        }
    }

    private boolean rest(int millis) throws InterruptedException {
        return end.await(millis, TimeUnit.MILLISECONDS);
    }

    private void kill(int index) throws InterruptedException {
        if (!revival.get().isDone() || !locks.get(index).tryLock()) {
            return; // one at a time: somebody has to serve
        }
        if (System.nanoTime() - revived < TOGETHER.toNanos()) {
            locks.get(index).unlock();
            return;
        }
        try {
            ContainerProcess node = cluster.nodes().get(index);
            counters.ask(node);
            long patience = System.nanoTime() + WAIT_FOR_WORK.toNanos();
            while (router.underWay(node).get() == 0 && System.nanoTime() < patience && !rest(2)) {
                // An idle node has nothing to lose.
            }
            node.killNow();
            node.awaitDeath();
            tally.count(Fault.KILL);
            counters.died(node);
            revival.set(CompletableFuture.runAsync(node::restart).thenRun(() -> revived = System.nanoTime()));
        } finally {
            locks.get(index).unlock();
        }
    }

    /** Takes 15 seconds or so: the successor waits until the entry of the paused node has run out. */
    private void succeed(int index, Random random) throws InterruptedException {
        CompletableFuture<Void> over = new CompletableFuture<>();
        CompletableFuture<Void> before = revival.get();
        if (cluster.successors().isEmpty()
                || !before.isDone()
                || !locks.get(index).tryLock()) {
            return;
        }
        if (!revival.compareAndSet(before, over)) { // until then the other one is not killed
            locks.get(index).unlock();
            return;
        }
        ContainerProcess node = cluster.nodes().get(index);
        ContainerProcess successor = cluster.successors().get(index);
        try {
            router.takeOut(node);
            node.pause();
            successor.launch();
            successor.awaitAnswer();
            router.bear(node, List.of(successor));
            if (!rest(1_000 + random.nextInt(3_000))) {
                tally.count(Fault.SUCCEED);
            }
            node.resume();
            router.bear(node, List.of(node, successor));
            rest(2_000 + random.nextInt(3_000));
        } finally {
            router.putBack(node);
            node.resume();
            successor.kill();
            revived = System.nanoTime();
            over.complete(null);
            locks.get(index).unlock();
        }
    }

    private void pause(int index, Random random) throws InterruptedException {
        if (!locks.get(index).tryLock()) {
            return;
        }
        try {
            ContainerProcess node = cluster.nodes().get(index);
            if (!revival.get().isDone()) {
                return; // a pause that is longer than a start has patience for proves nothing
            }
            int longest = random.nextInt(6) == 0 ? LONGEST_PAUSE_MILLIS : LONGEST_PAUSE_MILLIS / 4;
            node.pause();
            try {
                tally.count(Fault.PAUSE);
                rest(100 + random.nextInt(longest - 100));
            } finally {
                node.resume();
            }
        } finally {
            locks.get(index).unlock();
        }
    }
}
