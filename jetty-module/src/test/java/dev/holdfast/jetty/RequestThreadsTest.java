package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.util.thread.ExecutorThreadPool;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ThreadPool;
import org.junit.jupiter.api.Test;

/** How many threads serve requests, from whatever pool they come: a bound for what may wait. */
class RequestThreadsTest {
    @Test
    void theThreadsOfAPoolThatTellsAreKnown() {
        assertThat(new JettyServer(new Server(new QueuedThreadPool(17)), new ContextHandler()).requestThreads())
                .isEqualTo(17);
        assertThat(new JettyServer(new Server(new ExecutorThreadPool(23)), new ContextHandler()).requestThreads())
                .isEqualTo(23);
    }

    @Test
    void ofAPoolThatDoesNotTellNothingIsKnown() {
        ThreadPool silent = new ThreadPool() {
            @Override
            public void execute(Runnable job) {
                job.run();
            }

            @Override
            public void join() {}

            @Override
            public int getThreads() {
                return 1;
            }

            @Override
            public int getIdleThreads() {
                return 0;
            }

            @Override
            public boolean isLowOnThreads() {
                return false;
            }
        };
        assertThat(new JettyServer(new Server(silent), new ContextHandler()).requestThreads())
                .isZero();
    }
}
