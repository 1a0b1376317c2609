package dev.holdfast.tomcat;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.function.Function;
import org.apache.catalina.Context;
import org.apache.catalina.servlets.DefaultServlet;

/** One page of a test's application. */
interface Page {
    void answer(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException;

    /** Adds the page to an application. */
    @SuppressWarnings("serial") // never serialized
    static void add(Context context, String path, Page page) {
        EmbeddedNode.addServlet(context, path, new HttpServlet() {
            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response)
                    throws ServletException, IOException {
                page.answer(request, response);
            }
        });
    }

    /** Adds a page that shows what it finds in the session, or "none" where there is no session. */
    static void show(Context context, String path, Function<HttpSession, Object> look) {
        add(context, path, (request, response) -> {
            HttpSession session = request.getSession(false);
            response.getWriter().print(session == null ? "none" : look.apply(session));
        });
    }

    /** Lets an application serve the files of its document base, as every application with a web.xml does. */
    static void addFiles(Context context) {
        EmbeddedNode.addServlet(context, "/", new DefaultServlet());
    }
}
