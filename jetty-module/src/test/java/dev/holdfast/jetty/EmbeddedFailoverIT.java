package dev.holdfast.jetty;

import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.FailoverContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two Jettys of one JVM, one Redis. */
class EmbeddedFailoverIT extends FailoverContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes =
            TwoNodes.start((name, redis) -> new EmbeddedJetty(name, redis, Map.of(), EmbeddedFailoverIT::shop));

    private static final EmbeddedJetty n1 = nodes.n1();
    private static final EmbeddedJetty n2 = nodes.n2();

    private static void shop(ServletContextHandler context) {
        EmbeddedJetty.addServlet(context, "/cart", new CartServlet());
    }

    @Override
    protected RedisProcess redis() {
        return nodes.redis();
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
