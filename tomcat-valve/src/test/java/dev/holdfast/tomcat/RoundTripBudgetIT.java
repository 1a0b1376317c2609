package dev.holdfast.tomcat;

import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RoundTripBudgetContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Two Tomcats of one JVM. */
class RoundTripBudgetIT extends RoundTripBudgetContract {
    private final List<EmbeddedNode> nodes = new ArrayList<>();

    @Override
    protected HttpNode start(String name, URI redis) {
        EmbeddedNode node = new EmbeddedNode(name, redis, Map.of(), context -> {
            Page.addFiles(context);
            EmbeddedNode.addServlet(context, "/cart", new CartServlet());
            EmbeddedNode.addServlet(context, "/plain", new Plain());
        });
        nodes.add(node);
        try {
            Files.writeString(node.docBase().resolve("style.css"), STYLE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return node.server();
    }

    @Override
    protected void stopNodes() {
        nodes.forEach(EmbeddedNode::close);
    }
}
