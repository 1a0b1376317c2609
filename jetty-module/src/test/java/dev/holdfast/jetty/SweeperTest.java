package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Filter;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.util.thread.ThreadPool;
import org.junit.jupiter.api.Test;

class SweeperTest {
    private final Deque<Runnable> scheduled = new ArrayDeque<>();

    /** Nothing runs before the test says so. */
    private final Scheduler scheduler = new ScheduledExecutorScheduler() {
        @Override
        public Task schedule(Runnable task, long delay, TimeUnit unit) {
            scheduled.add(task);
            return () -> scheduled.remove(task);
        }
    };

    /** Runs all on the thread that asks. */
    private static final class Direct implements ThreadPool {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void join() {}

        @Override
        public int getThreads() {
            return 1;
        }

        @Override
        public int getIdleThreads() {
            return 1;
        }

        @Override
        public boolean isLowOnThreads() {
            return false;
        }
    }

    @Test
    void searchThatFailsIsToldAndGoesOn() {
        List<String> lines = new ArrayList<>();
        Logger logger = Logger.getLogger("dev.holdfast.jetty.HoldfastSessionCache");
        Filter before = logger.getFilter();
        logger.setFilter(line -> {
            lines.add(new SimpleFormatter().formatMessage(line));
            return false;
        });
        Sweeper sweeper = new Sweeper(new Server(new Direct(), scheduler, null), () -> {
            throw new NoClassDefFoundError("com/shop/Audit");
        });
        sweeper.schedule();
        try {
            scheduled.remove().run();
        } finally {
            logger.setFilter(before);
        }

        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith("HF-121: Idle sessions could not be ended, they are asked for again in a while [");
        assertThat(scheduled).as("the next search").hasSize(1);
        sweeper.stop();
        assertThat(scheduled).isEmpty();
    }
}
