package dev.holdfast.tomcat;

import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.OrderlyStopContract;
import java.net.URI;
import java.util.Map;

/** On embedded Tomcat, which stops as its own script stops it. */
class OrderlyStopIT extends OrderlyStopContract {
    @Override
    protected Node start(String name, URI redis, Map<String, String> settings) {
        EmbeddedNode node = new EmbeddedNode(
                name, redis, settings, context -> EmbeddedNode.addServlet(context, "/*", new DemoServlet()));
        return new Node(node.server(), node::close);
    }
}
