package dev.holdfast.tomcat;

import dev.holdfast.testing.Fragile;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.UnplannedErrorContract;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** On embedded Tomcat. */
class UnplannedErrorIT extends UnplannedErrorContract {
    private static RedisProcess redis;
    private static EmbeddedNode node;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        node = new EmbeddedNode(
                "n1",
                redis.uri(),
                UnplannedErrorContract.SETTINGS,
                context -> EmbeddedNode.addServlet(context, "/page", new Fragile.Page()));
    }

    @AfterAll
    static void stop() {
        node.close();
        redis.close();
    }

    @Override
    protected URI page(String query) {
        return node.uri("/page?" + query);
    }
}
