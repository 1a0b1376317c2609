package dev.holdfast;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A thread for work of one application that may run the application's code: made when there is such work, gone when
 * there has been none for some seconds. So an application that hangs there holds up no other, and its class loader
 * stays with no thread that outlives it. Safe for use by many threads.
 */
final class ApplicationExecutor implements AutoCloseable {
    private static final long IDLE_SECONDS = 5;

    private final ThreadPoolExecutor turns;

    /**
     * @param work what it does, for the thread's name
     * @param name of the application, for the thread's name
     * @param loader the application's class loader
     */
    ApplicationExecutor(String work, String name, ClassLoader loader) {
        this.turns = new ThreadPoolExecutor(
                0,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                // What comes while the thread is at work may have come too late for it: it works once more behind that.
                new ArrayBlockingQueue<>(1),
                task -> {
                    Thread thread = new Thread(task, "holdfast-" + work + "-" + name);
                    thread.setDaemon(true);
                    thread.setContextClassLoader(loader);
                    return thread;
                },
                new ThreadPoolExecutor.DiscardPolicy());
    }

    /**
     * Lets the thread do a task that throws nothing: behind the one that it is at, if it is at one, and not at all if
     * one waits for that already or it is closed. Never waits.
     */
    void start(Runnable task) {
        turns.execute(task);
    }

    /** Takes no task any more; the one under way may go on. */
    @Override
    public void close() {
        turns.shutdown();
        turns.getQueue().clear();
    }
}
