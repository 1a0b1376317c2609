package dev.holdfast.tomcat;

import dev.holdfast.testing.ClientWaitsContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.TwoNodes;
import dev.holdfast.testing.WaitingServlet;
import java.net.URI;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On embedded Tomcats with 20 threads. */
class ClientWaitsIT extends ClientWaitsContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedTomcat> nodes = TwoNodes.start(ClientWaitsIT::node);

    private static final EmbeddedTomcat n1 = nodes.n1();
    private static final EmbeddedTomcat n2 = nodes.n2();

    private static EmbeddedTomcat node(String name, URI redis) throws LifecycleException {
        EmbeddedTomcat tomcat = new EmbeddedTomcat();
        tomcat.tomcat().getConnector().setProperty("maxThreads", "20");
        Context shop = tomcat.addContext("/shop");
        shop.addParameter("holdfast.parallel", name.equals("n1") ? "off" : "on");
        EmbeddedNode.addServlet(shop, "/page", new WaitingServlet());
        EmbeddedTomcat.keepSessions(shop, name, redis);
        tomcat.start();
        return tomcat;
    }

    @Override
    protected HttpNode queueing() {
        return n1.as("n1");
    }

    @Override
    protected HttpNode open() {
        return n2.as("n2");
    }
}
