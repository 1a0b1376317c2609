package dev.holdfast.tomcat;

import dev.holdfast.testing.ClientWaitsContract;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.WaitingServlet;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On embedded Tomcats with 20 threads. */
class ClientWaitsIT extends ClientWaitsContract {
    private static RedisProcess redis;
    private static EmbeddedTomcat n1;
    private static EmbeddedTomcat n2;

    @BeforeAll
    static void start() throws LifecycleException {
        redis = RedisProcess.start();
        n1 = node("n1", "off");
        n2 = node("n2", "on");
    }

    private static EmbeddedTomcat node(String name, String parallel) throws LifecycleException {
        EmbeddedTomcat tomcat = new EmbeddedTomcat();
        tomcat.tomcat().getConnector().setProperty("maxThreads", "20");
        Context shop = tomcat.addContext("/shop");
        shop.addParameter("holdfast.node", name);
        shop.addParameter("holdfast.redis", redis.uri().toString());
        shop.addParameter("holdfast.timeout", "5s");
        shop.addParameter("holdfast.parallel", parallel);
        EmbeddedNode.addServlet(shop, "/page", new WaitingServlet());
        HoldfastTomcat.install(shop);
        tomcat.start();
        return tomcat;
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
    }

    @Override
    protected HttpNode queueing() {
        return HttpNode.at("n1", n1.uri("/").getPort());
    }

    @Override
    protected HttpNode open() {
        return HttpNode.at("n2", n2.uri("/").getPort());
    }
}
