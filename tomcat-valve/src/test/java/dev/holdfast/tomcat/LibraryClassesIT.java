package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.library.LibraryToken;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.webresources.FileResourceSet;
import org.apache.catalina.webresources.JarResourceSet;
import org.apache.catalina.webresources.StandardRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A value whose class came in a JAR of WEB-INF/lib, with each setting of {@code holdfast.classes}, in a directory and
 * in a packed WAR.
 */
class LibraryClassesIT {
    private static final String REFUSED = LibraryToken.class.getName() + ", which the class policy does not allow";

    private static RedisProcess redis;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    private String webXml(String mode) {
        return """
                <context-param><param-name>holdfast.redis</param-name><param-value>%s</param-value></context-param>
                <context-param><param-name>holdfast.node</param-name><param-value>n1</param-value></context-param>
                <context-param><param-name>holdfast.classes</param-name><param-value>%s</param-value></context-param>
                <context-param><param-name>holdfast.unstorable</param-name><param-value>refuse</param-value></context-param>
                <distributable/>
                <servlet><servlet-name>tokens</servlet-name><servlet-class>%s</servlet-class></servlet>
                <servlet-mapping><servlet-name>tokens</servlet-name><url-pattern>/tokens</url-pattern></servlet-mapping>
                """.formatted(redis.uri(), mode, TokenServlet.class.getName());
    }

    private Path library() throws IOException {
        Path jar = directory.resolve("tokens-1.0.jar");
        if (!Files.exists(jar)) {
            try (OutputStream out = Files.newOutputStream(jar);
                    ZipOutputStream zip = new ZipOutputStream(out)) {
                for (Class<?> type : List.of(LibraryToken.class, ModuleToken.class)) {
                    String file = type.getName().replace('.', '/') + ".class";
                    zip.putNextEntry(new ZipEntry(file));
                    try (InputStream in = type.getClassLoader().getResourceAsStream(file)) {
                        in.transferTo(zip);
                    }
                }
            }
        }
        return jar;
    }

    private Path exploded(String mode) throws IOException {
        return ExplodedApplication.create("library-classes")
                .webXml(webXml(mode))
                .classes(TokenServlet.class)
                .library(library())
                .path();
    }

    private Path packed(Path exploded) throws IOException {
        Path war = directory.resolve("shop.war");
        try (OutputStream out = Files.newOutputStream(war);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.walk(exploded)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry(exploded.relativize(file).toString()));
                Files.copy(file, zip);
            }
        }
        return war;
    }

    /** What the page answers to a value of a library, and what another node answers that is asked for it. */
    private static String setAndReadElsewhere(Path application, Consumer<Context> more) throws LifecycleException {
        return sendAndReadElsewhere(application, more, "?set=tea");
    }

    private static String sendAndReadElsewhere(Path application, Consumer<Context> more, String query)
            throws LifecycleException {
        Browser browser = new Browser();
        String set = answer(browser, application, more, query);
        return set + ", then " + answer(browser, application, more, "");
    }

    private static String answer(Browser browser, Path application, Consumer<Context> more, String query)
            throws LifecycleException {
        try (EmbeddedTomcat tomcat = new EmbeddedTomcat()) {
            more.accept(tomcat.addWebapp("/shop", application));
            tomcat.start();
            return browser.get(tomcat.uri("/shop/tokens" + query)).body();
        }
    }

    @Test
    void learnStoresItAndLogsTheLineThatAllowsIt() throws Exception {
        try (LogCapture log = new LogCapture("dev.holdfast")) {
            assertThat(setAndReadElsewhere(exploded("learn"), context -> {})).isEqualTo("tea, then tea");

            assertThat(log.lines())
                    .anySatisfy(line -> assertThat(line)
                            .startsWith(
                                    "INFO HF-308: holdfast.classes=learn has found 1 class that holdfast.classes=app does"
                                            + " not store in shop. To allow all of it:")
                            .endsWith("<param-name>holdfast.classes.allow</param-name><param-value>"
                                    + LibraryToken.class.getName() + "</param-value></context-param>"));
        }
    }

    @Test
    void learnStoresItWhereTheWarStaysPacked() throws Exception {
        assertThat(setAndReadElsewhere(packed(exploded("learn")), context -> {}))
                .isEqualTo("tea, then tea");
    }

    @ParameterizedTest
    @ValueSource(strings = {"strict", "app"})
    void itIsRefusedWhereverTheApplicationIs(String mode) throws Exception {
        Path exploded = exploded(mode);

        assertThat(setAndReadElsewhere(exploded, context -> {})).contains(REFUSED, ", then none");
        assertThat(setAndReadElsewhere(packed(exploded), context -> {})).contains(REFUSED, ", then none");
    }

    @Test
    void appTakesAClassOfTheApplicationsModulesForItsOwnWhereverTheApplicationIs() throws Exception {
        Path exploded = exploded("app");

        assertThat(sendAndReadElsewhere(exploded, context -> {}, "?own=tea")).isEqualTo("tea, then tea");
        assertThat(sendAndReadElsewhere(packed(exploded), context -> {}, "?own=tea"))
                .isEqualTo("tea, then tea");
    }

    @Test
    void strictRefusesAClassOfTheApplicationsModules() throws Exception {
        assertThat(sendAndReadElsewhere(exploded("strict"), context -> {}, "?own=tea"))
                .contains(ModuleToken.class.getName() + ", which the class policy does not allow", ", then none");
    }

    /** Operators mount drivers and agents so; they are nobody's own classes. */
    @ParameterizedTest
    @ValueSource(strings = {"strict", "app", "learn"})
    void jarThatIsMountedFromOutsideIsNotTheApplicationsOwn(String mode) throws Exception {
        isRefusedIfMounted(mode, LibraryClassesIT::mountAsClasses);
    }

    @ParameterizedTest
    @ValueSource(strings = {"strict", "app", "learn"})
    void jarThatIsMountedAmongTheLibrariesIsNotTheApplicationsOwnEither(String mode) throws Exception {
        isRefusedIfMounted(mode, LibraryClassesIT::mountAsLibrary);
    }

    private void isRefusedIfMounted(String mode, BiConsumer<Context, Path> mount) throws Exception {
        Path application = ExplodedApplication.create("mounted-classes")
                .webXml(webXml(mode))
                .classes(TokenServlet.class)
                .path();
        Path jar = library();

        assertThat(setAndReadElsewhere(application, context -> mount.accept(context, jar)))
                .contains(REFUSED, ", then none");
        assertThat(sendAndReadElsewhere(application, context -> mount.accept(context, jar), "?own=tea"))
                .contains(ModuleToken.class.getName() + ", which the class policy does not allow", ", then none");
    }

    private static void mountAsClasses(Context context, Path jar) {
        StandardRoot resources = new StandardRoot(context);
        context.setResources(resources);
        resources.addPostResources(new JarResourceSet(resources, "/WEB-INF/classes", jar.toString(), "/"));
    }

    /** Tomcat then opens it as if it lay there. */
    private static void mountAsLibrary(Context context, Path jar) {
        StandardRoot resources = new StandardRoot(context);
        context.setResources(resources);
        resources.addPostResources(
                new FileResourceSet(resources, "/WEB-INF/lib/" + jar.getFileName(), jar.toString(), "/"));
    }
}
