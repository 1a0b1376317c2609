package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.MonitoredCommand;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import java.io.Serializable;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.session.SessionCache;

/**
 * Two Jettys with an application, a Redis, and what the cases of {@link JettysCasesIT} are written with. That class has
 * them stopped, after all of the cases.
 */
abstract class JettysCases {
    static final String UNKNOWN = "00" + "0".repeat(32);
    static final List<String> EVENTS = new CopyOnWriteArrayList<>();
    private static final CyclicBarrier TOGETHER = new CyclicBarrier(2);

    static final TwoNodes<EmbeddedJetty> nodes = TwoNodes.start(JettysCases::node);
    static final RedisProcess redis = nodes.redis();
    static final EmbeddedJetty n1 = nodes.n1();
    static final EmbeddedJetty n2 = nodes.n2();

    final Browser browser = new Browser();

    // ---- the application

    /** Of the application's own; says what happens to it. */
    public static final class Value implements HttpSessionBindingListener, HttpSessionActivationListener, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public void valueBound(HttpSessionBindingEvent event) {
            EVENTS.add("bound " + event.getSession().getId());
        }

        @Override
        public void valueUnbound(HttpSessionBindingEvent event) {
            EVENTS.add("unbound " + event.getSession().getId());
        }

        @Override
        public void sessionWillPassivate(HttpSessionEvent event) {
            EVENTS.add("passivated " + event.getSession().getId());
        }

        @Override
        public void sessionDidActivate(HttpSessionEvent event) {
            EVENTS.add("activated " + event.getSession().getId());
        }
    }

    private static final class Listener
            implements HttpSessionListener, HttpSessionIdListener, HttpSessionAttributeListener {
        @Override
        public void sessionCreated(HttpSessionEvent event) {
            EVENTS.add("created " + event.getSession().getId());
        }

        @Override
        public void sessionDestroyed(HttpSessionEvent event) {
            EVENTS.add("destroyed " + event.getSession().getId() + " with "
                    + event.getSession().getAttribute("a"));
        }

        @Override
        public void sessionIdChanged(HttpSessionEvent event, String oldId) {
            EVENTS.add("changed " + oldId + " " + event.getSession().getId());
        }

        @Override
        public void attributeAdded(HttpSessionBindingEvent event) {
            EVENTS.add("added " + event.getName() + " " + event.getValue());
        }

        @Override
        public void attributeReplaced(HttpSessionBindingEvent event) {
            EVENTS.add("replaced " + event.getName() + " " + event.getValue());
        }

        @Override
        public void attributeRemoved(HttpSessionBindingEvent event) {
            EVENTS.add("removed " + event.getName() + " " + event.getValue());
        }
    }

    static void shop(ServletContextHandler context) {
        context.addEventListener(new Listener());
        EmbeddedJetty.addServlet(context, "/cart", new CartServlet());
        Page.add(context, "/times", (request, response) -> {
            HttpSession session = request.getSession();
            response.getWriter().print(session.getCreationTime() + " " + session.getMaxInactiveInterval());
        });
        Page.add(context, "/timeout", (request, response) -> {
            HttpSession session = request.getSession();
            session.setAttribute("a", "kept");
            session.setMaxInactiveInterval(Integer.parseInt(request.getParameter("seconds")));
        });
        Page.add(context, "/value", (request, response) -> request.getSession().setAttribute("v", new Value()));
        Page.add(context, "/list-of-values", (request, response) -> {
            HttpSession session = request.getSession();
            if (session.isNew()) {
                session.setAttribute("foo", new ArrayList<>(List.of(new Value())));
            }
            response.getWriter()
                    .print(((List<?>) session.getAttribute("foo"))
                            .get(0)
                            .getClass()
                            .getSimpleName());
        });
        Page.add(context, "/one-of-two", (request, response) -> {
            Object items = request.getSession().getAttribute("items");
            meet();
            response.getWriter().print(System.identityHashCode(items));
        });
        Page.add(context, "/together", (request, response) -> {
            HttpSession session = request.getSession();
            meet();
            try {
                if (request.getParameter("do").equals("rotate")) {
                    request.changeSessionId();
                } else {
                    session.invalidate();
                }
            } catch (IllegalStateException ended) {
                response.getWriter().print("ended by the other");
            }
        });
        Page.add(context, "/url", (request, response) -> {
            HttpSession session = request.getSession();
            response.getWriter()
                    .print(session.getId() + " " + response.encodeURL("/shop/path") + " "
                            + request.isRequestedSessionIdFromCookie() + " " + request.isRequestedSessionIdFromURL());
        });
    }

    private static void meet() {
        try {
            TOGETHER.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException("The other request has not come", e);
        }
    }

    static EmbeddedJetty node(String name) {
        return node(name, redis.uri());
    }

    private static EmbeddedJetty node(String name, URI redis) {
        return new EmbeddedJetty(
                name, redis, Map.of("holdfast.classes.allow", "dev.holdfast.jetty.*"), JettysCases::shop);
    }

    // ---- what the tests are written with

    String cart(EmbeddedJetty node, String what) {
        return get(node, "cart?do=" + what);
    }

    String get(EmbeddedJetty node, String path) {
        return browser.get(node, "/shop/" + path).body();
    }

    String set(EmbeddedJetty node, String name, String value) {
        return cart(node, "set&name=" + name + "&value=" + value);
    }

    static String key(String id) {
        return "{hf:shop:" + id.substring(0, 2) + "}:s:" + id;
    }

    static boolean isInRedis(String id) {
        return redis.ask(jedis -> jedis.hkeys(key(id))).stream().anyMatch(field -> field.startsWith("a:"));
    }

    static boolean hasKey(String id) {
        return redis.ask(jedis -> jedis.exists(key(id)));
    }

    static long lifeTime(String key) {
        return redis.ask(jedis -> jedis.pttl(key));
    }

    static boolean isInMemory(EmbeddedJetty node, String id) {
        try {
            return cache(node).contains(id);
        } catch (Exception e) {
            throw new IllegalStateException("Jetty's own signature: Holdfast throws none", e);
        }
    }

    static SessionCache cache(EmbeddedJetty node) {
        return node.shop().getSessionHandler().getSessionCache();
    }

    List<String> commandsOf(Runnable requests) {
        return names(ofSession(redis.monitor(requests)));
    }

    List<MonitoredCommand> ofSession(List<String> monitored) {
        return MonitoredCommand.of(monitored).stream()
                .filter(command -> command.isOf(browser.sessionId()))
                .toList();
    }

    static List<String> names(List<MonitoredCommand> commands) {
        return commands.stream()
                .map(MonitoredCommand::name)
                .filter(name -> !name.equals("touch.lua"))
                .toList();
    }

    /** A session that may be idle for so many seconds. */
    static String idle(EmbeddedJetty node, int seconds) {
        Browser other = new Browser();
        other.get(node, "/shop/timeout?seconds=" + seconds);
        return other.sessionId();
    }

    static List<String> about(String id) {
        return EVENTS.stream().filter(event -> event.contains(id)).toList();
    }

    static List<String> endsOf(String id) {
        return about(id).stream()
                .filter(event -> event.startsWith("destroyed "))
                .toList();
    }

    static void awaitEnd(EmbeddedJetty node, String id) {
        await().until(() -> {
            node.coordinator().expireIdle();
            return !endsOf(id).isEmpty();
        });
        assertThat(endsOf(id)).containsExactly("destroyed " + id + " with kept");
    }
}
