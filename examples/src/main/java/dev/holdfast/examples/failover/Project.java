package dev.holdfast.examples.failover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The checkout that the example runs from.
 *
 * @param root its top folder
 */
record Project(Path root) {

    private static final String PROPERTY = "holdfast.project";

    /**
     * The project that {@code run} was called in.
     *
     * @throws CannotRunException if the launcher was not started by {@code run}
     */
    static Project ofThisRun() throws CannotRunException {
        String root = System.getProperty(PROPERTY);
        if (root == null) {
            throw new CannotRunException("The system property " + PROPERTY
                    + " is not set, so the launcher does not know its files. Start it by examples/failover/run.");
        }
        return new Project(Path.of(root));
    }

    /** Files of a node and of the balancer as a user would write them. */
    Path configuration() {
        return root.resolve("examples/failover/conf");
    }

    /** The shop's pages and its web.xml. */
    Path webapp() {
        return root.resolve("examples/failover/webapp");
    }

    /** Folder whose content becomes the shop's WEB-INF/classes. */
    Path classes() {
        return root.resolve("examples/target/classes");
    }

    /** Where everything that a run makes is put. */
    Path workFolder() {
        return root.resolve("examples/target/failover");
    }

    /**
     * The zip of one container.
     *
     * @param start how its name begins, such as {@code "tomcat-10."}
     */
    Path distribution(String start) throws CannotRunException {
        return only(root.resolve("examples/target/distributions"), start, ".zip");
    }

    /** The one JAR that is copied into Tomcat's lib. */
    Path tomcatJar() throws CannotRunException {
        return only(root.resolve("tomcat-valve/target"), "holdfast-tomcat-", ".jar");
    }

    /** The one JAR that is copied into the lib of a JETTY_BASE. */
    Path jettyJar() throws CannotRunException {
        return only(root.resolve("jetty-module/target"), "holdfast-jetty-", ".jar");
    }

    private static Path only(Path folder, String start, String end) throws CannotRunException {
        List<Path> found = List.of();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                found = files.filter(file -> isNamed(file.getFileName().toString(), start, end))
                        .toList();
            } catch (IOException e) {
                throw new CannotRunException("Cannot read " + folder + ": " + e.getMessage() + ".", e);
            }
        }
        if (found.size() != 1) {
            throw new CannotRunException("Expected one file " + start + "*" + end + " in " + folder + ", found "
                    + found.size() + ". Build the project anew: mvn -B -Dfast -DskipTests clean package");
        }
        return found.get(0);
    }

    private static boolean isNamed(String name, String start, String end) {
        return name.startsWith(start)
                && name.endsWith(end)
                && !name.endsWith("-tests.jar")
                && !name.endsWith("-sources.jar")
                && !name.endsWith("-javadoc.jar");
    }
}
