package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code holdfast.buffer} does to the buffer of an answer, and to the next answer from the same objects. */
class ResponseBufferIT {
    private static final String OWN = "8192";

    @ParameterizedTest
    @CsvSource({"0, 8192", "8k, 8192", "16k, 16384", "512k, 524288"})
    void bufferOfARequestThatUsesItsSessionIsAsLargeAsTold(String setting, String size) throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedTomcat tomcat = new EmbeddedTomcat()) {
            Context shop = tomcat.addContext("/shop");
            shop.addParameter("holdfast.buffer", setting);
            EmbeddedNode.addServlet(shop, "/size", new Size());
            EmbeddedTomcat.keepSessions(shop, "n1", redis.uri());
            Context other = tomcat.addContext("/other");
            EmbeddedNode.addServlet(other, "/size", new Size());
            tomcat.start();

            Browser browser = new Browser();
            for (int i = 0; i < 3; i++) {
                assertThat(browser.get(tomcat.uri("/shop/size?use")).body()).isEqualTo(size);
                assertThat(browser.get(tomcat.uri("/other/size?use")).body())
                        .as("another application's")
                        .isEqualTo(OWN);
                assertThat(browser.get(tomcat.uri("/shop/size?use")).body()).isEqualTo(size);
                assertThat(browser.get(tomcat.uri("/shop/size")).body())
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

    /** Where Tomcat is not built as it was when this was written. */
    @Test
    void publicWayRaisesTheBufferUntilSomethingWasWritten() throws IOException {
        Response fresh = response();
        Response begun = response();
        begun.getOutputStream().print("something");

        ResponseBuffer.raisePlainly(fresh, 65_536);
        ResponseBuffer.raisePlainly(begun, 65_536);

        assertThat(fresh.getBufferSize()).isEqualTo(65_536);
        assertThat(begun.getBufferSize()).isEqualTo(8_192);
    }

    /** What the public way cannot do. */
    @Test
    void bufferIsRaisedWithWhatWasWritten() throws IOException {
        Response begun = response();
        begun.getOutputStream().print("something");

        ResponseBuffer.raise(begun, 65_536);

        assertThat(begun.getBufferSize()).isEqualTo(65_536);
        assertThat(begun.getContentWritten()).isEqualTo("something".length());
    }

    private static Response response() {
        Response response = new Response();
        response.setCoyoteResponse(new org.apache.coyote.Response());
        return response;
    }
}
