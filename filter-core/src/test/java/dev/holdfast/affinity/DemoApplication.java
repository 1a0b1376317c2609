package dev.holdfast.affinity;

import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.ExplodedApplication;
import java.io.IOException;
import java.io.OutputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A web application in a directory: the filter declared as the documentation shows it, in WEB-INF/lib a jar with
 * nothing but the packages {@code affinity} and {@code config}.
 */
final class DemoApplication {
    private static final List<String> FILTER_PACKAGES = List.of("dev/holdfast/affinity", "dev/holdfast/config");

    private static final List<String> CONTAINER_PACKAGES =
            List.of("jakarta/", "org/apache/catalina/", "org/apache/tomcat/", "org/apache/naming/", "org/apache/juli/");

    private final Path directory;

    private DemoApplication(Path directory) {
        this.directory = directory;
    }

    static DemoApplication build(String node) throws IOException {
        return build(node, Docs.block("affinity.md", "xml"));
    }

    /** The same as any other product would run it. */
    static DemoApplication withoutFilter(String node) throws IOException {
        return build(node, "");
    }

    private static DemoApplication build(String node, String filter) throws IOException {
        Path main = Path.of(System.getProperty("basedir", "."), "target", "classes");
        Path directory = ExplodedApplication.create("demo-" + node)
                .file("WEB-INF/web.xml", webXml(node, filter))
                .classes(DemoServlet.class)
                .path();
        Path lib = Files.createDirectories(directory.resolve("WEB-INF/lib"));
        try (OutputStream file = Files.newOutputStream(lib.resolve("holdfast-filter-core.jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            for (String name : FILTER_PACKAGES) {
                addClasses(jar, main, name);
            }
        }
        return new DemoApplication(directory);
    }

    private static void addClasses(JarOutputStream jar, Path root, String packageName) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(packageName))) {
            for (Path file : files.sorted().toList()) {
                jar.putNextEntry(new JarEntry(packageName + "/" + file.getFileName()));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
    }

    private static String webXml(String node, String filter) {
        return """
                <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0" metadata-complete="true">
                <context-param>
                  <param-name>holdfast.node</param-name>
                  <param-value>%s</param-value>
                </context-param>
                %s
                <listener>
                  <listener-class>dev.holdfast.testing.DemoServlet$Marker</listener-class>
                </listener>
                <servlet>
                  <servlet-name>demo</servlet-name>
                  <servlet-class>dev.holdfast.testing.DemoServlet</servlet-class>
                  <async-supported>true</async-supported>
                </servlet>
                <servlet-mapping>
                  <servlet-name>demo</servlet-name>
                  <url-pattern>/*</url-pattern>
                </servlet-mapping>
                <session-config>
                  <cookie-config>
                    <http-only>true</http-only>
                    <attribute>
                      <attribute-name>SameSite</attribute-name>
                      <attribute-value>Strict</attribute-value>
                    </attribute>
                  </cookie-config>
                </session-config>
                <error-page>
                  <location>/errorpage</location>
                </error-page>
                </web-app>
                """.formatted(node, filter);
    }

    Path directory() {
        return directory;
    }

    Path webXml() {
        return directory.resolve("WEB-INF/web.xml");
    }

    /** What the container would make of WEB-INF, for one that does not do it itself. */
    ClassLoader classLoader() throws MalformedURLException {
        return new URLClassLoader(
                new URL[] {
                    directory.resolve("WEB-INF/classes/").toUri().toURL(),
                    directory
                            .resolve("WEB-INF/lib/holdfast-filter-core.jar")
                            .toUri()
                            .toURL()
                },
                containerOnly());
    }

    /**
     * A parent that has the JDK, the servlet API and Tomcat, and nothing else of this class path: no Jedis, Kryo or
     * slf4j.
     */
    static ClassLoader containerOnly() {
        ClassLoader all = DemoApplication.class.getClassLoader();
        return new ClassLoader(ClassLoader.getPlatformClassLoader()) {
            @Override
            protected Class<?> findClass(String name) throws ClassNotFoundException {
                if (isContainers(name.replace('.', '/'))) {
                    return all.loadClass(name);
                }
                throw new ClassNotFoundException(name);
            }

            @Override
            protected @Nullable URL findResource(String name) {
                return isContainers(name) ? all.getResource(name) : null;
            }

            @Override
            protected Enumeration<URL> findResources(String name) throws IOException {
                return isContainers(name) ? all.getResources(name) : Collections.emptyEnumeration();
            }
        };
    }

    private static boolean isContainers(String path) {
        return CONTAINER_PACKAGES.stream().anyMatch(path::startsWith);
    }
}
