package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.RawExchange;
import dev.holdfast.testing.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import javax.management.ObjectName;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.security.ConstraintMapping;
import org.eclipse.jetty.ee10.servlet.security.ConstraintSecurityHandler;
import org.eclipse.jetty.security.Constraint;
import org.eclipse.jetty.security.authentication.FormAuthenticator;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandlerCollection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two applications share sessions and logins only if somebody says that they are one. */
class SeparateApplicationsIT {
    private static final String COOKIE = "JSESSIONID";

    private RedisProcess redis;
    private Server server;
    private ServerConnector connector;
    private ContextHandlerCollection contexts;

    @BeforeEach
    void prepare() {
        redis = RedisProcess.start();
        server = new Server();
        connector = EmbeddedJetty.connector(server);
        contexts = new ContextHandlerCollection();
        server.setHandler(contexts);
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
        redis.close();
    }

    private ServletContextHandler application(String path, String user, String... virtualHosts) {
        ServletContextHandler context =
                new ServletContextHandler(path, ServletContextHandler.SESSIONS | ServletContextHandler.SECURITY);
        context.setVirtualHosts(List.of(virtualHosts));
        context.setInitParameter("holdfast.redis", redis.uri().toString());
        context.setInitParameter("holdfast.timeout", "5s");
        context.setInitParameter("holdfast.node", "n1");
        guard(context, user);
        Page.add(
                context,
                "/secret",
                (request, response) -> response.getWriter().print("shown to " + request.getRemoteUser()));
        Page.add(
                context,
                "/enter",
                (request, response) -> request.getSession()
                        .setAttribute("of", List.of(virtualHosts).toString()));
        Page.add(
                context,
                "/look",
                (request, response) -> response.getWriter()
                        .print(
                                request.getSession(false) == null
                                        ? "none"
                                        : request.getSession(false).getAttribute("of")));
        HoldfastJetty.install(context);
        contexts.addHandler(context);
        return context;
    }

    private static void guard(ServletContextHandler context, String user) {
        ConstraintMapping secrets = new ConstraintMapping();
        secrets.setPathSpec("/secret");
        secrets.setConstraint(Constraint.ANY_USER);
        ConstraintSecurityHandler security = (ConstraintSecurityHandler) context.getSecurityHandler();
        security.setLoginService(EmbeddedJetty.oneUser("members of " + user, user, "secret", "member"));
        security.setAuthenticator(new FormAuthenticator("/login", "/failed", false));
        security.addConstraintMapping(secrets);
    }

    private Answer send(String method, String host, String path, String id) {
        try {
            return RawExchange.run(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort()),
                    method + " " + path + " HTTP/1.1\r\nHost: " + host
                            + "\r\nConnection: close\r\nContent-Length: 0\r\n"
                            + (id.isEmpty() ? "" : "Cookie: " + COOKIE + "=" + id + "\r\n"),
                    "",
                    () -> {},
                    () -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void userOfOneVirtualHostIsNotLetInAtAnother() throws Exception {
        application("/", "mallory", "shop.example");
        application("/", "nobody at all", "admin.example");
        server.start();
        String first = send("GET", "shop.example", "/enter", "").cookie(COOKIE);
        send("GET", "shop.example", "/secret", first);
        Answer login = send("POST", "shop.example", "/j_security_check?j_username=mallory&j_password=secret", first);
        String id = login.cookie(COOKIE).isEmpty() ? first : login.cookie(COOKIE);
        assertThat(send("GET", "shop.example", "/secret", id).body()).isEqualTo("shown to mallory");

        Answer answer = send("GET", "admin.example", "/secret", id);

        assertThat(answer.status()).isBetween(301, 303);
        assertThat(answer.header("location")).endsWith("/login");
        assertThat(answer.body()).doesNotContain("mallory");
        assertThat(send("GET", "admin.example", "/look", id).body()).isEqualTo("none");
        assertThat(redis.<Set<String>>ask(jedis -> jedis.keys("*:nodes}")))
                .containsExactlyInAnyOrder("{hf:shop.example#ROOT:nodes}", "{hf:admin.example#ROOT:nodes}");
    }

    @Test
    void secondApplicationOfANameDoesNotStartOnOneServer() {
        application("/shop", "ada").setInitParameter("holdfast.app", "till");
        application("/desk", "ada", "desk.example").setInitParameter("holdfast.app", "till");

        assertThatThrownBy(server::start)
                .hasStackTraceContaining(
                        "HF-135: desk.example/desk does not start: /shop of this server keeps its sessions"
                                + " under the same name, holdfast.app = till.");
    }

    @Test
    void otherApplicationOfTheSamePathOnAnotherServerIsFoundByTheDoctor() throws Exception {
        application("/", "ada").setDisplayName("Shop");
        server.start();
        Server elsewhere = new Server();
        EmbeddedJetty.connector(elsewhere);
        ServletContextHandler desk = new ServletContextHandler("/", ServletContextHandler.SESSIONS);
        desk.setDisplayName("Desk");
        desk.setInitParameter("holdfast.redis", redis.uri().toString());
        desk.setInitParameter("holdfast.node", "n2");
        HoldfastJetty.install(desk);
        elsewhere.setHandler(desk);
        elsewhere.start();
        try {
            assertThat(examination("n2"))
                    .anyMatch(line -> line.startsWith("HF-518: ")
                            && line.contains("/ \"Desk\" here, and / \"Shop\" on the node at "));
        } finally {
            elsewhere.stop();
        }
    }

    /** As Spring's context and its environment look from outside. */
    public static final class Spring {
        public Spring getEnvironment() {
            return this;
        }

        public String getProperty(String key) {
            return key.equals("spring.application.name") ? "till" : null;
        }
    }

    /** It stands among the attributes that the application gives its servlet context before its sessions start. */
    @Test
    void springsNameOfTheApplicationIsTold() throws Exception {
        ServletContextHandler shop = application("/", "ada");
        shop.getServletContext()
                .setAttribute("org.springframework.web.context.WebApplicationContext.ROOT", new Spring());
        server.start();

        assertThat(redis.<List<String>>ask(jedis -> jedis.hvals("{hf:ROOT:nodes}")))
                .filteredOn(entry -> entry.startsWith("1|")) // beside it stands that it starts
                .singleElement()
                .asString()
                .contains("|/;till|");
    }

    private static List<String> examination(String node) throws Exception {
        ObjectName name = new ObjectName("dev.holdfast:type=Node,node=" + ObjectName.quote(node));
        return List.of((String[])
                ManagementFactory.getPlatformMBeanServer().invoke(name, "examine", new Object[0], new String[0]));
    }
}
