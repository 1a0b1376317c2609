package dev.holdfast.tomcat;

import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.testing.CatchingServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.StoreExceptionsContract;
import java.util.Map;
import org.apache.catalina.Context;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On embedded Tomcat. */
class StoreExceptionsIT extends StoreExceptionsContract {
    private static RedisProcess redis;
    private static EmbeddedNode node;
    private static EmbeddedNode other;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        node = node("n1");
        other = node("n2");
    }

    private static EmbeddedNode node(String name) {
        return new EmbeddedNode(
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

    private static void application(Context context) {
        context.addApplicationListener(CatchingServlet.Listener.class.getName());
        EmbeddedNode.addServlet(context, "/call", new CatchingServlet());
    }

    @Override
    protected RedisProcess redis() {
        return redis;
    }

    @Override
    protected HttpNode node() {
        return HttpNode.at("n1", node.uri("/").getPort());
    }

    @Override
    protected HttpNode otherNode() {
        return HttpNode.at("n2", other.uri("/").getPort());
    }

    @Override
    protected Class<? extends RuntimeException> refusal() {
        return SessionRefusedException.class;
    }
}
