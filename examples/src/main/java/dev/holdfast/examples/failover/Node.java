package dev.holdfast.examples.failover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One Tomcat: an unpacked distribution, a folder and a port of its own, and at most one process. Thread-safe. */
final class Node {

    /** What a person sees of a node. */
    enum State {
        /** No process. */
        DEAD,
        /** A process that does not answer yet. */
        STARTING,
        /** It answers. */
        ALIVE
    }

    private static final Duration READY_WITHIN = Duration.ofSeconds(90);

    private final String name;
    private final Distribution tomcat;
    private final Path base;
    private final int port;
    private final Map<String, String> settings;
    private final Children children;
    private final Probe probe;
    private @Nullable Process process;
    private State state = State.DEAD;

    /**
     * A node without a process.
     *
     * @param base its CATALINA_BASE, filled
     * @param settings system properties of the shop and of Holdfast
     */
    Node(
            String name,
            Distribution tomcat,
            Path base,
            int port,
            Map<String, String> settings,
            Children children,
            Probe probe) {
        this.name = name;
        this.tomcat = tomcat;
        this.base = base;
        this.port = port;
        this.settings = Map.copyOf(settings);
        this.children = children;
        this.probe = probe;
    }

    /**
     * Fills a CATALINA_BASE as the README tells a user to: Tomcat's own configuration, the application, and for
     * Holdfast one JAR in lib.
     */
    static void fill(Path base, Project project, Distribution tomcat, Manager manager) throws CannotRunException {
        try {
            for (String folder : List.of("logs", "temp", "work", "lib")) {
                Files.createDirectories(base.resolve(folder));
            }
            Distribution.copy(tomcat.home().resolve("conf"), base.resolve("conf"));
            for (String file : List.of("server.xml", "tomcat-users.xml")) {
                Files.copy(
                        project.configuration().resolve(file),
                        base.resolve("conf").resolve(file),
                        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
            Path shop = base.resolve("webapps/shop");
            Distribution.copy(project.webapp(), shop);
            String classes = "dev/holdfast/examples/shop";
            Distribution.copy(
                    project.classes().resolve(classes),
                    shop.resolve("WEB-INF/classes").resolve(classes));
            if (manager == Manager.HOLDFAST) {
                Path jar = project.holdfastJar();
                Files.copy(jar, base.resolve("lib").resolve(jar.getFileName()));
            }
        } catch (IOException e) {
            throw new CannotRunException("Cannot fill the folder of a node, " + base + ": " + e.getMessage() + ".", e);
        }
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    String server() {
        return "Tomcat " + tomcat.version();
    }

    synchronized State state() {
        return pid() == null ? State.DEAD : state;
    }

    synchronized @Nullable Long pid() {
        return process == null || !process.isAlive() ? null : process.pid();
    }

    /** Starts the process and returns at once; nothing happens if there is one. */
    synchronized void start() throws CannotRunException {
        if (process != null && process.isAlive()) {
            return;
        }
        String properties = settings.entrySet().stream()
                .map(setting -> "-D" + setting.getKey() + "=" + setting.getValue())
                .sorted()
                .collect(Collectors.joining(" "));
        process = children.start(
                List.of("sh", tomcat.home().resolve("bin/catalina.sh").toString(), "run"),
                Map.of(
                        "CATALINA_HOME", tomcat.home().toString(),
                        "CATALINA_BASE", base.toString(),
                        "JRE_HOME", System.getProperty("java.home"),
                        "CATALINA_OPTS",
                                "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m -Dshop.port=" + port + " "
                                        + properties),
                base.resolve("logs/console.log"));
        state = State.STARTING;
    }

    /** Waits until the shop answers on this node. */
    void awaitReady() throws CannotRunException, InterruptedException {
        boolean done = Waiting.until(READY_WITHIN, () -> pid() == null || Probe.isFrom(name, probe.ask(port)));
        synchronized (this) {
            if (!done || pid() == null) {
                throw new CannotRunException("Node " + name + " (" + server() + ") did not answer on port " + port
                        + " within " + READY_WITHIN.toSeconds() + "s; what it said is in "
                        + base.resolve("logs/console.log") + ".");
            }
            state = State.ALIVE;
        }
    }

    /** Ends the process as {@code kill -9} does; returns when it is gone. */
    synchronized void kill() {
        children.kill(process);
        state = State.DEAD;
    }
}
