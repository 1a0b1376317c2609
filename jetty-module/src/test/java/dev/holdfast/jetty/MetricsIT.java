package dev.holdfast.jetty;

import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.MetricsContract;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Jetty. */
class MetricsIT extends MetricsContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes = TwoNodes.start(MetricsIT::node);

    private static EmbeddedJetty node(String name, URI redis) {
        return new EmbeddedJetty(
                name, redis, settings(), context -> EmbeddedJetty.addServlet(context, "/*", new DemoServlet()));
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
}
