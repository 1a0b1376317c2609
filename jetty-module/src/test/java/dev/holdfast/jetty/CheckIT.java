package dev.holdfast.jetty;

import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.CheckContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.TwoNodes;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The command {@code check} of the JAR for Jetty, with two Jettys of one JVM. */
class CheckIT extends CheckContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes =
            TwoNodes.start((name, redis) -> new EmbeddedJetty(name, redis, Map.of(), CheckIT::shop));

    /** Without HttpOnly, Jetty's default, all of it would be a finding. */
    private static void shop(ServletContextHandler context) {
        context.getSessionHandler().setHttpOnly(true);
        EmbeddedJetty.addServlet(context, "/cart", new CartServlet());
    }

    @Override
    protected HttpNode n1() {
        return nodes.n1();
    }

    @Override
    protected HttpNode n2() {
        return nodes.n2();
    }
}
