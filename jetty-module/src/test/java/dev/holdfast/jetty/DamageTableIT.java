package dev.holdfast.jetty;

import dev.holdfast.testing.DamageContract;
import dev.holdfast.testing.HttpNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Two Jettys of one JVM. */
class DamageTableIT extends DamageContract {
    private final List<EmbeddedJetty> nodes = new ArrayList<>();

    @Override
    protected HttpNode start(String name, URI redis) {
        EmbeddedJetty node = new EmbeddedJetty(
                name,
                redis,
                Map.of("holdfast.app", "shop"),
                context -> EmbeddedJetty.addServlet(context, "/notes", new Notes()));
        nodes.add(node);
        return node;
    }

    @Override
    protected void stopNodes() {
        nodes.forEach(EmbeddedJetty::close);
    }
}
