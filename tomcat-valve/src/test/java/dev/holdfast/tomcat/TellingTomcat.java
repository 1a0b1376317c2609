package dev.holdfast.tomcat;

import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.tell.Script;
import dev.holdfast.testing.tell.ScriptRun;
import dev.holdfast.testing.tell.Site;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.session.ManagerBase;

/**
 * One or two Tomcats with the same applications, on whichever manager; runs scripts and writes down what browsers and
 * listeners saw.
 */
final class TellingTomcat implements Site, AutoCloseable {
    private final String name;
    private final List<EmbeddedTomcat> nodes = new ArrayList<>();
    private final List<Map<String, Context>> contexts = new ArrayList<>();

    /**
     * @param name of the list of its events
     * @param parameters of each node's applications
     * @param setUp what is done with each application before it starts
     */
    TellingTomcat(String name, List<Map<String, String>> parameters, Consumer<Context> setUp) {
        this.name = name;
        for (Map<String, String> node : parameters) {
            EmbeddedTomcat tomcat = new EmbeddedTomcat();
            nodes.add(tomcat);
            Map<String, Context> applications = TellingApplication.deploy(tomcat, name, node);
            applications.values().forEach(setUp);
            contexts.add(applications);
            try {
                tomcat.tomcat().getEngine().setBackgroundProcessorDelay(-1); // idle sessions end when a script says so
                tomcat.start();
            } catch (LifecycleException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    Context context(int node, String path) {
        return contexts.get(node).get(path);
    }

    /** Begins a script, with browsers of its own. */
    ScriptRun begin(Script script) {
        return new ScriptRun(this, script);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<InetSocketAddress> nodes() {
        return nodes.stream()
                .map(node -> node.uri("/"))
                .map(uri -> new InetSocketAddress(uri.getHost(), uri.getPort()))
                .toList();
    }

    @Override
    public void expire(String path) {
        contexts.forEach(node -> ((ManagerBase) node.get(path).getManager()).processExpires());
    }

    @Override
    public void reload(String path) {
        contexts.forEach(node -> node.get(path).reload());
    }

    @Override
    public Log listen(String path) {
        LogCapture log = new LogCapture("org.apache.catalina.core.ContainerBase.[Tomcat].[localhost].[" + path + "]");
        return new Log() {
            @Override
            public List<String> lines() {
                return log.lines();
            }

            @Override
            public List<String> thrown() {
                return log.thrown();
            }

            @Override
            public void close() {
                log.close();
            }
        };
    }

    @Override
    public void close() {
        nodes.forEach(EmbeddedTomcat::close);
    }
}
