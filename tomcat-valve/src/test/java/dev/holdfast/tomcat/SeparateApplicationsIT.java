package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RawExchange;
import dev.holdfast.testing.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.catalina.Context;
import org.apache.catalina.Host;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two applications share sessions and logins only if somebody says that they are one. */
class SeparateApplicationsIT {
    private static final String COOKIE = "JSESSIONID";

    private RedisProcess redis;
    private EmbeddedTomcat tomcat;

    @BeforeEach
    void start() {
        redis = RedisProcess.start();
        tomcat = new EmbeddedTomcat();
    }

    @AfterEach
    void stop() {
        tomcat.close();
        redis.close();
    }

    private Context application(Host host, String path) {
        Context context = prepared(path);
        host.addChild(context);
        return context;
    }

    private Context prepared(String path) {
        StandardContext context = new StandardContext();
        context.setName(path);
        context.setPath(path.replaceFirst("##.*", ""));
        context.setWebappVersion(path.replaceFirst("^[^#]*(##)?", ""));
        try {
            context.setDocBase(Files.createTempDirectory(Path.of("target").toAbsolutePath(), "docs-")
                    .toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        context.addLifecycleListener(new Tomcat.FixContextListener());
        context.addParameter("holdfast.redis", redis.uri().toString());
        context.addParameter("holdfast.timeout", "5s");
        guarded(context);
        HoldfastTomcat.install(context);
        return context;
    }

    private static void guarded(Context context) {
        LoginConfig login = new LoginConfig("BASIC", "all", null, null);
        new OneUser("nobody at all", "member").guard(context, "/secret", login, new BasicAuthenticator());
        Page.add(
                context,
                "/secret",
                (request, response) -> response.getWriter().print("shown to " + request.getRemoteUser()));
        Page.add(context, "/enter", (request, response) -> {
            request.getSession().setAttribute("of", context.getDisplayName() + " " + context.getName());
            response.getWriter().print(request.getSession().getAttribute("of"));
        });
        Page.show(context, "/look", session -> session.getAttribute("of"));
        Page.add(context, "/set", (request, response) -> {
            request.getSession().setAttribute("of", request.getParameter("to"));
            response.getWriter().print(context.getWebappVersion());
        });
    }

    private StandardHost virtualHost(String name) {
        StandardHost host = new StandardHost();
        host.setName(name);
        tomcat.tomcat().getEngine().addChild(host);
        return host;
    }

    private static Answer get(EmbeddedTomcat at, String host, String path, String moreHead) {
        URI uri = at.uri(path);
        try {
            return RawExchange.run(
                    new InetSocketAddress(uri.getHost(), uri.getPort()),
                    "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + moreHead,
                    "",
                    () -> {},
                    () -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String cookie(String id) {
        return "Cookie: " + COOKIE + "=" + id + "\r\n";
    }

    @Test
    void userOfOneVirtualHostIsNotLetInAtAnother() throws LifecycleException {
        Context one = application(tomcat.tomcat().getHost(), "");
        one.setRealm(new OneUser("mallory", "member"));
        Context other = application(virtualHost("admin.example"), "");
        tomcat.start();
        assertThat(other.getState()).isEqualTo(LifecycleState.STARTED);
        String first = get(tomcat, "localhost", "/enter", "").cookie(COOKIE);
        String password = Base64.getEncoder().encodeToString("mallory:secret".getBytes(StandardCharsets.US_ASCII));
        Answer login = get(tomcat, "localhost", "/secret", cookie(first) + "Authorization: Basic " + password + "\r\n");
        assertThat(login.body()).isEqualTo("shown to mallory");
        String id = login.cookie(COOKIE); // a login changes it
        assertThat(get(tomcat, "localhost", "/secret", cookie(id)).body()).isEqualTo("shown to mallory");

        Answer answer = get(tomcat, "admin.example", "/secret", cookie(id));

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.body()).doesNotContain("mallory");
        assertThat(get(tomcat, "admin.example", "/look", cookie(id)).body()).isEqualTo("none");
        get(tomcat, "admin.example", "/enter", "");
        assertThat(redis.<Set<String>>ask(jedis -> jedis.keys("*:nodes}")))
                .containsExactlyInAnyOrder("{hf:ROOT:nodes}", "{hf:admin.example#ROOT:nodes}");
    }

    @Test
    void secondApplicationOfANameDoesNotStartOnOneServer() throws LifecycleException {
        Context shop = application(tomcat.tomcat().getHost(), "/shop");
        Context desk = application(virtualHost("desk.example"), "/desk");
        shop.addParameter("holdfast.app", "till");
        desk.addParameter("holdfast.app", "till");
        try (LogCapture log = new LogCapture("org.apache.catalina")) {
            tomcat.start();

            assertThat(shop.getState()).isEqualTo(LifecycleState.STARTED);
            assertThat(desk.getState()).isNotEqualTo(LifecycleState.STARTED);
            assertThat(log.thrown())
                    .anyMatch(
                            message -> message.contains("HF-135: desk.example/desk does not start: /shop of this server"
                                    + " keeps its sessions under the same name, holdfast.app = till."));
        }
        assertThat(get(tomcat, "localhost", "/shop/enter", "").status()).isEqualTo(200);
        assertThat(get(tomcat, "desk.example", "/desk/enter", "").status()).isEqualTo(404);
    }

    @Test
    void nameIsFreeWhenItsApplicationHasStopped() throws LifecycleException {
        Context shop = application(tomcat.tomcat().getHost(), "/shop");
        Context desk = application(tomcat.tomcat().getHost(), "/desk");
        shop.addParameter("holdfast.app", "till");
        desk.addParameter("holdfast.app", "till");
        tomcat.start();
        Context first = shop.getState() == LifecycleState.STARTED ? shop : desk;
        Context second = first == shop ? desk : shop;
        assertThat(second.getState()).isNotEqualTo(LifecycleState.STARTED);

        first.stop();
        second.start();

        assertThat(second.getState()).isEqualTo(LifecycleState.STARTED);
    }

    @Test
    void versionsOfOneApplicationRunSideBySideUnderOneName() throws LifecycleException {
        Context first = application(tomcat.tomcat().getHost(), "/shop##1");
        Context second = application(tomcat.tomcat().getHost(), "/shop##2");
        first.addParameter("holdfast.app", "till");
        second.addParameter("holdfast.app", "till");

        tomcat.start();

        assertThat(first.getState()).isEqualTo(LifecycleState.STARTED);
        assertThat(second.getState()).isEqualTo(LifecycleState.STARTED);
    }

    /** The first version still has what it had in memory before the second took over. */
    @Test
    void sessionThatTheNextVersionHasChangedIsNotStaleWhenThatIsRolledBack() throws LifecycleException {
        Context first = application(tomcat.tomcat().getHost(), "/shop##1");
        first.addParameter("holdfast.app", "till");
        tomcat.start();
        Browser browser = new Browser();
        assertThat(browser.get(tomcat.uri("/shop/set?to=one")).body()).isEqualTo("1");
        assertThat(browser.get(tomcat.uri("/shop/look")).body()).isEqualTo("one");
        Context second = prepared("/shop##2");
        second.addParameter("holdfast.app", "till");
        tomcat.tomcat().getHost().addChild(second);
        assertThat(browser.get(tomcat.uri("/shop/set?to=two")).body()).isEqualTo("2");
        assertThat(browser.get(tomcat.uri("/shop/look")).body()).isEqualTo("two");

        tomcat.tomcat().getHost().removeChild(second);

        assertThat(browser.get(tomcat.uri("/shop/look")).body()).isEqualTo("two");
        assertThat(browser.get(tomcat.uri("/shop/set?to=three")).body()).isEqualTo("1");
    }

    @Test
    void otherApplicationOfTheSamePathOnAnotherServerIsWarnedOfAndFoundByTheDoctor() throws Exception {
        Context shop = application(tomcat.tomcat().getHost(), "");
        shop.setDisplayName("Shop 2.1");
        shop.addParameter("holdfast.node", "n1");
        tomcat.start();
        try (LogCapture log = new LogCapture("dev.holdfast.session");
                EmbeddedTomcat elsewhere = new EmbeddedTomcat()) {
            Context desk = application(elsewhere.tomcat().getHost(), "");
            desk.setDisplayName("Desk");
            desk.addParameter("holdfast.node", "n2");
            elsewhere.start();
            await().until(() -> warnings(log).size() == 2);

            assertThat(warnings(log))
                    .anyMatch(line ->
                            line.contains("holdfast.app = ROOT: / \"Shop\" here, and / \"Desk\" on the node at "))
                    .anyMatch(line ->
                            line.contains("holdfast.app = ROOT: / \"Desk\" here, and / \"Shop\" on the node at "));
            assertThat(examination("n1")).anyMatch(line -> line.startsWith("HF-518: ") && line.contains("\"Desk\""));
            assertThat(examination("n2")).anyMatch(line -> line.startsWith("HF-518: ") && line.contains("\"Shop\""));
        }
        await().untilAsserted(() -> assertThat(examination("n1")).noneMatch(line -> line.startsWith("HF-518: ")));
    }

    private static List<String> warnings(LogCapture log) {
        return log.lines().stream().filter(line -> line.contains("HF-136: ")).toList();
    }

    private static List<String> examination(String node) throws JMException {
        ObjectName name = new ObjectName("dev.holdfast:type=Node,node=" + ObjectName.quote(node));
        return List.of((String[])
                ManagementFactory.getPlatformMBeanServer().invoke(name, "examine", new Object[0], new String[0]));
    }

    @Test
    void nextVersionOfAnApplicationOnAnotherServerIsNoOther() throws Exception {
        Context shop = application(tomcat.tomcat().getHost(), "");
        shop.setDisplayName("Shop 2.1");
        shop.addParameter("holdfast.node", "n1");
        tomcat.start();
        try (LogCapture log = new LogCapture("dev.holdfast.session");
                EmbeddedTomcat elsewhere = new EmbeddedTomcat()) {
            Context next = application(elsewhere.tomcat().getHost(), "");
            next.setDisplayName("Shop v2.2-rc1");
            next.addParameter("holdfast.node", "n2");
            elsewhere.start();
            String id = get(tomcat, "localhost", "/enter", "").cookie(COOKIE);
            assertThat(get(elsewhere, "localhost", "/look", cookie(id)).body()).isEqualTo("Shop 2.1 ");

            assertThat(examination("n2")).isNotEmpty().noneMatch(line -> line.startsWith("HF-518: "));
            assertThat(warnings(log)).isEmpty();
        }
    }
}
