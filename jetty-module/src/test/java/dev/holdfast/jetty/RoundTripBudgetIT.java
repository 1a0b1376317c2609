package dev.holdfast.jetty;

import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RoundTripBudgetContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.DefaultServlet;
import org.junit.jupiter.api.io.TempDir;

/** Two Jettys of one JVM. */
class RoundTripBudgetIT extends RoundTripBudgetContract {
    @TempDir
    private static Path files;

    private final List<EmbeddedJetty> nodes = new ArrayList<>();

    @Override
    protected HttpNode start(String name, URI redis) {
        try {
            Files.writeString(files.resolve("style.css"), STYLE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        EmbeddedJetty node = new EmbeddedJetty(name, redis, Map.of(), context -> {
            context.setBaseResourceAsPath(files);
            EmbeddedJetty.addServlet(context, "/", new DefaultServlet());
            EmbeddedJetty.addServlet(context, "/cart", new CartServlet());
            EmbeddedJetty.addServlet(context, "/plain", new Plain());
        });
        nodes.add(node);
        return node;
    }

    @Override
    protected void stopNodes() {
        nodes.forEach(EmbeddedJetty::close);
    }
}
