package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An application that comes and goes leaves nothing behind in the server, and finds its sessions again. */
class RedeployIT {
    private static final int REDEPLOYS = 20;

    private RedisProcess redis;
    private EmbeddedTomcat tomcat;

    @BeforeEach
    void start() throws LifecycleException {
        redis = RedisProcess.start();
        tomcat = new EmbeddedTomcat();
        tomcat.start();
    }

    @AfterEach
    void stop() {
        tomcat.close();
        redis.close();
    }

    /** Loaded from WEB-INF/classes: each deployment has its own. */
    @SuppressWarnings("serial")
    public static final class Item implements Serializable {
        final String name;

        Item(String name) {
            this.name = name;
        }
    }

    /** {@code ?add=name} or just a look; says who loaded the class of the items. */
    @SuppressWarnings("serial")
    public static final class Items extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            HttpSession session = request.getSession();
            if (request.getParameter("add") != null) {
                List<Object> items = new ArrayList<>();
                items.add(new Item(request.getParameter("add")));
                session.setAttribute("items", items);
            }
            StringBuilder text = new StringBuilder();
            if (session.getAttribute("items") instanceof List<?> items) {
                for (Object item : items) {
                    // A cast to a class of another deployment would fail here.
                    text.append(((Item) item).name).append(' ');
                }
            }
            response.getWriter().print(text.append(session.isNew() ? "new" : "old"));
        }
    }

    private Context deploy() {
        String webXml = """
                <context-param><param-name>holdfast.redis</param-name><param-value>%s</param-value></context-param>
                <context-param><param-name>holdfast.node</param-name><param-value>n1</param-value></context-param>
                <context-param><param-name>holdfast.timeout</param-name><param-value>5s</param-value></context-param>
                <distributable/>
                <servlet><servlet-name>items</servlet-name><servlet-class>%s</servlet-class></servlet>
                <servlet-mapping><servlet-name>items</servlet-name><url-pattern>/items</url-pattern></servlet-mapping>
                """.formatted(redis.uri(), Items.class.getName());
        Context context =
                tomcat.addWebapp("/shop", webXml, List.of(RedeployIT.class, Items.class, Item.class), List.of());
        assertThat(context.getState().isAvailable()).isTrue();
        assertThat(context.getManager()).isInstanceOf(HoldfastManager.class);
        return context;
    }

    private void undeploy(Context context) throws LifecycleException {
        tomcat.tomcat().getHost().removeChild(context);
        context.destroy();
    }

    private String items(Browser browser, String query) {
        return browser.get(tomcat.uri("/shop/items" + query)).body();
    }

    @Test
    void sessionsSurviveReloadStopAndRedeploymentWithTheirIdAndNewClasses() throws LifecycleException {
        Context context = deploy();
        Browser browser = new Browser();
        assertThat(items(browser, "?add=tea")).isEqualTo("tea new");
        String id = browser.cookies().get("JSESSIONID");
        ClassLoader first = context.getLoader().getClassLoader();

        context.reload();
        assertThat(context.getLoader().getClassLoader()).isNotSameAs(first);
        assertThat(items(browser, "")).isEqualTo("tea old");
        context.stop();
        context.start();
        assertThat(items(browser, "")).isEqualTo("tea old");
        undeploy(context);
        deploy();
        assertThat(items(browser, "")).isEqualTo("tea old");

        assertThat(browser.cookies().get("JSESSIONID")).isEqualTo(id);
    }

    @Test
    void redeploymentsLeaveNoThreadNoBeanAndNoClassLoader() throws LifecycleException {
        List<WeakReference<Object>> gone = new ArrayList<>();
        Browser browser = new Browser();
        Context context = deploy();
        for (int i = 0; i < REDEPLOYS; i++) {
            items(browser, "?add=tea" + i);
            assertThat(items(browser, "")).isEqualTo("tea" + i + " old");
            assertThat(items(new Browser(), "?add=coffee")).isEqualTo("coffee new");
            await().untilAsserted(() ->
                    assertThat(holdfastThreads()).containsExactlyInAnyOrder("holdfast-background", "holdfast-clock"));
            gone.add(new WeakReference<>(context.getLoader().getClassLoader()));
            if (i % 3 == 0) {
                context.reload();
            } else if (i % 3 == 1) {
                context.stop();
                context.start();
            } else {
                gone.add(new WeakReference<>(context.getManager()));
                undeploy(context);
                context = deploy();
            }
        }
        assertThat(items(browser, "")).isEqualTo("tea" + (REDEPLOYS - 1) + " old");
        gone.add(new WeakReference<>(context.getLoader().getClassLoader()));
        gone.add(new WeakReference<>(context.getManager()));
        gone.add(new WeakReference<>(context));
        undeploy(context);
        context = null;

        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(holdfastThreads()).isEmpty());
        assertThat(beans()).isEmpty();
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    System.gc();
                    assertThat(gone.stream().filter(reference -> reference.get() != null))
                            .isEmpty();
                });
        System.out.println(
                "redeployments: " + REDEPLOYS + ", class loaders, managers and contexts collected: " + gone.size());
    }

    private static List<String> holdfastThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("holdfast-"))
                .toList();
    }

    private static Set<String> beans() {
        try {
            return ManagementFactory.getPlatformMBeanServer().queryNames(new ObjectName("*:*"), null).stream()
                    .map(ObjectName::getCanonicalName)
                    .filter(name -> name.contains("/shop") || name.contains("holdfast"))
                    .collect(Collectors.toSet());
        } catch (MalformedObjectNameException e) {
            throw new IllegalStateException(e);
        }
    }
}
