package dev.holdfast.jetty;

import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.FailoverContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Two Jettys of one JVM, one Redis. */
class EmbeddedFailoverIT extends FailoverContract {
    private static RedisProcess redis;
    private static EmbeddedJetty n1;
    private static EmbeddedJetty n2;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        n1 = new EmbeddedJetty("n1", redis.uri(), Map.of(), EmbeddedFailoverIT::shop);
        n2 = new EmbeddedJetty("n2", redis.uri(), Map.of(), EmbeddedFailoverIT::shop);
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
    }

    private static void shop(ServletContextHandler context) {
        EmbeddedJetty.addServlet(context, "/cart", new CartServlet());
    }

    @Override
    protected RedisProcess redis() {
        return redis;
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
