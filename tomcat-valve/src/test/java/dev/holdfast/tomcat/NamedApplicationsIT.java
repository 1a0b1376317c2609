package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.session.StandardManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Applications take part that say nothing of it themselves, and one line says who does. */
class NamedApplicationsIT {
    private static final String NOTHING =
            "no <distributable/> and no holdfast.* context-param in web.xml, and not in" + " holdfast.apps";

    @AfterEach
    void forget() {
        System.clearProperty("holdfast.apps");
        System.clearProperty("holdfast.redis");
    }

    private static List<String> reports(LogCapture log) {
        return log.lines().stream()
                .filter(line ->
                        line.startsWith("INFO Holdfast development keeps the sessions of") && !line.contains("as node"))
                .toList();
    }

    @Test
    void namedApplicationTakesPartWithoutAWordInItsOwnFiles() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                LogCapture log = new LogCapture("dev.holdfast");
                EmbeddedTomcat tomcat = new EmbeddedTomcat()) {
            System.setProperty("holdfast.apps", "shop,search");
            System.setProperty("holdfast.redis", redis.uri().toString());
            Context shop = tomcat.addWebapp("/shop", "", List.of(), List.of());
            Context docs = tomcat.addWebapp("/docs", "", List.of(), List.of());
            tomcat.start();

            assertThat(shop.getManager()).isInstanceOf(HoldfastManager.class);
            assertThat(docs.getManager()).isInstanceOf(StandardManager.class);
            assertThat(reports(log))
                    .containsExactly("INFO Holdfast development keeps the sessions of /shop; it leaves alone /docs ("
                            + NOTHING + "). Not here, though holdfast.apps names it: search.");
        }
    }

    @Test
    void oneLineSaysThatNobodyTakesPart() throws Exception {
        try (LogCapture log = new LogCapture("dev.holdfast");
                EmbeddedTomcat tomcat = new EmbeddedTomcat()) {
            tomcat.addWebapp("/docs", "", List.of(), List.of());
            tomcat.addWebapp("/shop", "", List.of(), List.of());
            tomcat.start();

            assertThat(reports(log))
                    .containsExactly("INFO Holdfast development keeps the sessions of no application; it leaves alone"
                            + " /docs, /shop (" + NOTHING + "). To take part: <distributable/> in web.xml, or for"
                            + " /shop -Dholdfast.apps=shop or HOLDFAST_APPS=shop.");

            tomcat.addWebapp("/late", "", List.of(), List.of());

            assertThat(log.lines()).contains("INFO Holdfast leaves /late alone: " + NOTHING);
        }
    }
}
