package dev.holdfast.history.run;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Trouble that comes and goes. */
final class Spells implements Trouble {
    private final Runnable come;
    private final Runnable go;
    private final Supplier<Duration> lengths;
    private final Duration calm;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicReference<Runnable> blow = new AtomicReference<>();
    private volatile long longest;
    private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);

    /**
     * Nothing happens yet.
     *
     * @param lengths from the begin of a spell to the moment in which {@code go} is called
     * @param calm after each of them
     */
    Spells(Runnable come, Runnable go, Supplier<Duration> lengths, Duration calm) {
        this.come = come;
        this.go = go;
        this.lengths = lengths;
        this.calm = calm;
    }

    @Override
    public void begin() {
        running = CompletableFuture.runAsync(this::spells, Spells::start);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "spells");
        thread.setDaemon(true);
        thread.start();
    }

    private void spells() {
        do {
            spell();
        } while (!passed(over, calm));
    }

    private void spell() {
        Duration length = lengths.get();
        long begin = System.nanoTime();
        come.run();
        try {
            pass(begin + length.toNanos() / 2);
            Runnable now = blow.getAndSet(null);
            if (now != null) {
                now.run();
            }
            pass(begin + length.toNanos());
        } finally {
            go.run();
            longest = Math.max(longest, System.nanoTime() - begin);
        }
    }

    /** How long a spell has lasted at most, from its begin until all was well. */
    @Override
    public Duration longest() {
        return Duration.ofNanos(longest);
    }

    private static void pass(long until) {
        passed(new CountDownLatch(1), Duration.ofNanos(Math.max(0, until - System.nanoTime())));
    }

    private static boolean passed(CountDownLatch latch, Duration time) {
        try {
            return latch.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    /** In the middle of the next spell. */
    @Override
    public void atWorst(Runnable harm) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        blow.set(() -> {
            harm.run();
            done.complete(null);
        });
        CompletableFuture.anyOf(done, running).join();
    }

    @Override
    public void end() {
        over.countDown();
        running.join();
    }
}
