package dev.holdfast.jetty;

import dev.holdfast.testing.Fragile;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.UnplannedErrorContract;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On embedded Jetty. */
class UnplannedErrorIT extends UnplannedErrorContract {
    private static RedisProcess redis;
    private static EmbeddedJetty node;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        node = new EmbeddedJetty(
                "n1",
                redis.uri(),
                UnplannedErrorContract.SETTINGS,
                context -> EmbeddedJetty.addServlet(context, "/page", new Fragile.Page()));
    }

    @AfterAll
    static void stop() {
        node.close();
        redis.close();
    }

    @Override
    protected URI page(String query) {
        return URI.create("http://" + node.address().getHostString() + ":"
                + node.address().getPort() + "/shop/page?" + query);
    }
}
