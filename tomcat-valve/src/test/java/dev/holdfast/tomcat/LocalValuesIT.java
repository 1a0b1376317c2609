package dev.holdfast.tomcat;

import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LocalValuesContract;
import dev.holdfast.testing.TwoNodes;
import dev.holdfast.testing.UnstorableServlet;
import java.net.URI;
import java.util.Map;
import org.apache.catalina.Context;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Tomcat. */
class LocalValuesIT extends LocalValuesContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start(LocalValuesIT::node);

    private static EmbeddedNode node(String name, URI redis) {
        return new EmbeddedNode(name, redis, Map.of("holdfast.classes.allow", ALLOWED), LocalValuesIT::application);
    }

    private static void application(Context context) {
        EmbeddedNode.addServlet(context, "/use", new UnstorableServlet());
    }

    @Override
    protected HttpNode node() {
        return nodes.n1().server();
    }

    @Override
    protected HttpNode otherNode() {
        return nodes.n2().server();
    }
}
