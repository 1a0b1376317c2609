package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Locale;
import java.util.Map;
import org.apache.catalina.Context;
import org.junit.jupiter.api.Test;

/** What a request costs in bytes on the heap beyond what it costs with Tomcat's own manager. */
class AllocationIT {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM = 3_000;
    private static final int COUNTED = 2_000;

    /**
     * Half as much again as there is, and more: for what is done per request and should not be, not for a field more.
     */
    private static final long MOST_OF_A_READ = 3_000;

    private static final long MOST_OF_A_WRITE = 14_000;

    @Test
    void stickyRequestsAllocateLittleMoreThanThoseOfTomcatsOwnManager() throws Exception {
        Bytes own;
        try (EmbeddedTomcat tomcat = new EmbeddedTomcat()) {
            addServlets(tomcat.addContext("/shop"));
            tomcat.start();
            own = Bytes.of(tomcat.as("own"));
        }
        Bytes holdfast;
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode node = new EmbeddedNode("n1", redis.uri(), Map.of(), AllocationIT::addServlets)) {
            holdfast = Bytes.of(node.server());
        }

        System.out.printf(
                Locale.ROOT,
                "Bytes allocated per sticky request: read %,d (Tomcat's own manager %,d), write %,d (%,d)%n",
                holdfast.read(),
                own.read(),
                holdfast.write(),
                own.write());
        assertThat(holdfast.read() - own.read()).isLessThan(MOST_OF_A_READ);
        assertThat(holdfast.write() - own.write()).isLessThan(MOST_OF_A_WRITE);
    }

    /** Per request, on the threads that execute them. */
    private record Bytes(long read, long write) {
        static Bytes of(HttpNode node) {
            Browser browser = new Browser();
            browser.get(node, "/shop/write");
            return new Bytes(perRequest(browser, node, "/shop/read"), perRequest(browser, node, "/shop/write"));
        }

        private static long perRequest(Browser browser, HttpNode node, String path) {
            for (int i = 0; i < WARM; i++) {
                browser.get(node, path);
            }
            long before = ofRequestThreads();
            for (int i = 0; i < COUNTED; i++) {
                browser.get(node, path);
            }
            return (ofRequestThreads() - before) / COUNTED;
        }

        private static long ofRequestThreads() {
            long sum = 0;
            for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
                if (thread != null && thread.getThreadName().contains("-exec-")) {
                    sum += THREADS.getThreadAllocatedBytes(thread.getThreadId());
                }
            }
            return sum;
        }
    }

    private static void addServlets(Context context) {
        EmbeddedNode.addServlet(context, "/read", new Counting(false));
        EmbeddedNode.addServlet(context, "/write", new Counting(true));
    }

    private static final class Counting extends HttpServlet {
        private static final long serialVersionUID = 1L;

        private final boolean writes;

        Counting(boolean writes) {
            this.writes = writes;
        }

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            HttpSession session = request.getSession();
            Integer count = (Integer) session.getAttribute("count");
            if (writes) {
                session.setAttribute("count", count == null ? 1 : count + 1);
            }
            response.getWriter().print(count);
        }
    }
}
