package dev.holdfast.costs;

import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Has Redisson's manager keep the sessions of an application, as its documents show it. */
final class Redisson {
    /** Pattern of the keys of its sessions. */
    static final String KEYS = "redisson:tomcat_session:*";

    /** Where the profile {@code benchmark} copies it to. */
    private static final Path LIBRARIES = Path.of("target", "redisson").toAbsolutePath();

    private static final String CONTEXT = """
            <Context>
              <Manager className="org.redisson.tomcat.RedissonSessionManager" configPath="%s"
                       readMode="REDIS" updateMode="DEFAULT" broadcastSessionEvents="false"/>
            </Context>
            """;

    private static final String CONFIG = """
            singleServerConfig:
              address: "redis://127.0.0.1:%d"
            """;

    private Redisson() {}

    /** A copy of an application that says so. */
    static Path in(Path application, RedisProcess redis) {
        ExplodedApplication with =
                ExplodedApplication.copyOf(application).file("WEB-INF/redisson.yaml", CONFIG.formatted(redis.port()));
        return with.file("META-INF/context.xml", CONTEXT.formatted(with.path().resolve("WEB-INF/redisson.yaml")))
                .path();
    }

    /** What goes to Tomcat's {@code lib}. */
    static List<Path> libraries() {
        try (Stream<Path> jars = Files.list(LIBRARIES)) {
            return jars.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(LIBRARIES + " is missing: -Pbenchmark copies it", e);
        }
    }
}
