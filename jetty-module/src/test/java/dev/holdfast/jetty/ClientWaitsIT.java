package dev.holdfast.jetty;

import dev.holdfast.testing.ClientWaitsContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.TwoNodes;
import dev.holdfast.testing.WaitingServlet;
import java.net.URI;
import java.util.Map;
import org.eclipse.jetty.util.thread.ThreadPool.SizedThreadPool;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Jettys with 24 threads, of which each needs some for itself. */
class ClientWaitsIT extends ClientWaitsContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes = TwoNodes.start(ClientWaitsIT::node);

    private static final EmbeddedJetty n1 = nodes.n1();
    private static final EmbeddedJetty n2 = nodes.n2();

    private static EmbeddedJetty node(String name, URI redis) {
        EmbeddedJetty node = new EmbeddedJetty(
                name,
                redis,
                Map.of("holdfast.parallel", name.equals("n1") ? "off" : "on"),
                context -> EmbeddedJetty.addServlet(context, "/page", new WaitingServlet()));
        ((SizedThreadPool) node.shop().getServer().getThreadPool()).setMaxThreads(24);
        return node;
    }

    @Override
    protected HttpNode queueing() {
        return n1;
    }

    @Override
    protected HttpNode open() {
        return n2;
    }
}
