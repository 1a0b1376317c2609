package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.HealthContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Tomcat, which has no application at the root. */
class HealthIT extends HealthContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start(HealthIT::node);

    private static EmbeddedNode node(String name, URI redis) {
        return new EmbeddedNode(
                name, redis, settings(name), context -> EmbeddedNode.addServlet(context, "/*", new DemoServlet()));
    }

    /** While the next version starts, or if it does not, the one of before serves. */
    @Test
    void oneVersionOfAnApplicationIsEnough() throws LifecycleException {
        try (EmbeddedTomcat tomcat = new EmbeddedTomcat()) {
            Context first = tomcat.addContext("/shop");
            first.addParameter("holdfast.health.path", "/health");
            EmbeddedTomcat.keepSessions(first, "n4", redis().uri());
            Context second =
                    tomcat.tomcat().addContext(tomcat.tomcat().getHost(), "/shop", "/shop##2", first.getDocBase());
            second.setWebappVersion("2");
            second.addParameter("holdfast.conflict", "ignore");
            EmbeddedTomcat.keepSessions(second, "n4", redis().uri());
            tomcat.start();
            HttpNode node = tomcat.as("n4");
            assertThat(second.getState().isAvailable()).isFalse();

            assertThat(new Browser().get(node, "/health").status()).isEqualTo(200);

            first.stop();
            assertThat(new Browser().get(node, "/health").status()).isEqualTo(503);
        }
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

    /** Its pages would be errors, whatever the others are. */
    @Test
    void nodeIsNotReadyAsLongAsOneOfItsApplicationsHasNotStarted() throws LifecycleException {
        try (EmbeddedTomcat tomcat = new EmbeddedTomcat()) {
            Context shop = tomcat.addContext("/shop");
            shop.addParameter("holdfast.health.path", "/health");
            EmbeddedTomcat.keepSessions(shop, "n3", redis().uri());
            Context desk = tomcat.addContext("/desk");
            desk.addParameter("holdfast.conflict", "ignore");
            EmbeddedTomcat.keepSessions(desk, "n3", redis().uri());
            tomcat.start();
            HttpNode node = tomcat.as("n3");

            assertThat(new Browser().get(node, "/health").status()).isEqualTo(503);

            tomcat.tomcat().getHost().removeChild(desk); // undeployed
            assertThat(new Browser().get(node, "/health").status()).isEqualTo(200);
        }
    }

    @Override
    protected void stopApplication() throws LifecycleException {
        nodes.n1().context().stop();
    }

    @Override
    protected void startApplication() throws LifecycleException {
        nodes.n1().context().start();
    }
}
