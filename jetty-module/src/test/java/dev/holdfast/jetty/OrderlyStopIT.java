package dev.holdfast.jetty;

import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.OrderlyStopContract;
import java.net.URI;
import java.util.Map;

/** On embedded Jetty, which stops as a signal to its process stops it. */
class OrderlyStopIT extends OrderlyStopContract {
    @Override
    protected Node start(String name, URI redis, Map<String, String> settings) {
        EmbeddedJetty node = new EmbeddedJetty(
                name, redis, settings, context -> EmbeddedJetty.addServlet(context, "/*", new DemoServlet()));
        return new Node(node, node::close);
    }
}
