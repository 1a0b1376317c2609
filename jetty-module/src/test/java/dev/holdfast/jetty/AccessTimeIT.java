package dev.holdfast.jetty;

import dev.holdfast.testing.AccessTimeContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LateServlet;
import dev.holdfast.testing.RedisProcess;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On embedded Jettys, which always tell the beginning of a request. */
class AccessTimeIT extends AccessTimeContract {
    private static RedisProcess redis;
    private static EmbeddedJetty n1;
    private static EmbeddedJetty n2;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        n1 = node("n1");
        n2 = node("n2");
    }

    private static EmbeddedJetty node(String name) {
        return new EmbeddedJetty(
                name, redis.uri(), Map.of(), context -> EmbeddedJetty.addServlet(context, "/late", new LateServlet()));
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
    }

    @Override
    protected HttpNode n1() {
        return n1;
    }

    @Override
    protected HttpNode n2() {
        return n2;
    }
}
