package dev.holdfast.testing;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** Where applications run that know nothing of Holdfast: its JAR in a distribution, and a node's settings. */
public enum ApplicationServer {
    TOMCAT_10_1 {
        @Override
        public ContainerProcess node(
                String name, RedisProcess redis, Map<String, Path> applications, Map<String, String> settings) {
            return tomcat(TomcatDistribution.TOMCAT_10_1, name, redis, applications, settings);
        }
    },
    TOMCAT_11 {
        @Override
        public ContainerProcess node(
                String name, RedisProcess redis, Map<String, Path> applications, Map<String, String> settings) {
            return tomcat(TomcatDistribution.TOMCAT_11, name, redis, applications, settings);
        }
    },
    JETTY {
        @Override
        public ContainerProcess node(
                String name, RedisProcess redis, Map<String, Path> applications, Map<String, String> settings) {
            JettyProcess.Builder node = JettyProcess.node(name)
                    .module("ee10-annotations")
                    .module("ee10-jsp")
                    .module("ee10-websocket-jakarta"); // Tomcat has it, too, and Faces' beans need it
            applications.forEach((path, exploded) -> node.application(path, exploded, "ee10"));
            settings.forEach(node::property);
            return node.property("holdfast.redis", redis.uri().toString())
                    .property("holdfast.node", name)
                    .property("holdfast.apps", String.join(",", applications.keySet()))
                    .heap(HEAP)
                    .prepare();
        }
    };

    /** For several applications with frameworks. */
    private static final String HEAP = "512m";

    /** Tomcat 10.1; with {@code -Dapplications.whole=true} all of them. */
    public static Stream<ApplicationServer> tested() {
        return Boolean.getBoolean("applications.whole") ? Stream.of(values()) : Stream.of(TOMCAT_10_1);
    }

    /**
     * A node that is not started yet.
     *
     * @param applications exploded, by their paths without slash
     */
    public ContainerProcess node(String name, RedisProcess redis, Map<String, Path> applications) {
        return node(name, redis, applications, Map.of());
    }

    /**
     * A node that is not started yet.
     *
     * @param applications exploded, by their paths without slash
     * @param settings of Holdfast beside those that each node needs
     */
    public abstract ContainerProcess node(
            String name, RedisProcess redis, Map<String, Path> applications, Map<String, String> settings);

    private static ContainerProcess tomcat(
            TomcatDistribution distribution,
            String name,
            RedisProcess redis,
            Map<String, Path> applications,
            Map<String, String> settings) {
        TomcatProcess.Builder node = TomcatProcess.node(distribution, name).library(CommitWays.jarOf("tomcat-valve"));
        applications.forEach(node::application);
        settings.forEach(node::property);
        return node.property("holdfast.redis", redis.uri().toString())
                .property("holdfast.node", name)
                .property("holdfast.apps", String.join(",", applications.keySet()))
                .heap(HEAP)
                .opened()
                .prepare();
    }
}
