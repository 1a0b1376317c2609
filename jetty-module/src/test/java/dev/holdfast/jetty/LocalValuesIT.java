package dev.holdfast.jetty;

import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LocalValuesContract;
import dev.holdfast.testing.TwoNodes;
import dev.holdfast.testing.UnstorableServlet;
import java.net.URI;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Jetty. */
class LocalValuesIT extends LocalValuesContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes = TwoNodes.start(LocalValuesIT::node);

    private static EmbeddedJetty node(String name, URI redis) {
        return new EmbeddedJetty(name, redis, Map.of("holdfast.classes.allow", ALLOWED), LocalValuesIT::application);
    }

    private static void application(ServletContextHandler context) {
        EmbeddedJetty.addServlet(context, "/use", new UnstorableServlet());
    }

    @Override
    protected HttpNode node() {
        return nodes.n1();
    }

    @Override
    protected HttpNode otherNode() {
        return nodes.n2();
    }
}
