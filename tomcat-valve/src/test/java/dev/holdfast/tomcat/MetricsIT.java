package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.Caddy;
import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.HaProxy;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.Httpd;
import dev.holdfast.testing.MetricsContract;
import dev.holdfast.testing.Nginx;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.valves.RemoteIpValve;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Tomcat. */
class MetricsIT extends MetricsContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start(MetricsIT::node);

    private static EmbeddedNode node(String name, URI redis) {
        return new EmbeddedNode(
                name, redis, settings(), context -> EmbeddedNode.addServlet(context, "/*", new DemoServlet()));
    }

    @Override
    protected HttpNode n1() {
        return nodes.n1().server();
    }

    @Override
    protected HttpNode n2() {
        return nodes.n2().server();
    }

    @Override
    protected RedisProcess redis() {
        return nodes.redis();
    }

    /** It takes the header away that it has followed. */
    @Test
    void requestThatARemoteIpValveHasSeenToComeFromAProxyIsRefused() throws LifecycleException {
        try (EmbeddedTomcat tomcat = new EmbeddedTomcat()) {
            Context shop = tomcat.addContext("/shop");
            shop.addParameter("holdfast.metrics.path", "/metrics");
            EmbeddedTomcat.keepSessions(shop, "n3", redis().uri());
            tomcat.tomcat().getEngine().getPipeline().addValve(new RemoteIpValve());
            tomcat.start();
            HttpNode node = tomcat.as("n3");

            assertThat(new Browser().get(node, "/metrics").status()).isEqualTo(200);
            assertThat(new Browser()
                            .request(node, "GET", "/metrics")
                            .header("X-Forwarded-For", "10.0.0.7")
                            .send()
                            .status())
                    .isEqualTo(403);
        }
    }

    /** With their configurations of the docs. */
    @Test
    void balancersDoNotPassThemOn() {
        int first = n1().address().getPort();
        int second = n2().address().getPort();
        try (HaProxy haproxy = HaProxy.byRouteCookie(first, second);
                Nginx nginx = Nginx.byRouteCookie(first, second);
                Httpd httpd = Httpd.byRouteCookie(first, second);
                Caddy caddy = Caddy.byRouteCookie(first, second)) {
            for (int port : new int[] {haproxy.port(), nginx.port(), httpd.port(), caddy.port()}) {
                Answer answer = new Browser().get(HttpNode.at("balancer", port), "/holdfast/metrics");
                assertThat(answer.status()).isEqualTo(403);
                assertThat(answer.body()).startsWith("Metrics are for clients of this network ");
            }
        }
    }
}
