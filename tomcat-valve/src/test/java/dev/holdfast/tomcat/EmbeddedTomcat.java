package dev.holdfast.tomcat;

import dev.holdfast.testing.HttpNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** A Tomcat inside the test's JVM on a free port of the loopback interface, in a directory of its own below target. */
final class EmbeddedTomcat implements AutoCloseable {
    private final Tomcat tomcat = new Tomcat();
    private final Path base;

    EmbeddedTomcat() {
        try {
            base = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "embedded-")
                    .toAbsolutePath();
            tomcat.setBaseDir(base.toString());
            Files.createDirectories(base.resolve("webapps"));
            Connector connector = new Connector();
            connector.setPort(0);
            connector.setProperty("address", InetAddress.getLoopbackAddress().getHostAddress());
            // Cookies of 8 kB are to reach the application, not to be refused by Tomcat.
            connector.setProperty("maxHttpRequestHeaderSize", "65536");
            tomcat.setConnector(connector);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An application without web.xml, whose document base is an empty directory. */
    Context addContext(String path) {
        return tomcat.addContext(path, directory("docs-" + path.substring(path.isEmpty() ? 0 : 1)));
    }

    /**
     * An application with a web.xml, which Tomcat reads as it does everywhere; classes and libraries are copied into
     * it.
     */
    Context addWebapp(String path, String webXml, List<Class<?>> classes, List<Path> libraries) {
        try {
            Path docs = base.resolve("webapps").resolve(path.substring(1));
            if (!Files.exists(docs)) {
                Path webInf = Files.createDirectories(docs.resolve("WEB-INF"));
                Files.writeString(
                        webInf.resolve("web.xml"),
                        "<web-app xmlns=\"https://jakarta.ee/xml/ns/jakartaee\" version=\"6.0\">" + webXml
                                + "</web-app>");
                for (Class<?> type : classes) {
                    copy(type, webInf.resolve("classes"));
                }
                for (Path library : libraries) {
                    Files.createDirectories(webInf.resolve("lib"));
                    Files.copy(library, webInf.resolve("lib").resolve(library.getFileName()));
                }
            }
            return addWebapp(path, docs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An application with a web.xml, as a directory or as a WAR, which stays packed. */
    Context addWebapp(String path, Path docs) {
        tomcat.setAddDefaultWebXmlToWebapp(false);
        Context context = tomcat.addWebapp(path, docs.toString());
        context.getJarScanner().setJarScanFilter((type, name) -> false); // the test's class path is large
        return context;
    }

    /** Lets Holdfast keep the sessions of an application, on a node of this name. */
    static void keepSessions(Context context, String node, URI redis) {
        context.addParameter("holdfast.node", node);
        context.addParameter("holdfast.redis", redis.toString());
        if (context.findParameter("holdfast.timeout") == null) {
            // A cold JVM on a busy machine is no slow Redis: tests of the deadline set their own.
            context.addParameter("holdfast.timeout", "5s");
        }
        HoldfastTomcat.install(context);
    }

    private static void copy(Class<?> type, Path target) throws IOException {
        String file = type.getName().replace('.', '/') + ".class";
        Path copy = target.resolve(file);
        Files.createDirectories(copy.getParent());
        try (InputStream in = type.getClassLoader().getResourceAsStream(file)) {
            Files.copy(Objects.requireNonNull(in, file), copy);
        }
    }

    private String directory(String name) {
        try {
            return Files.createDirectory(base.resolve(name)).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Tomcat tomcat() {
        return tomcat;
    }

    void start() throws LifecycleException {
        tomcat.start();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + path);
    }

    /** As what all containers are to tests that all of them share. */
    HttpNode as(String name) {
        return HttpNode.at(name, tomcat.getConnector().getLocalPort());
    }

    /** Does nothing if it is closed. */
    @Override
    public void close() {
        if (tomcat.getServer().getState() == LifecycleState.DESTROYED) {
            return;
        }
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException e) {
            throw new IllegalStateException(e);
        }
    }
}
