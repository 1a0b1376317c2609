package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.scan.StandardJarScanner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the configurations and programs of the documentation that need a Tomcat or a Redis. */
class DocsSnippetsIT {
    private static RedisProcess redis;
    private static String redisBefore;

    private final List<Tomcat> running = new ArrayList<>();

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
        // Comes before the address in a snippet, or the default.
        redisBefore = System.setProperty("holdfast.redis", redis.uri().toString());
    }

    @AfterAll
    static void stopRedis() {
        if (redisBefore == null) {
            System.clearProperty("holdfast.redis");
        } else {
            System.setProperty("holdfast.redis", redisBefore);
        }
        redis.close();
    }

    @AfterEach
    void stopNodes() throws LifecycleException {
        for (Tomcat tomcat : running) {
            tomcat.stop();
            tomcat.destroy();
        }
    }

    static List<DocsSnippet> webXml() {
        return DocsSnippet.of("DocsSnippetsIT", "web.xml");
    }

    @ParameterizedTest
    @MethodSource("webXml")
    void webXmlMakesAnApplicationTakePart(DocsSnippet snippet) throws Exception {
        Browser browser = new Browser();

        assertThat(count(browser, startWebapp("n1", snippet.text(), ""))).isEqualTo("1");
        assertThat(count(browser, startWebapp("n2", snippet.text(), ""))).isEqualTo("2");
    }

    static List<DocsSnippet> contextXml() {
        return DocsSnippet.of("DocsSnippetsIT", "context.xml");
    }

    @ParameterizedTest
    @MethodSource("contextXml")
    void contextXmlMakesAnApplicationTakePart(DocsSnippet snippet) throws Exception {
        Browser browser = new Browser();

        assertThat(count(browser, startWebapp("n1", "", snippet.text()))).isEqualTo("1");
        assertThat(count(browser, startWebapp("n2", "", snippet.text()))).isEqualTo("2");
    }

    @Test
    void applicationWithoutAnyOfItKeepsTomcatsSessions() throws Exception {
        Browser browser = new Browser();

        assertThat(count(browser, startWebapp("n1", "", ""))).isEqualTo("1");
        assertThat(count(browser, startWebapp("n2", "", ""))).isEqualTo("1");
    }

    @Test
    void embeddedTomcatTakesPart() throws Exception {
        Browser browser = new Browser();

        assertThat(count(browser, startEmbedded("n1"))).isEqualTo("1");
        assertThat(count(browser, startEmbedded("n2"))).isEqualTo("2");
    }

    private Tomcat startEmbedded(String node) throws IOException, LifecycleException {
        String redisUri = redis.uri().toString();
        Tomcat tomcat = tomcat(node);
        String docBase = Files.createTempDirectory(Path.of("target"), "shop-")
                .toAbsolutePath()
                .toString();

        Context context = tomcat.addContext("/shop", docBase);
        context.addParameter("holdfast.redis", redisUri);
        context.addParameter("holdfast.classes.allow", "com.shop.model.**");
        HoldfastTomcat.install(context);

        EmbeddedNode.addServlet(context, "/count", new Counter());
        tomcat.start();
        return tomcat;
    }

    static List<DocsSnippet> redis() {
        return DocsSnippet.of("DocsSnippetsIT", "redis");
    }

    @ParameterizedTest
    @MethodSource("redis")
    void redisStartsWithItsSettings(DocsSnippet snippet) {
        List<String> arguments = new ArrayList<>();
        for (String line : snippet.lines()) {
            String[] words = line.split(" ", 2);
            arguments.add("--" + words[0]);
            arguments.add(words[1]);
        }

        try (RedisProcess server = RedisProcess.start(arguments.toArray(String[]::new))) {
            for (String line : snippet.lines()) {
                String[] words = line.split(" ", 2);
                Map<String, String> set = server.ask(jedis -> jedis.configGet(words[0]));
                assertThat(set).containsEntry(words[0], words[1]);
            }
        }
    }

    private Tomcat tomcat(String node) throws IOException {
        Tomcat tomcat = new Tomcat();
        running.add(tomcat);
        tomcat.setBaseDir(Files.createTempDirectory(Path.of("target"), "docs-")
                .toAbsolutePath()
                .toString());
        tomcat.setAddDefaultWebXmlToWebapp(false);
        Connector connector = new Connector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        tomcat.setConnector(connector);
        tomcat.getEngine().setJvmRoute(node);
        return tomcat;
    }

    private Tomcat startWebapp(String node, String webXml, String contextXml) throws IOException, LifecycleException {
        Tomcat tomcat = tomcat(node);
        Path shop = Files.createTempDirectory(Path.of("target"), "shop-").toAbsolutePath();
        Files.createDirectories(shop.resolve("WEB-INF"));
        Files.createDirectories(shop.resolve("META-INF"));
        Files.writeString(shop.resolve("WEB-INF/web.xml"), """
                <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
                %s
                </web-app>
                """.formatted(webXml));
        if (!contextXml.isEmpty()) {
            Files.writeString(shop.resolve("META-INF/context.xml"), contextXml);
        }
        Context context = tomcat.addWebapp("/shop", shop.toString());
        // Fragments and tag libraries of the test's class path are none of this application's.
        ((StandardJarScanner) context.getJarScanner()).setScanClassPath(false);
        EmbeddedNode.addServlet(context, "/count", new Counter());
        tomcat.start();
        return tomcat;
    }

    private static String count(Browser browser, Tomcat tomcat) throws Exception {
        int port = tomcat.getConnector().getLocalPort();
        return browser.get(URI.create("http://127.0.0.1:" + port + "/shop/count"))
                .body();
    }

    @SuppressWarnings("serial")
    private static final class Counter extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            HttpSession session = request.getSession();
            int count = session.getAttribute("count") instanceof Integer before ? before + 1 : 1;
            session.setAttribute("count", count);
            response.getWriter().print(count);
        }
    }
}
