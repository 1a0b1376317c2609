package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.HealthContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Jetty. */
class HealthIT extends HealthContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes = TwoNodes.start(HealthIT::node);

    private static EmbeddedJetty node(String name, URI redis) {
        return new EmbeddedJetty(
                name, redis, settings(name), context -> EmbeddedJetty.addServlet(context, "/*", new DemoServlet()));
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

    @Test
    void serverThatNothingWasInsertedIntoSaysSo() throws Exception {
        Server server = new Server();
        ServerConnector connector = EmbeddedJetty.connector(server);
        ServletContextHandler desk = new ServletContextHandler("/desk", ServletContextHandler.SESSIONS);
        desk.setInitParameter("holdfast.redis", redis().uri().toString());
        desk.setInitParameter("holdfast.health.path", "/holdfast/health");
        HoldfastJetty.install(desk);
        server.setHandler(desk);
        try (LogCapture log = new LogCapture("dev.holdfast.jetty")) {
            server.start();

            assertThat(log.lines())
                    .filteredOn(line -> line.contains("HF-144: "))
                    .containsExactly("WARNING HF-144: Nothing answers at holdfast.health.path = /holdfast/health,"
                            + " because this server has no NodePagesHandler. Call HoldfastJetty.install after"
                            + " Server.setHandler, or insert one before the server starts:"
                            + " server.insertHandler(new NodePagesHandler()).");
            assertThat(new Browser()
                            .get(HttpNode.at("desk", connector.getLocalPort()), "/holdfast/health")
                            .status())
                    .isEqualTo(404);
        } finally {
            server.stop();
        }
    }

    @Override
    protected void stopApplication() throws Exception {
        nodes.n1().shop().stop();
    }

    @Override
    protected void startApplication() throws Exception {
        nodes.n1().shop().start();
    }
}
