package dev.holdfast.session.model;

import dev.holdfast.session.request.RequestScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Threads as coroutines: exactly one runs at a time, and it runs until it pauses. So the order in which requests go on
 * is chosen, never left to chance.
 *
 * <p><b>Implementation note.</b> Whoever has the baton asks the conductor who goes on. If that is itself, nothing is
 * switched; else the baton is handed over directly. All is done by the holder of the baton; the volatile flag that
 * hands it over publishes what it did.
 */
final class ModelStrands implements AutoCloseable {
    /** Chooses who goes on. Called by the strand that pauses or ends, and by {@link #run}. */
    interface Conductor {
        /** The strand that goes on; null if the run is over. What is not done by a strand is done in here. */
        @Nullable
        Strand next();

        /** A strand ended with what it should not have thrown. */
        void failed(Strand strand, Throwable problem);
    }

    /**
     * Unwinds a strand whose run is over. Neither an Exception nor an Error, so that no code that bears those takes it
     * for one.
     */
    private static final class Abort extends Throwable {
        private static final long serialVersionUID = 1L;

        Abort() {
            super(null, null, false, false);
        }

        /** Throws one from code that may throw nothing that is checked. */
        @SuppressWarnings("unchecked") // to the compiler it is one that need not be declared
        private static <T extends Throwable> void raise() throws T {
            throw (T) new Abort();
        }
    }

    /** A piece of work that pauses. */
    static class Strand {
        private final ModelStrands strands;
        private final Runnable body;
        private @Nullable Worker worker;
        private boolean aborting;
        private boolean done;

        Strand(ModelStrands strands, Runnable body) {
            this.strands = strands;
            this.body = body;
        }

        boolean isDone() {
            return done;
        }

        /**
         * Lets the conductor choose who goes on; returns when it is this one's turn. To be called by the strand itself.
         */
        final void pause() {
            if (aborting) {
                Abort.<RuntimeException>raise();
            }
            Strand next = strands.conductor().next();
            if (next == this) {
                return;
            }
            Worker mine = worker();
            strands.hand(next);
            mine.awaitBaton();
            if (aborting) {
                Abort.<RuntimeException>raise();
            }
        }

        private Worker worker() {
            if (worker == null) {
                throw new IllegalStateException("Not started");
            }
            return worker;
        }
    }

    private final class Worker extends Thread {
        private volatile boolean baton;
        private @Nullable Strand strand;

        Worker() {
            super("model-strand");
            setDaemon(true);
        }

        void awaitBaton() {
            while (!baton) {
                LockSupport.park(this);
            }
            baton = false;
        }

        void giveBaton() {
            baton = true;
            LockSupport.unpark(this);
        }

        @Override
        public void run() {
            pinThread(cpu);
            while (true) {
                awaitBaton();
                Strand mine = strand;
                if (mine == null) {
                    return;
                }
                try {
                    mine.body.run();
                } catch (Throwable e) {
                    if (e instanceof Abort) {
                        mine.aborting = true;
                    } else {
                        conductor().failed(mine, e);
                    }
                }
                mine.done = true;
                strand = null;
                RequestScope.leave(null);
                idle.push(this);
                hand(mine.aborting ? null : conductor().next());
            }
        }
    }

    private final Deque<Worker> idle = new ArrayDeque<>();
    private final List<Strand> started = new ArrayList<>();
    private final String cpu = aCpu();
    private @Nullable Conductor conductor;
    private @Nullable Thread driver;
    private volatile boolean driversTurn;

    /** The strand whose thread calls; null if it is none. */
    static @Nullable Strand current() {
        return Thread.currentThread() instanceof Worker worker ? worker.strand : null;
    }

    /**
     * Runs strands until the conductor says that it is over; what is paused then is unwound. To be called by one
     * thread.
     */
    void run(Conductor chooser) {
        conductor = chooser;
        driver = Thread.currentThread();
        started.clear();
        Strand first = chooser.next();
        if (first != null) {
            switchTo(first);
        }
        for (Strand strand : started) {
            if (!strand.done) {
                strand.aborting = true;
                switchTo(strand);
            }
        }
    }

    private void switchTo(Strand strand) {
        driversTurn = false;
        hand(strand);
        while (!driversTurn) {
            LockSupport.park(this);
        }
    }

    private void hand(@Nullable Strand strand) {
        if (strand == null) {
            driversTurn = true;
            LockSupport.unpark(driver);
            return;
        }
        if (strand.worker == null) {
            Worker worker = idle.poll();
            if (worker == null) {
                worker = new Worker();
                worker.start();
            }
            strand.worker = worker;
            worker.strand = strand;
            started.add(strand);
        }
        strand.worker.giveBaton();
    }

    private Conductor conductor() {
        if (conductor == null) {
            throw new IllegalStateException("Nothing runs");
        }
        return conductor;
    }

    @Override
    public void close() {
        idle.forEach(Worker::giveBaton);
        idle.clear();
    }

    // ---- all on one processor: a baton that changes the processor costs more than twenty times as much

    /** Keeps the calling thread on the processor of the strands, where the system has a way to do so. */
    void pinThread() {
        pinThread(cpu);
    }

    /** The last that this JVM may use; the one before it, where it is the second one that runs tests, and so on. */
    private static String aCpu() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("Cpus_allowed_list:")) {
                    List<Integer> cpus = Stream.of(
                                    line.substring(line.indexOf(':') + 1).trim().split(",", -1))
                            .map(range -> range.split("-", -1))
                            .flatMap(ends -> IntStream.rangeClosed(
                                            Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
                                    .boxed())
                            .toList();
                    int jvm = Integer.getInteger("surefire.forkNumber", 1);
                    return cpus.get(Math.floorMod(-jvm, cpus.size())).toString();
                }
            }
        } catch (IOException e) {
            // another system: slower, and as right
        }
        return "";
    }

    private static void pinThread(String cpu) {
        if (cpu.isEmpty()) {
            return;
        }
        try {
            String thread =
                    Path.of("/proc/thread-self").toRealPath().getFileName().toString();
            new ProcessBuilder("taskset", "-p", "-c", cpu, thread)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            // no such tool: slower, and as right
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
