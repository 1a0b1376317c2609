package dev.holdfast.affinity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.ContextConfig;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.scan.StandardJarScanner;

/** The demo application in an embedded Tomcat, which reads its web.xml and loads it from WEB-INF. */
final class TomcatNode implements DemoNode {
    private final Tomcat tomcat;
    private final int port;

    private TomcatNode(Tomcat tomcat, int port) {
        this.tomcat = tomcat;
        this.port = port;
    }

    static TomcatNode start(String node) throws IOException, LifecycleException {
        return start(DemoApplication.build(node));
    }

    static TomcatNode startWithoutFilter(String node) throws IOException, LifecycleException {
        return start(DemoApplication.withoutFilter(node));
    }

    private static TomcatNode start(DemoApplication application) throws IOException, LifecycleException {
        Tomcat tomcat = new Tomcat();
        Path base = Files.createTempDirectory(application.directory().getParent(), "tomcat");
        tomcat.setBaseDir(base.toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        StandardContext context = new StandardContext();
        context.setPath("/shop");
        context.setDocBase(application.directory().toString());
        context.setParentClassLoader(DemoApplication.containerOnly());
        StandardJarScanner scanner = new StandardJarScanner();
        scanner.setScanClassPath(false);
        context.setJarScanner(scanner);
        ContextConfig config = new ContextConfig();
        config.setDefaultWebXml(tomcat.noDefaultWebXmlPath());
        context.addLifecycleListener(config);
        tomcat.getHost().addChild(context);
        tomcat.start();
        if (!context.getState().isAvailable()) {
            throw new IllegalStateException("The application did not start, see the log");
        }
        return new TomcatNode(tomcat, tomcat.getConnector().getLocalPort());
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void close() {
        if (tomcat.getServer().getState() == LifecycleState.DESTROYED) {
            return;
        }
        try {
            tomcat.stop();
            tomcat.destroy();
        } catch (LifecycleException e) {
            throw new IllegalStateException("Tomcat did not stop", e);
        }
    }
}
