package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpSession;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.webresources.TomcatURLStreamHandlerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The JAR as it is copied into Tomcat's lib: what is in it, and that it works with nothing but Tomcat beside it. */
class JarIT {
    private static Path jar;

    @BeforeAll
    static void find() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("basedir", "."), "target"))) {
            jar = files.filter(file -> file.getFileName().toString().matches("holdfast-tomcat-[0-9][^/]*\\.jar"))
                    .filter(file -> !file.getFileName().toString().matches(".*-(sources|javadoc|tests)\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("No JAR in target: mvn package makes it"));
        }
    }

    private static List<String> entries() throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(ZipEntry::getName)
                    .toList();
        }
    }

    private static String text(String entry) throws IOException {
        try (JarFile file = new JarFile(jar.toFile());
                InputStream in = file.getInputStream(file.getEntry(entry))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void hasOurPackagesAndRelocatedOnesOnly() throws IOException {
        assertThat(entries())
                .filteredOn(entry -> !entry.startsWith("META-INF/"))
                .isNotEmpty()
                .allMatch(entry -> entry.startsWith("dev/holdfast/"));
        assertThat(entries())
                .filteredOn(entry -> entry.endsWith(".class"))
                .anyMatch(entry -> entry.startsWith("dev/holdfast/shaded/redis/clients/jedis/"))
                .anyMatch(entry -> entry.startsWith("dev/holdfast/shaded/com/esotericsoftware/kryo/"))
                .anyMatch(entry -> entry.startsWith("dev/holdfast/shaded/io/prometheus/metrics/"))
                .anyMatch(entry -> entry.equals("dev/holdfast/tomcat/HoldfastManager.class"))
                .anyMatch(entry -> entry.equals("dev/holdfast/affinity/AffinityFilter.class"))
                .noneMatch(entry -> entry.contains("/kryo/unsafe/"))
                .noneMatch(entry -> entry.matches("dev/holdfast/shaded/(com/google|org/apache|org/json|org/slf4j)/.*"))
                .noneMatch(entry -> entry.startsWith("dev/holdfast/shaded/redis/clients/authentication/"))
                .noneMatch(entry -> entry.endsWith("module-info.class"))
                .noneMatch(entry -> entry.endsWith("IT.class") || entry.endsWith("Test.class"));
    }

    @Test
    void servicesAreRewrittenAndTheirClassesAreThere() throws IOException {
        List<String> services = entries().stream()
                .filter(entry -> entry.startsWith("META-INF/services/"))
                .toList();

        assertThat(services).contains("META-INF/services/jakarta.servlet.ServletContainerInitializer");
        for (String service : services) {
            String name = service.substring("META-INF/services/".length());
            assertThat(name)
                    .satisfiesAnyOf(
                            n -> assertThat(n).isEqualTo("jakarta.servlet.ServletContainerInitializer"),
                            n -> assertThat(n).isEqualTo("javax.servlet.ServletContainerInitializer"),
                            n -> assertThat(n).startsWith("dev.holdfast."));
            for (String provider : text(service).lines().toList()) {
                String type = provider.replaceFirst("#.*", "").strip();
                if (!type.isEmpty()) {
                    assertThat(type).startsWith("dev.holdfast.");
                    assertThat(entries()).contains(type.replace('.', '/') + ".class");
                }
            }
        }
        assertThat(text("META-INF/services/jakarta.servlet.ServletContainerInitializer")
                        .strip())
                .isEqualTo("dev.holdfast.tomcat.HoldfastInitializer");
    }

    /** Spring Boot itself is the application's. */
    @Test
    void springBootFindsItsAutoConfigurationAndItsMetadata() throws IOException {
        assertThat(text("META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports")
                        .lines())
                .containsExactly(
                        "dev.holdfast.tomcat.HoldfastTomcatAutoConfiguration",
                        "dev.holdfast.boot.HoldfastMetricsAutoConfiguration");
        assertThat(text("META-INF/spring.factories")).contains("=dev.holdfast.boot.RefusedSettingsAnalyzer");
        assertThat(text("META-INF/spring-configuration-metadata.json")).contains("\"holdfast.redis\"");
        assertThat(entries())
                .contains(
                        "dev/holdfast/tomcat/HoldfastTomcatAutoConfiguration.class",
                        "dev/holdfast/boot/RefusedSettingsAnalyzer.class")
                .noneMatch(entry -> entry.contains("springframework/") || entry.contains("micrometer"));
    }

    @Test
    void licencesOfAllThatIsInsideAreThere() throws IOException {
        assertThat(text("META-INF/LICENSE")).contains("Apache License", "Version 2.0");
        assertThat(text("META-INF/THIRD-PARTY.txt"))
                .contains("jedis", "kryo", "reflectasm", "minlog", "objenesis", "prometheus", "picocli", "nanojson")
                .contains("MIT", "BSD", "Permission is hereby granted", "Redistribution and use");
    }

    @Test
    void manifestNamesVersionAndModule() throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            Attributes manifest = file.getManifest().getMainAttributes();
            assertThat(manifest.getValue("Automatic-Module-Name")).isEqualTo("dev.holdfast.tomcat");
            assertThat(manifest.getValue("Main-Class")).isEqualTo("dev.holdfast.cli.Main");
            assertThat(jar.getFileName())
                    .hasToString("holdfast-tomcat-" + manifest.getValue("Implementation-Version") + ".jar");
        }
    }

    /** The JAR, Tomcat and the classes of these tests, and nothing else of the test's class path. */
    private static URLClassLoader lib() throws IOException {
        List<URL> urls = new ArrayList<>();
        urls.add(jar.toUri().toURL());
        for (Class<?> type : List.of(Tomcat.class, HttpServlet.class, JarIT.class)) {
            urls.add(type.getProtectionDomain().getCodeSource().getLocation());
        }
        String annotations = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path -> path.contains("tomcat-annotations-api"))
                .findFirst()
                .orElseThrow();
        urls.add(Path.of(annotations).toUri().toURL());
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    @Test
    void nothingOfItsLibrariesIsVisibleUnderItsOwnName() throws IOException {
        try (URLClassLoader lib = lib()) {
            for (String name : List.of(
                    "redis.clients.jedis.Jedis",
                    "com.esotericsoftware.kryo.Kryo",
                    "org.objenesis.Objenesis",
                    "picocli.CommandLine",
                    "com.grack.nanojson.JsonWriter",
                    "org.slf4j.Logger",
                    "com.google.gson.Gson",
                    "org.json.JSONObject",
                    "org.apache.commons.pool2.ObjectPool")) {
                assertThatThrownBy(() -> lib.loadClass(name)).isInstanceOf(ClassNotFoundException.class);
            }
        }
    }

    /** Loaded together with the JAR by a class loader of their own; known to the test by types of the JDK only. */
    static final class IsolatedNode implements AutoCloseable {
        private final EmbeddedNode node;

        IsolatedNode(String name, URI redis) {
            TomcatURLStreamHandlerFactory.disable(); // a JVM takes one, and the Tomcat of the other tests needs it
            node = new EmbeddedNode(name, redis, Map.of(), IsolatedNode::application);
        }

        private static void application(Context context) {
            Page.add(context, "/add", (request, response) -> {
                HttpSession session = request.getSession();
                List<String> items = session.getAttribute("items") instanceof ArrayList<?> found
                        ? new ArrayList<>(found.stream().map(String::valueOf).toList())
                        : new ArrayList<>();
                items.add(request.getParameter("item"));
                session.setAttribute("items", items);
                response.getWriter().print(items);
            });
        }

        @Override
        public String toString() {
            return node.uri("/add").toString();
        }

        @Override
        public void close() {
            node.close();
        }
    }

    @Test
    void worksWithNothingButTomcatBesideIt() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                URLClassLoader lib = lib();
                AutoCloseable n1 = isolated(lib, "n1", redis.uri());
                AutoCloseable n2 = isolated(lib, "n2", redis.uri())) {
            assertThat(n1.getClass().getClassLoader()).isSameAs(lib);
            Browser browser = new Browser();

            assertThat(browser.get(URI.create(n1 + "?item=a")).body()).isEqualTo("[a]");
            assertThat(browser.get(URI.create(n2 + "?item=b")).body()).isEqualTo("[a, b]");
            assertThat(browser.get(URI.create(n1 + "?item=c")).body()).isEqualTo("[a, b, c]");
        }
    }

    private static AutoCloseable isolated(ClassLoader lib, String name, URI redis) throws ReflectiveOperationException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(lib);
        try {
            var constructor =
                    lib.loadClass(IsolatedNode.class.getName()).getDeclaredConstructor(String.class, URI.class);
            constructor.setAccessible(true);
            return (AutoCloseable) constructor.newInstance(name, redis);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void jarInsideAnApplicationIsRefusedWithWhatToDo() throws LifecycleException {
        try (EmbeddedTomcat tomcat = new EmbeddedTomcat();
                LogCapture log = new LogCapture("org.apache.catalina")) {
            tomcat.start();

            Context context = tomcat.addWebapp("/shop", "<distributable/>", List.of(), List.of(jar));

            assertThat(context.getState().isAvailable()).isFalse();
            assertThat(log.thrown())
                    .contains(
                            "HF-103: The JAR of Holdfast for Tomcat is in WEB-INF/lib of /shop, where it cannot work. Move it to the"
                                    + " lib directory of Tomcat (CATALINA_BASE/lib) and take it out of WEB-INF/lib.");
        }
    }
}
