package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code holdfast.buffer} does to the buffer of an answer, and to the next answer on the same connection. */
class ResponseBufferIT {
    private static final String OWN = "32768";

    @ParameterizedTest
    @CsvSource({"0, 32768", "16k, 32768", "512k, 524288"})
    void bufferOfARequestThatUsesItsSessionIsAsLargeAsTold(String setting, String size) {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedJetty node = new EmbeddedJetty(
                        "n1",
                        redis.uri(),
                        Map.of("holdfast.buffer", setting),
                        shop -> EmbeddedJetty.addServlet(shop, "/size", new Size()))) {
            Browser browser = new Browser();
            for (int i = 0; i < 3; i++) {
                assertThat(browser.get(node, "/shop/size?use").body()).isEqualTo(size);
                assertThat(browser.get(node, "/shop/size").body())
                        .as("without a session")
                        .isEqualTo(OWN);
            }
        }
    }

    private static final class Size extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if (request.getParameter("use") != null) {
                request.getSession();
            }
            response.getWriter().print(response.getBufferSize());
        }
    }
}
