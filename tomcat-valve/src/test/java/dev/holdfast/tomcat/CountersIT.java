package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jmx.ApplicationMXBean;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Map;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.apache.catalina.Context;
import org.junit.jupiter.api.Test;

/** What an operator sees by JMX of a running application. */
class CountersIT {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    /** Counts its requests in the session. */
    private static final class Visits extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            HttpSession session = request.getSession();
            Object before = session.getAttribute("visits");
            session.setAttribute("visits", before == null ? 1 : (Integer) before + 1);
            response.getWriter().print(session.getAttribute("visits"));
        }
    }

    private static void visits(Context context) {
        EmbeddedNode.addServlet(context, "/visits", new Visits());
    }

    @Test
    void eachNodeSaysWhatItHasCountedUntilItsApplicationStops() throws Exception {
        Browser browser = new Browser();
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = new EmbeddedNode("n1", redis.uri(), Map.of(), CountersIT::visits);
                EmbeddedNode n2 = new EmbeddedNode("n2", redis.uri(), Map.of(), CountersIT::visits)) {
            browser.get(n1.uri("/visits"));
            browser.get(n1.uri("/visits"));
            assertThat(browser.get(n2.uri("/visits")).body()).isEqualTo("3");

            assertThat(bean("n1").getCounters()).containsEntry("creates", 1L).containsEntry("takeovers", 0L);
            assertThat(bean("n1").getCounters().get("commits")).isPositive();
            assertThat(bean("n2").getCounters()).containsEntry("creates", 0L).containsEntry("takeovers", 1L);
            assertThat(bean("n2").getUnsavedSessions()).isZero();
        }
        assertThat(server.isRegistered(name("n1"))).isFalse();
        assertThat(server.isRegistered(name("n2"))).isFalse();
    }

    private ApplicationMXBean bean(String node) throws MalformedObjectNameException {
        return JMX.newMXBeanProxy(server, name(node), ApplicationMXBean.class);
    }

    private static ObjectName name(String node) throws MalformedObjectNameException {
        return new ObjectName("dev.holdfast:type=Application,node=\"" + node + "\",name=\"shop\"");
    }
}
