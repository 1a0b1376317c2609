package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Tomcat 9 with the JAR beside it, in a JVM of its own: its classes have the names of those of the Tomcat that the
 * other tests run.
 */
class OldTomcatIT {
    private static final Path TARGET =
            Path.of(System.getProperty("basedir", "."), "target").toAbsolutePath();

    @TempDir
    private Path base;

    /** Starts it with two applications and stops it again; the one argument is its directory. */
    static final class Server {
        private Server() {}

        public static void main(String[] arguments) throws ReflectiveOperationException {
            Class<?> type = Class.forName("org.apache.catalina.startup.Tomcat");
            Object tomcat = type.getConstructor().newInstance();
            type.getMethod("setBaseDir", String.class).invoke(tomcat, arguments[0]);
            type.getMethod("setPort", int.class).invoke(tomcat, 0);
            Method add = type.getMethod("addWebapp", String.class, String.class);
            for (String path : List.of("/shop", "/admin")) {
                add.invoke(tomcat, path, arguments[0] + path);
            }
            type.getMethod("start").invoke(tomcat);
            type.getMethod("stop").invoke(tomcat);
            type.getMethod("destroy").invoke(tomcat);
        }
    }

    private static String classPath() throws IOException {
        try (Stream<Path> own = Files.list(TARGET);
                Stream<Path> old = Files.list(TARGET.resolve("old-tomcat"))) {
            return Stream.concat(own, old)
                            .map(Path::toString)
                            .filter(file -> file.matches(
                                    ".*/(holdfast-tomcat-[0-9]|tomcat-)[^/]*(?<!-sources|-javadoc|-tests)\\.jar"))
                            .collect(Collectors.joining(File.pathSeparator))
                    + File.pathSeparator
                    + TARGET.resolve("test-classes");
        }
    }

    @Test
    void saysThatItIsTooOldOnceForAllApplications() throws Exception {
        Files.createDirectories(base.resolve("shop"));
        Files.createDirectories(base.resolve("admin"));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath(),
                        Server.class.getName(),
                        base.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(said.lines().filter(line -> line.contains("HF-")))
                .as(said)
                .singleElement()
                .asString()
                .startsWith("SEVERE: HF-306: This is Apache Tomcat/9.0.")
                .endsWith(
                        ", where Holdfast does nothing: it needs Tomcat 10.1 or 11. Sessions are in the memory of this"
                                + " node only. Upgrade Tomcat, or take the JAR of Holdfast out of its lib.");
    }
}
