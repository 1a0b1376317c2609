package dev.holdfast.jetty;

import dev.holdfast.testing.CatchingServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.StoreExceptionsContract;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On embedded Jetty. */
class StoreExceptionsIT extends StoreExceptionsContract {
    private static RedisProcess redis;
    private static EmbeddedJetty node;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        node = new EmbeddedJetty(
                "n1",
                redis.uri(),
                Map.of("holdfast.timeout", "500ms", "holdfast.outage", "refuse"),
                StoreExceptionsIT::application);
    }

    @AfterAll
    static void stop() {
        node.close();
        redis.close();
    }

    private static void application(ServletContextHandler context) {
        context.addEventListener(new CatchingServlet.Listener());
        EmbeddedJetty.addServlet(context, "/call", new CatchingServlet());
    }

    @Override
    protected RedisProcess redis() {
        return redis;
    }

    @Override
    protected HttpNode node() {
        return node;
    }
}
