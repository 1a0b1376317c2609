package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.MetricsContract;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TestAuthority;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
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

    /** What wraps a connection there is no proxy. */
    @Test
    void metricsAreAnsweredByTlsToo() throws Exception {
        SSLContext tls = new TestAuthority("shop").loopbackTls();
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setSslContext(tls);
        factory.setSniRequired(false);
        Server server = new Server();
        HttpConfiguration http = new HttpConfiguration();
        SecureRequestCustomizer secure = new SecureRequestCustomizer();
        secure.setSniHostCheck(false); // an address has no name
        http.addCustomizer(secure);
        ServerConnector connector = new ServerConnector(server, factory, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler shop = new ServletContextHandler("/shop", ServletContextHandler.SESSIONS);
        shop.setInitParameter("holdfast.node", "n3");
        shop.setInitParameter("holdfast.redis", redis().uri().toString());
        shop.setInitParameter("holdfast.metrics.path", "/metrics");
        server.setHandler(shop);
        HoldfastJetty.install(shop);
        try {
            server.start();

            HttpResponse<String> answer = HttpClient.newBuilder()
                    .sslContext(tls)
                    .build()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create("https://127.0.0.1:" + connector.getLocalPort() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("holdfast_sessions{app=\"shop\"} 0.0");
        } finally {
            server.stop();
        }
    }
}
