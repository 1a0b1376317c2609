package dev.holdfast.tomcat;

import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.testing.CatchingServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.StoreExceptionsContract;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import java.util.Map;
import org.apache.catalina.Context;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Tomcat. */
class StoreExceptionsIT extends StoreExceptionsContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start(StoreExceptionsIT::node);

    private static EmbeddedNode node(String name, URI redis) {
        return new EmbeddedNode(
                name,
                redis,
                Map.of("holdfast.timeout", "500ms", "holdfast.outage", "refuse"),
                StoreExceptionsIT::application);
    }

    private static void application(Context context) {
        context.addApplicationListener(CatchingServlet.Listener.class.getName());
        EmbeddedNode.addServlet(context, "/call", new CatchingServlet());
    }

    @Override
    protected RedisProcess redis() {
        return nodes.redis();
    }

    @Override
    protected HttpNode node() {
        return nodes.n1().server();
    }

    @Override
    protected HttpNode otherNode() {
        return nodes.n2().server();
    }

    @Override
    protected Class<? extends RuntimeException> refusal() {
        return SessionRefusedException.class;
    }
}
