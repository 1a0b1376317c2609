package dev.holdfast.tomcat;

import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.FailoverContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import java.util.Map;
import org.apache.catalina.Context;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Two Tomcats of one JVM, one Redis. */
class EmbeddedFailoverIT extends FailoverContract {
    private static RedisProcess redis;
    private static EmbeddedNode n1;
    private static EmbeddedNode n2;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        n1 = new EmbeddedNode("n1", redis.uri(), Map.of(), EmbeddedFailoverIT::shop);
        n2 = new EmbeddedNode("n2", redis.uri(), Map.of(), EmbeddedFailoverIT::shop);
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
    }

    private static void shop(Context context) {
        EmbeddedNode.addServlet(context, "/cart", new CartServlet());
    }

    @Override
    protected RedisProcess redis() {
        return redis;
    }

    @Override
    protected HttpNode n1() {
        return HttpNode.at("n1", n1.uri("/").getPort());
    }

    @Override
    protected HttpNode n2() {
        return HttpNode.at("n2", n2.uri("/").getPort());
    }
}
