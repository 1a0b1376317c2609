package dev.holdfast.tomcat;

import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.FailoverContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import java.util.Map;
import org.apache.catalina.Context;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two Tomcats of one JVM, one Redis. */
class EmbeddedFailoverIT extends FailoverContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes =
            TwoNodes.start((name, redis) -> new EmbeddedNode(name, redis, Map.of(), EmbeddedFailoverIT::shop));

    private static final EmbeddedNode n1 = nodes.n1();
    private static final EmbeddedNode n2 = nodes.n2();

    private static void shop(Context context) {
        EmbeddedNode.addServlet(context, "/cart", new CartServlet());
    }

    @Override
    protected RedisProcess redis() {
        return nodes.redis();
    }

    @Override
    protected HttpNode n1() {
        return n1.server();
    }

    @Override
    protected HttpNode n2() {
        return n2.server();
    }
}
