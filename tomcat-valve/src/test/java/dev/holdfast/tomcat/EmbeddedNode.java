package dev.holdfast.tomcat;

import jakarta.servlet.Servlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** A Tomcat inside the test's JVM with one application that Holdfast keeps the sessions of. */
final class EmbeddedNode implements AutoCloseable {
    private final Tomcat tomcat = new Tomcat();
    private final Context context;

    EmbeddedNode(String node, URI redis, Map<String, String> settings, Consumer<Context> application) {
        try {
            Path base = Files.createTempDirectory(Path.of("target"), "embedded-");
            tomcat.setBaseDir(base.toAbsolutePath().toString());
            Connector connector = new Connector();
            connector.setPort(0);
            connector.setProperty("address", InetAddress.getLoopbackAddress().getHostAddress());
            tomcat.setConnector(connector);
            Path docBase = Files.createDirectory(base.resolve("shop"));
            context = tomcat.addContext("/shop", docBase.toAbsolutePath().toString());
            context.addParameter("holdfast.node", node);
            context.addParameter("holdfast.redis", redis.toString());
            settings.forEach(context::addParameter);
            application.accept(context);
            HoldfastTomcat.install(context);
            tomcat.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (LifecycleException e) {
            throw new IllegalStateException(e);
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

    HoldfastManager manager() {
        return (HoldfastManager) context.getManager();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/shop" + path);
    }

    @Override
    public void close() {
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException e) {
            throw new IllegalStateException(e);
        }
    }
}
