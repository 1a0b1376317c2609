package dev.holdfast.jetty;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;

/** One page of a test's application. */
interface Page {
    void answer(HttpServletRequest request, HttpServletResponse response) throws IOException;

    /** Adds the page to an application. */
    @SuppressWarnings("serial") // never serialized
    static void add(ServletContextHandler context, String path, Page page) {
        EmbeddedJetty.addServlet(context, path, new HttpServlet() {
            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
                page.answer(request, response);
            }
        });
    }
}
