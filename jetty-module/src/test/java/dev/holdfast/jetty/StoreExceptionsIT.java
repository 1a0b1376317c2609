package dev.holdfast.jetty;

import dev.holdfast.session.SessionRefusedException;
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
    private static EmbeddedJetty other;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        node = node("n1");
        other = node("n2");
    }

    private static EmbeddedJetty node(String name) {
        return new EmbeddedJetty(
                name,
                redis.uri(),
                Map.of("holdfast.timeout", "500ms", "holdfast.outage", "refuse"),
                StoreExceptionsIT::application);
    }

    @AfterAll
    static void stop() {
        node.close();
        other.close();
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

    @Override
    protected HttpNode otherNode() {
        return other;
    }

    @Override
    protected Class<? extends RuntimeException> refusal() {
        return SessionRefusedException.class;
    }
}
