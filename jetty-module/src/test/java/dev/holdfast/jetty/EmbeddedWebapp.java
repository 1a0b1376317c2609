package dev.holdfast.jetty;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jetty.ee10.webapp.WebAppContext;

/** A Jetty inside the test's JVM with one web application, web.xml and all, whose user is ada. */
final class EmbeddedWebapp extends JettyNode {
    EmbeddedWebapp(String name, URI redis, String path, Path exploded, Map<String, String> settings) {
        this(name, redis, settings, new WebAppContext(exploded.toString(), path));
    }

    private EmbeddedWebapp(String name, URI redis, Map<String, String> settings, WebAppContext context) {
        super(name, redis, settings, context);
        context.getSecurityHandler().setLoginService(EmbeddedJetty.oneUser("test", "ada", "engine", "user"));
        context.setThrowUnavailableOnStartupException(true);
        start();
    }
}
