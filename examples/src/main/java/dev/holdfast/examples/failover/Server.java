package dev.holdfast.examples.failover;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A web container as its project distributes it, of which each node runs a process. */
interface Server {

    /** For people: its name and version. */
    String title();

    /**
     * Fills the folder of a node as the container's documents tell a user to, with the shop, and for Holdfast with its
     * one JAR.
     */
    void fill(Path base, Project project, Manager manager) throws CannotRunException, InterruptedException;

    /**
     * How a node of it is started.
     *
     * @param base the node's folder, filled
     * @param port where it listens on loopback
     * @param properties system properties
     */
    Launch launch(Path base, int port, Map<String, String> properties);

    /**
     * A command line.
     *
     * @param command the program and its arguments
     * @param environment variables that it gets besides those of this process
     */
    record Launch(List<String> command, Map<String, String> environment) {}

    /** What every node's Java is told: small and quickly there, since three of them share a machine. */
    List<String> JVM_OPTIONS = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m");

    /** Puts the shop into a folder: its pages, its web.xml and its classes. */
    static void copyShop(Project project, Path target) throws IOException {
        String classes = "dev/holdfast/examples/shop";
        Distribution.copy(project.webapp(), target);
        Distribution.copy(
                project.classes().resolve(classes),
                target.resolve("WEB-INF/classes").resolve(classes));
    }
}
