package dev.holdfast.tomcat;

import dev.holdfast.testing.DamageContract;
import dev.holdfast.testing.HttpNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Two Tomcats of one JVM. */
class DamageTableIT extends DamageContract {
    private final List<EmbeddedNode> nodes = new ArrayList<>();

    @Override
    protected HttpNode start(String name, URI redis) {
        EmbeddedNode node = new EmbeddedNode(
                name,
                redis,
                Map.of("holdfast.app", "shop"),
                context -> EmbeddedNode.addServlet(context, "/notes", new Notes()));
        nodes.add(node);
        return node.server();
    }

    @Override
    protected void stopNodes() {
        nodes.forEach(EmbeddedNode::close);
    }
}
