package dev.holdfast.jetty;

import dev.holdfast.session.SessionId;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.tell.Script;
import dev.holdfast.testing.tell.ScriptRun;
import dev.holdfast.testing.tell.Site;
import dev.holdfast.testing.tell.TellingApplications;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import org.eclipse.jetty.session.DefaultSessionIdManager;

/** One or two Jettys with the same applications, on Jetty's own sessions or on Holdfast's. */
final class TellingJetty implements Site, AutoCloseable {
    private final String name;
    private final boolean holdfast;
    private final List<ServerConnector> nodes = new ArrayList<>();
    private final List<Map<String, WebAppContext>> contexts = new ArrayList<>();

    /**
     * @param name of the list of its events
     * @param parameters of each node's applications; empty ones keep Jetty's own sessions
     */
    TellingJetty(String name, List<Map<String, String>> parameters) {
        this.name = name;
        this.holdfast = !parameters.get(0).isEmpty();
        for (Map<String, String> node : parameters) {
            Server server = new Server();
            nodes.add(EmbeddedJetty.connector(server));
            if (!holdfast) {
                DefaultSessionIdManager ids = new DefaultSessionIdManager(server) {
                    @Override
                    public String newSessionId(long seed) {
                        return SessionId.random().value(); // of the same shape
                    }
                };
                ids.setWorkerName(""); // as a suffix of the id it would be the one great difference
                server.addBean(ids, true);
            }
            ContextHandlerCollection all = new ContextHandlerCollection();
            Map<String, WebAppContext> applications = new LinkedHashMap<>();
            for (String path : TellingApplications.paths()) {
                WebAppContext context = context(path, node);
                applications.put(path, context);
                all.addHandler(context);
            }
            contexts.add(applications);
            server.setHandler(all);
            EmbeddedJetty.start(server);
        }
    }

    private WebAppContext context(String path, Map<String, String> parameters) {
        String exploded = ExplodedApplication.create("tell")
                .classes(TellingApplications.classes().stream()
                        .filter(type -> !type.isMemberClass()) // which come with their outer ones
                        .toArray(Class<?>[]::new))
                .webXml(TellingApplications.webXml(path, name, parameters))
                .path()
                .toString();
        WebAppContext context = new WebAppContext(exploded, path);
        context.setThrowUnavailableOnStartupException(true);
        context.getSecurityHandler().setLoginService(EmbeddedJetty.oneUser("tell", "ada", "secret", "buyer"));
        if (!parameters.isEmpty()) {
            HoldfastJetty.install(context);
        }
        return context;
    }

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
                .map(connector -> new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort()))
                .toList();
    }

    @Override
    public void expire(String path) {
        for (Map<String, WebAppContext> node : contexts) {
            WebAppContext context = node.get(path);
            if (holdfast) {
                HoldfastSessionCache cache =
                        (HoldfastSessionCache) context.getSessionHandler().getSessionCache();
                context.getContext().run(cache.coordinator()::expireIdle);
            } else {
                context.getSessionHandler().scavenge();
            }
        }
    }

    @Override
    public void reload(String path) {
        for (Map<String, WebAppContext> node : contexts) {
            try {
                node.get(path).stop();
                node.get(path).start();
            } catch (Exception e) {
                throw new IllegalStateException("Cannot reload " + path, e);
            }
        }
    }

    /** Jetty logs under its own names, of all applications at once: what it says is not compared. */
    @Override
    public Log listen(String path) {
        return new Log() {
            @Override
            public List<String> lines() {
                return List.of();
            }

            @Override
            public List<String> thrown() {
                return List.of();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {
        for (ServerConnector node : nodes) {
            try {
                node.getServer().stop();
            } catch (Exception e) {
                throw new IllegalStateException("Jetty did not stop", e);
            }
        }
    }
}
