package dev.holdfast.tomcat;

import dev.holdfast.testing.AccessTimeContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LateServlet;
import dev.holdfast.testing.RedisProcess;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On Tomcats that tell the beginning of a request, as the Servlet specification has it; the default is its end. */
class AccessTimeIT extends AccessTimeContract {
    private static RedisProcess redis;
    private static EmbeddedNode n1;
    private static EmbeddedNode n2;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        n1 = node("n1");
        n2 = node("n2");
    }

    private static EmbeddedNode node(String name) {
        EmbeddedNode node = new EmbeddedNode(
                name, redis.uri(), Map.of(), context -> EmbeddedNode.addServlet(context, "/late", new LateServlet()));
        node.manager().setSessionLastAccessAtStart(true);
        return node;
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
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
