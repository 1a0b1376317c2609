package dev.holdfast.tomcat;

import dev.holdfast.testing.HttpNode;
import jakarta.servlet.Servlet;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;

/** A Tomcat inside the test's JVM with one application, /shop, that Holdfast keeps the sessions of. */
final class EmbeddedNode implements AutoCloseable {
    private final EmbeddedTomcat tomcat = new EmbeddedTomcat();
    private final String name;
    private final Context context;

    EmbeddedNode(String node, URI redis, Map<String, String> settings, Consumer<Context> application) {
        name = node;
        context = tomcat.addContext("/shop");
        settings.forEach(context::addParameter);
        application.accept(context);
        EmbeddedTomcat.keepSessions(context, node, redis);
        try {
            tomcat.start();
        } catch (LifecycleException e) {
            throw new IllegalStateException(e);
        }
        if (!context.getState().isAvailable()) {
            close();
            throw new IllegalStateException("The application did not start, see the log");
        }
    }

    static void addServlet(Context context, String path, Servlet servlet) {
        String name = "servlet" + path;
        Wrapper wrapper = Tomcat.addServlet(context, name, servlet);
        wrapper.setAsyncSupported(true);
        wrapper.addMapping(path);
    }

    Context context() {
        return context;
    }

    Path docBase() {
        return Path.of(context.getDocBase());
    }

    HoldfastManager manager() {
        return (HoldfastManager) context.getManager();
    }

    URI uri(String path) {
        return tomcat.uri("/shop" + path);
    }

    /** Its Tomcat, whose paths begin with the application's. */
    HttpNode server() {
        return tomcat.as(name);
    }

    @Override
    public void close() {
        tomcat.close();
    }
}
