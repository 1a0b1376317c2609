package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import org.eclipse.jetty.session.DefaultSessionCache;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Applications take part that say nothing of it themselves, and one line says who does. */
class NamedApplicationsIT {
    private final Server server = new Server();
    private final ContextHandlerCollection contexts = new ContextHandlerCollection();

    private final LogCapture log = new LogCapture("dev.holdfast");

    @BeforeEach
    void start() {
        server.addBean(new HoldfastSessionCacheFactory()); // as etc/holdfast.xml does
        server.setHandler(contexts);
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
        log.close();
        System.clearProperty("holdfast.apps");
        System.clearProperty("holdfast.redis");
    }

    private ServletContextHandler application(String path) {
        ServletContextHandler application = new ServletContextHandler(path, ServletContextHandler.SESSIONS);
        contexts.addHandler(application);
        return application;
    }

    private List<String> reports() {
        return log.messages().stream()
                .filter(line ->
                        line.startsWith("Holdfast development keeps the sessions of") && !line.contains("as node"))
                .toList();
    }

    @Test
    void namedApplicationTakesPartWithoutAWordInItsOwnFiles() throws Exception {
        try (RedisProcess redis = RedisProcess.start()) {
            System.setProperty("holdfast.apps", "shop");
            System.setProperty("holdfast.redis", redis.uri().toString());
            ServletContextHandler shop = application("/shop");
            ServletContextHandler docs = application("/docs");
            EmbeddedJetty.start(server);

            assertThat(shop.getSessionHandler().getSessionCache()).isInstanceOf(HoldfastSessionCache.class);
            assertThat(docs.getSessionHandler().getSessionCache()).isInstanceOf(DefaultSessionCache.class);
            assertThat(reports())
                    .containsExactly("Holdfast development keeps the sessions of /shop; it leaves alone /docs (no"
                            + " <distributable/> and no holdfast.* context-param in web.xml, and not in"
                            + " holdfast.apps).");
            server.stop();
        }
    }

    @Test
    void oneLineSaysThatNobodyTakesPart() {
        application("/docs");
        EmbeddedJetty.start(server);

        assertThat(reports())
                .containsExactly("Holdfast development keeps the sessions of no application; it leaves alone /docs (no"
                        + " <distributable/> and no holdfast.* context-param in web.xml, and not in holdfast.apps). To"
                        + " take part: <distributable/> in web.xml, or for /shop -Dholdfast.apps=shop or"
                        + " HOLDFAST_APPS=shop.");
    }
}
