package dev.holdfast.tomcat;

import dev.holdfast.testing.AccessTimeContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LateServlet;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On Tomcats that tell the beginning of a request, as the Servlet specification has it; the default is its end. */
class AccessTimeIT extends AccessTimeContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start(AccessTimeIT::node);

    private static final EmbeddedNode n1 = nodes.n1();
    private static final EmbeddedNode n2 = nodes.n2();

    private static EmbeddedNode node(String name, URI redis) {
        EmbeddedNode node = new EmbeddedNode(
                name, redis, Map.of(), context -> EmbeddedNode.addServlet(context, "/late", new LateServlet()));
        node.manager().setSessionLastAccessAtStart(true);
        return node;
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
