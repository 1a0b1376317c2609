package dev.holdfast.jetty;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.security.HashLoginService;
import org.eclipse.jetty.security.UserStore;
import org.eclipse.jetty.util.security.Credential;

/** A Jetty inside the test's JVM with one web application, web.xml and all, whose user is ada. */
final class EmbeddedWebapp extends JettyNode {
    EmbeddedWebapp(String name, URI redis, String path, Path exploded, Map<String, String> settings) {
        this(name, redis, settings, new WebAppContext(exploded.toString(), path));
    }

    private EmbeddedWebapp(String name, URI redis, Map<String, String> settings, WebAppContext context) {
        super(name, redis, settings, context);
        UserStore users = new UserStore();
        users.addUser("ada", Credential.getCredential("engine"), new String[] {"user"});
        HashLoginService login = new HashLoginService("test");
        login.setUserStore(users);
        context.getSecurityHandler().setLoginService(login);
        context.setThrowUnavailableOnStartupException(true);
        start();
    }
}
