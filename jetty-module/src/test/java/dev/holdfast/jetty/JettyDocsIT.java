package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;

/** The program of docs/jetty.md. */
class JettyDocsIT {
    @Test
    void programOfTheDocumentationRuns() throws Exception {
        try (RedisProcess redis = RedisProcess.start()) {
            String redisUri = redis.uri().toString();
            Server server = new Server();
            ServerConnector connector = EmbeddedJetty.connector(server);

            ServletContextHandler shop = new ServletContextHandler("/shop", ServletContextHandler.SESSIONS);
            shop.setInitParameter("holdfast.redis", redisUri);
            shop.setInitParameter("holdfast.classes.allow", "com.shop.model.**");
            server.setHandler(shop);
            HoldfastJetty.install(shop);
            EmbeddedJetty.addServlet(shop, "/cart", new CartServlet());
            server.start();
            try {
                Browser browser = new Browser();
                HttpNode node = HttpNode.at("shop", connector.getLocalPort());
                assertThat(browser.get(node, "/shop/cart?do=add&item=a").body()).isEqualTo("new items=[a]");
                assertThat(browser.cookies().get("HFROUTE"))
                        .startsWith("n-"); // it has no name, and is not called node0
            } finally {
                server.stop();
            }
        }
    }

    @Test
    void programIsTheOneAbove() throws IOException {
        List<String> code = Files.readAllLines(Path.of(
                        System.getProperty("basedir", "."), "src/test/java/dev/holdfast/jetty/JettyDocsIT.java"))
                .stream()
                .map(String::strip)
                .filter(line -> !line.startsWith("EmbeddedJetty."))
                .toList();
        List<String> shown =
                Docs.block("jetty.md", "java").lines().map(String::strip).toList();

        assertThat(Collections.indexOfSubList(code, shown)).isNotNegative();
    }
}
