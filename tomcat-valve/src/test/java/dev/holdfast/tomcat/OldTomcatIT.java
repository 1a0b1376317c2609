package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.LogCapture;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
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

    private static final int JAVA_8 = 52;

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

    private static Path jar() throws IOException {
        try (Stream<Path> files = Files.list(TARGET)) {
            return files.filter(file -> file.getFileName().toString().matches("holdfast-tomcat-[0-9][^/]*\\.jar"))
                    .filter(file -> !file.getFileName().toString().matches(".*-(sources|javadoc|tests)\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("No JAR in target: mvn package makes it"));
        }
    }

    private static List<Path> oldTomcat() throws IOException {
        try (Stream<Path> files = Files.list(TARGET.resolve("old-tomcat"))) {
            return files.toList();
        }
    }

    private static String classPath() throws IOException {
        List<Path> path = new ArrayList<>(oldTomcat());
        path.add(jar());
        path.add(TARGET.resolve("test-classes"));
        return path.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
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
                .startsWith("SEVERE: HF-139: This is Apache Tomcat/9.0.")
                .endsWith(
                        ", where Holdfast does nothing: it needs Tomcat 10.1 or 11. Sessions are in the memory of this"
                                + " node only. Upgrade Tomcat, or take the JAR of Holdfast out of its lib.");
    }

    /** What that server loads, beside its own classes and the JDK's. */
    private static final class Alone extends ClassLoader {
        private final String name;
        private final byte[] file;

        Alone(ClassLoader parent, String name, byte[] file) {
            super(parent);
            this.name = name;
            this.file = file;
        }

        @Override
        protected Class<?> findClass(String asked) throws ClassNotFoundException {
            if (!asked.equals(name)) {
                throw new ClassNotFoundException(asked);
            }
            return defineClass(name, file, 0, file.length);
        }
    }

    /** A Tomcat 9 may run on Java 8, where nothing else of the JAR can be loaded: it would start no application. */
    @Test
    void whatItIsSaidByIsOfJava8AndNeedsNothingElse() throws Exception {
        String name;
        byte[] file;
        try (JarFile jar = new JarFile(jar().toFile())) {
            name = text(jar, "META-INF/services/javax.servlet.ServletContainerInitializer")
                    .strip();
            file = bytes(jar, name.replace('.', '/') + ".class");
        }
        assertThat(ByteBuffer.wrap(file).getInt(Integer.BYTES))
                .as("version of the class file")
                .isEqualTo(JAVA_8);

        List<URL> urls = new ArrayList<>();
        for (Path library : oldTomcat()) {
            urls.add(library.toUri().toURL());
        }
        try (URLClassLoader server =
                        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
                LogCapture log = new LogCapture("dev.holdfast")) {
            Class<?> type = Class.forName(name, true, new Alone(server, name, file));
            Class<?> contextType = Class.forName("javax.servlet.ServletContext", false, server);
            Object context = Proxy.newProxyInstance(
                    server, new Class<?>[] {contextType}, (proxy, method, arguments) -> "a server");
            type.getMethod("onStartup", Set.class, contextType)
                    .invoke(type.getConstructor().newInstance(), null, context);

            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .startsWith("HF-139: This is a server, where Holdfast does nothing");
        }
    }

    private static String text(JarFile jar, String entry) throws IOException {
        return new String(bytes(jar, entry), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(JarFile jar, String entry) throws IOException {
        try (InputStream in = jar.getInputStream(jar.getEntry(entry))) {
            return in.readAllBytes();
        }
    }
}
