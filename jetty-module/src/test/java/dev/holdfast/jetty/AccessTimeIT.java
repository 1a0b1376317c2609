package dev.holdfast.jetty;

import dev.holdfast.testing.AccessTimeContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LateServlet;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Jettys, which always tell the beginning of a request. */
class AccessTimeIT extends AccessTimeContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes = TwoNodes.start(AccessTimeIT::node);

    private static final EmbeddedJetty n1 = nodes.n1();
    private static final EmbeddedJetty n2 = nodes.n2();

    private static EmbeddedJetty node(String name, URI redis) {
        return new EmbeddedJetty(
                name, redis, Map.of(), context -> EmbeddedJetty.addServlet(context, "/late", new LateServlet()));
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
