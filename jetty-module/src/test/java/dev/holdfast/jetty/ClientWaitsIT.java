package dev.holdfast.jetty;

import dev.holdfast.testing.ClientWaitsContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.WaitingServlet;
import java.util.Map;
import org.eclipse.jetty.util.thread.ThreadPool.SizedThreadPool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On embedded Jettys with 24 threads, of which each needs some for itself. */
class ClientWaitsIT extends ClientWaitsContract {
    private static RedisProcess redis;
    private static EmbeddedJetty n1;
    private static EmbeddedJetty n2;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        n1 = node("n1", "off");
        n2 = node("n2", "on");
    }

    private static EmbeddedJetty node(String name, String parallel) {
        EmbeddedJetty node = new EmbeddedJetty(
                name,
                redis.uri(),
                Map.of("holdfast.parallel", parallel),
                context -> EmbeddedJetty.addServlet(context, "/page", new WaitingServlet()));
        ((SizedThreadPool) node.shop().getServer().getThreadPool()).setMaxThreads(24);
        return node;
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
    }

    @Override
    protected HttpNode queueing() {
        return n1;
    }

    @Override
    protected HttpNode open() {
        return n2;
    }
}
