package dev.holdfast.examples.failover;

import dev.holdfast.examples.check.NodeDidNotStartException;
import dev.holdfast.examples.check.Nodes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a run needs: a Redis, two Tomcats of different versions and a Jetty with the shop, and a balancer.
 * All of it listens on loopback and ends with {@link #close}.
 */
final class Stage implements Nodes, AutoCloseable {

    private static final Duration BALANCED_WITHIN = Duration.ofSeconds(30);

    /** Consecutive answers of a node through the balancer after which it counts as taken up again. */
    private static final int ANSWERS_IN_A_ROW = 3;

    private final Manager manager;
    private final Path folder;
    private final Children children;
    private final Probe probe = new Probe();
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final int shopPort;
    private volatile boolean keepLogs = true;
    private @Nullable Redis redis;
    private @Nullable Balancer balancer;

    private Stage(Manager manager, Path folder, Children children, int shopPort) {
        this.manager = manager;
        this.folder = folder;
        this.children = children;
        this.shopPort = shopPort;
    }

    /**
     * Starts all parts and returns when the balancer sends requests to all nodes.
     *
     * @param embedded take nothing from the machine but Java
     * @param progress gets a line for each part
     * @throws CannotRunException if a part does not start; whatever was started is stopped
     */
    static Stage start(Project project, Manager manager, boolean embedded, Consumer<String> progress)
            throws CannotRunException, InterruptedException {
        Path folder = makeFolder(project);
        Ports ports = new Ports();
        Stage stage = new Stage(manager, folder, new Children(), ports.next());
        Thread onExit = new Thread(stage::stop, "stop-all");
        Runtime.getRuntime().addShutdownHook(onExit);
        try {
            stage.startAll(project, embedded, ports, progress);
            return stage;
        } catch (CannotRunException | InterruptedException | RuntimeException e) {
            stage.stop();
            throw e;
        }
    }

    private static Path makeFolder(Project project) throws CannotRunException {
        try {
            Files.createDirectories(project.workFolder());
            return Files.createTempDirectory(project.workFolder(), "run-");
        } catch (IOException e) {
            throw new CannotRunException(
                    "Cannot make a folder for this run in " + project.workFolder() + ": " + e.getMessage() + ".", e);
        }
    }

    private void startAll(Project project, boolean embedded, Ports ports, Consumer<String> progress)
            throws CannotRunException, InterruptedException {
        Redis started = Redis.start(embedded, children, ports.next(), folder);
        redis = started;
        progress.accept("Redis      127.0.0.1:" + started.port() + "  " + started.description());

        Optional<Path> haproxy = embedded ? Optional.empty() : Programs.find("haproxy");
        Map<String, Server> servers = new LinkedHashMap<>();
        servers.put("n1", new TomcatServer(distribution(project, "tomcat-10.")));
        servers.put("n2", new TomcatServer(distribution(project, "tomcat-11.")));
        servers.put("n3", new JettyServer(distribution(project, "jetty-home-"), children));
        for (Map.Entry<String, Server> server : servers.entrySet()) {
            Path base = folder.resolve(server.getKey());
            server.getValue().fill(base, project, manager);
            addNode(server.getKey(), server.getValue(), base, haproxy.isEmpty(), started, ports);
        }
        for (Node node : nodes.values()) {
            node.start();
        }
        for (Node node : nodes.values()) {
            node.awaitReady();
            progress.accept("Node " + node.name() + "    127.0.0.1:" + node.port() + "  " + node.server()
                    + ", sessions: " + manager);
        }

        Map<String, Integer> nodePorts = new LinkedHashMap<>();
        nodes.forEach((name, node) -> nodePorts.put(name, node.port()));
        Balancer front;
        if (haproxy.isPresent()) {
            String file = manager == Manager.HOLDFAST ? "haproxy.cfg" : "haproxy-jvmroute.cfg";
            front = Haproxy.start(
                    haproxy.get(),
                    project.configuration().resolve(file),
                    children,
                    shopPort,
                    nodePorts,
                    folder.resolve("haproxy.log"));
        } else {
            String routeCookie = manager == Manager.HOLDFAST ? "HFROUTE" : "JSESSIONID";
            front = EmbeddedBalancer.start(shopPort, routeCookie, nodePorts);
        }
        balancer = front;
        for (Node node : nodes.values()) {
            awaitBalanced(node);
        }
        progress.accept("Balancer   127.0.0.1:" + shopPort + "  " + front.description());
    }

    private static Distribution distribution(Project project, String start) throws CannotRunException {
        return Distribution.unpack(project.distribution(start), project.workFolder());
    }

    private void addNode(String name, Server server, Path base, boolean routeWithDot, Redis redis, Ports ports)
            throws CannotRunException {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("shop.node", name);
        // The container's own name of the node, which it appends to its session ids; with Holdfast it has none.
        settings.put("shop.jvmRoute", manager == Manager.TOMCAT ? name : "");
        if (manager == Manager.HOLDFAST) {
            settings.put("holdfast.node", name);
            settings.put("holdfast.redis", "redis://127.0.0.1:" + redis.port());
            if (routeWithDot) {
                settings.put("holdfast.affinity.prefix", ".");
            }
        }
        nodes.put(name, new Node(name, server, base, ports.next(), settings, children, probe));
    }

    /** Where a browser goes. */
    URI shop() {
        return URI.create("http://127.0.0.1:" + shopPort + "/shop/");
    }

    /** Who keeps the sessions. */
    Manager manager() {
        return manager;
    }

    /** In the order of their names. */
    List<Node> nodes() {
        return new ArrayList<>(nodes.values());
    }

    /** What a person reads about Redis and the balancer. */
    List<String> parts() {
        List<String> parts = new ArrayList<>();
        if (balancer != null) {
            parts.add(balancer.description());
        }
        if (redis != null) {
            parts.add(redis.description());
        }
        return parts;
    }

    /** The node of that name, if there is one. */
    Optional<Node> node(String name) {
        return Optional.ofNullable(nodes.get(name));
    }

    /** Logs of all parts. */
    Path folder() {
        return folder;
    }

    /** From now on nobody will want the logs: they are deleted at the end. */
    void discardLogs() {
        keepLogs = false;
    }

    @Override
    public Map<String, String> containers() {
        Map<String, String> containers = new LinkedHashMap<>();
        nodes.forEach((name, node) -> containers.put(name, node.server()));
        return containers;
    }

    @Override
    public void kill(String node) {
        known(node).kill();
    }

    @Override
    public void startAgain(String name) throws NodeDidNotStartException, InterruptedException {
        Node node = known(name);
        try {
            node.start();
            node.awaitReady();
            awaitBalanced(node);
        } catch (CannotRunException e) {
            throw new NodeDidNotStartException(e.getMessage(), e);
        }
    }

    private Node known(String name) {
        return node(name).orElseThrow(() -> new IllegalArgumentException("There is no node " + name + "."));
    }

    /** Waits until requests that name the node reach it, several times in a row. */
    private void awaitBalanced(Node node) throws CannotRunException, InterruptedException {
        // Each balancer follows one of them; none is a session.
        String cookie = "HFROUTE=" + (balancer instanceof Haproxy ? "" : ".") + node.name() + "; JSESSIONID=probe."
                + node.name();
        int[] inARow = {0};
        boolean done = Waiting.until(BALANCED_WITHIN, () -> {
            inARow[0] = Probe.isFrom(node.name(), probe.ask(shopPort, cookie)) ? inARow[0] + 1 : 0;
            return inARow[0] == ANSWERS_IN_A_ROW;
        });
        if (!done) {
            throw new CannotRunException("The balancer on port " + shopPort + " did not send requests to node "
                    + node.name() + " within " + BALANCED_WITHIN.toSeconds() + "s; logs are in " + folder + ".");
        }
    }

    /** At the end of the run or on Ctrl-C, whichever comes first; on Ctrl-C perhaps both. */
    private synchronized void stop() {
        children.close();
        if (balancer instanceof EmbeddedBalancer embedded) {
            embedded.close();
        }
        if (!keepLogs) {
            try {
                Distribution.delete(folder);
            } catch (IOException e) {
                System.err.println("Cannot delete " + folder + ": " + e.getMessage() + ".");
            }
        }
    }

    @Override
    public void close() {
        stop();
    }
}
