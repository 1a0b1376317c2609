package dev.holdfast.jetty;

import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.testing.CatchingServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.StoreExceptionsContract;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Jetty. */
class StoreExceptionsIT extends StoreExceptionsContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes = TwoNodes.start(StoreExceptionsIT::node);

    private static EmbeddedJetty node(String name, URI redis) {
        return new EmbeddedJetty(
                name,
                redis,
                Map.of("holdfast.timeout", "500ms", "holdfast.outage", "refuse"),
                StoreExceptionsIT::application);
    }

    private static void application(ServletContextHandler context) {
        context.addEventListener(new CatchingServlet.Listener());
        EmbeddedJetty.addServlet(context, "/call", new CatchingServlet());
    }

    @Override
    protected RedisProcess redis() {
        return nodes.redis();
    }

    @Override
    protected HttpNode node() {
        return nodes.n1();
    }

    @Override
    protected HttpNode otherNode() {
        return nodes.n2();
    }

    @Override
    protected Class<? extends RuntimeException> refusal() {
        return SessionRefusedException.class;
    }
}
