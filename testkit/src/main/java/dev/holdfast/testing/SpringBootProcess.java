package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An executable JAR or WAR of Spring Boot, in a process of its own, on a free port of the loopback interface, that can
 * be killed, paused and started again.
 *
 * <p>It is started as its user would, with {@code java -jar} and settings behind it. Everything it says goes to a file
 * in {@code target/it-logs}. Must be closed; ends with the test's JVM at the latest.
 */
public final class SpringBootProcess extends ContainerProcess {
    private SpringBootProcess(Builder builder) throws IOException {
        super(builder.name);
        startsWith(command(builder));
    }

    /** Begins the description of a node. */
    public static Builder node(Path archive, String name) {
        return new Builder(archive, name);
    }

    /** What a node is like. */
    public static final class Builder {
        private final Path archive;
        private final String name;
        private final List<String> options = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();

        private Builder(Path archive, String name) {
            this.archive = archive.toAbsolutePath();
            this.name = name;
        }

        /** Adds a setting, as in {@code server.servlet.context-path}. */
        public Builder setting(String key, String value) {
            arguments.add("--" + key + "=" + value);
            return this;
        }

        /** Sets a system property. */
        public Builder property(String key, String value) {
            options.add("-D" + key + "=" + value);
            return this;
        }

        /** Makes the node without starting it. */
        public SpringBootProcess prepare() {
            try {
                return new SpringBootProcess(this);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot prepare " + name, e);
            }
        }

        /** Starts the node and waits until it answers. */
        public SpringBootProcess start() {
            SpringBootProcess node = prepare();
            node.launch();
            node.awaitAnswer();
            return node;
        }
    }

    private List<String> command(Builder builder) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(QUICK_TO_START);
        line.add("-Xmx192m");
        line.add("-Djava.io.tmpdir=" + base());
        line.addAll(builder.options);
        line.addAll(List.of("-jar", builder.archive.toString()));
        line.addAll(List.of("--server.address=" + HOST, "--server.port=" + port()));
        line.addAll(builder.arguments);
        return line;
    }
}
