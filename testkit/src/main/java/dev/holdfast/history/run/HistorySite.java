package dev.holdfast.history.run;

import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.HaProxy;
import dev.holdfast.testing.RedisProcess;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/**
 * Two real nodes with the applications of a history run, each with a way to Redis that can be disturbed, and HAProxy
 * before them. Must be closed; as a static field with {@code @RegisterExtension} it is, after the last test of a class.
 */
public final class HistorySite implements AfterAllCallback, AutoCloseable {
    /**
     * Stands in web.xml where a container must be told that there are users: Tomcat knows a login by a program without
     * it.
     */
    public static final String FORM_LOGIN = """
            <login-config>
              <auth-method>FORM</auth-method>
              <form-login-config>
                <form-login-page>/login</form-login-page>
                <form-error-page>/login</form-error-page>
              </form-login-config>
            </login-config>
            """;

    private final RedisProcess redis;
    private final List<FaultyLink> links;
    private final List<ContainerProcess> nodes;
    private final List<ContainerProcess> successors;
    private final HaProxy haproxy;

    /** Makes a node of any kind. */
    @FunctionalInterface
    public interface Kind {
        /**
         * Makes a node without starting it.
         *
         * @param name also the value of {@code holdfast.node}
         * @param redis what {@code holdfast.redis} is to be
         */
        ContainerProcess prepare(String name, String redis);
    }

    private HistorySite(RedisProcess redis, Kind first, Kind second, boolean whole) {
        this.redis = redis;
        links = List.of(FaultyLink.to(redis.port()), FaultyLink.to(redis.port()));
        nodes = prepare(first, second);
        successors = whole ? prepare(first, second) : List.of();
        nodes.forEach(ContainerProcess::launch);
        nodes.forEach(ContainerProcess::awaitAnswer);
        haproxy = whole ? haproxy(nodes) : null;
    }

    private List<ContainerProcess> prepare(Kind first, Kind second) {
        return List.of(
                first.prepare("n1", links.get(0).uri().toString()),
                second.prepare("n2", links.get(1).uri().toString()));
    }

    /** Starts everything but the successors, and waits until both nodes answer. */
    public static HistorySite start(Kind first, Kind second) {
        return new HistorySite(RedisProcess.start(), first, second, true);
    }

    /** The same with a Redis that loses nothing when it is killed, and without HAProxy and successors. */
    public static HistorySite startDurable(Kind first, Kind second) {
        return new HistorySite(
                RedisProcess.start("--appendonly", "yes", "--appendfsync", "always"), first, second, false);
    }

    /** Null where HAProxy is not installed: then the browsers behind it are left out, and a line says so. */
    private static HaProxy haproxy(List<ContainerProcess> nodes) {
        try {
            return HaProxy.byRouteCookie(
                    nodes.get(0).address().getPort(), nodes.get(1).address().getPort());
        } catch (TestAbortedException notInstalled) {
            return null;
        }
    }

    /** {@link #application(String, String, String, Class...)} that refuses while Redis is away. */
    public static Path application(String affinity, String more) {
        return application(affinity, "refuse", more);
    }

    /**
     * The application, to be deployed as {@link Cluster#STICKY} and {@link Cluster#ROAMING}.
     *
     * @param affinity for {@code holdfast.affinity}
     * @param outage for {@code holdfast.outage}
     * @param more of web.xml
     * @param classes that this needs
     */
    public static Path application(String affinity, String outage, String more, Class<?>... classes) {
        return ExplodedApplication.create("history-" + affinity)
                .classes(HistoryServlet.class, CountersServlet.class)
                .classes(classes)
                .webXml("""
                        <distributable/>
                        <context-param>
                          <param-name>holdfast.affinity</param-name>
                          <param-value>%s</param-value>
                        </context-param>
                        <context-param>
                          <param-name>holdfast.outage</param-name>
                          <param-value>%s</param-value>
                        </context-param>
                        <servlet>
                          <servlet-name>history</servlet-name>
                          <servlet-class>%s</servlet-class>
                        </servlet>
                        <servlet-mapping>
                          <servlet-name>history</servlet-name>
                          <url-pattern>/history</url-pattern>
                        </servlet-mapping>
                        <servlet>
                          <servlet-name>counters</servlet-name>
                          <servlet-class>%s</servlet-class>
                        </servlet>
                        <servlet-mapping>
                          <servlet-name>counters</servlet-name>
                          <url-pattern>/counters</url-pattern>
                        </servlet-mapping>
                        """.formatted(affinity, outage, HistoryServlet.class.getName(), CountersServlet.class.getName())
                        + more)
                .path();
    }

    RedisProcess redis() {
        return redis;
    }

    Cluster cluster() {
        InetSocketAddress balancer =
                haproxy == null ? null : new InetSocketAddress(InetAddress.getLoopbackAddress(), haproxy.port());
        return new Cluster(nodes, links, balancer, successors);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    @Override
    public void close() {
        if (haproxy != null) {
            haproxy.close();
        }
        nodes.forEach(ContainerProcess::close);
        successors.forEach(ContainerProcess::close);
        links.forEach(FaultyLink::close);
        redis.close();
    }
}
