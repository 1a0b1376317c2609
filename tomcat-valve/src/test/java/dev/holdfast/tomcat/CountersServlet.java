package dev.holdfast.tomcat;

import dev.holdfast.session.SessionCounters;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Map;

/**
 * Tells the counters of its application's manager, a line each, to whoever watches a node from outside.
 *
 * <p>Reaches behind the facade that Tomcat shows to applications: no application is to do this.
 */
public final class CountersServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        response.setContentType("text/plain");
        try {
            Object context = field(field(getServletContext(), "context"), "context");
            Object manager = call(context, "getManager");
            SessionCounters counters = (SessionCounters) call(call(manager, "coordinator"), "counters");
            for (Map.Entry<String, Long> counter : counters.all().entrySet()) {
                response.getWriter().print(counter.getKey() + " " + counter.getValue() + "\n");
            }
        } catch (ReflectiveOperationException e) {
            throw new ServletException("Tomcat has changed: read its facades again", e);
        }
    }

    private static Object field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }

    private static Object call(Object owner, String name) throws ReflectiveOperationException {
        for (Class<?> type = owner.getClass(); type != null; type = type.getSuperclass()) {
            try {
                Method method = type.getDeclaredMethod(name);
                method.setAccessible(true);
                return method.invoke(owner);
            } catch (NoSuchMethodException e) {
                // Of a class above it.
            }
        }
        throw new NoSuchMethodException(name);
    }
}
