package dev.holdfast.jetty;

import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.RequestCostContract;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.server.CustomRequestLog;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Jetty. */
class RequestCostIT extends RequestCostContract {
    private static final AtomicReference<String> LOGGED = new AtomicReference<>("");

    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes = TwoNodes.start(RequestCostIT::node);

    private static EmbeddedJetty node(String name, URI redis) {
        EmbeddedJetty node = new EmbeddedJetty(
                name, redis, settings(), context -> EmbeddedJetty.addServlet(context, "/*", new DemoServlet()));
        if (name.equals("n1")) {
            node.shop().getServer().setRequestLog(new CustomRequestLog(LOGGED::set, "%{dev.holdfast.cost}attr"));
        }
        return node;
    }

    @Override
    protected HttpNode n1() {
        return nodes.n1();
    }

    @Override
    protected HttpNode n2() {
        return nodes.n2();
    }

    @Override
    protected RedisProcess redis() {
        return nodes.redis();
    }

    @Override
    protected String lastLogged() {
        return LOGGED.get();
    }
}
