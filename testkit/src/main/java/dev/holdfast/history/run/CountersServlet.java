package dev.holdfast.history.run;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Map;

/**
 * Tells the counters of its application's coordinator, a line each, to whoever watches a node from outside.
 *
 * <p>Reaches behind the facade that its container shows to applications: no application is to do this.
 */
public final class CountersServlet extends HttpServlet {
    /** Name of the line that tells how many sessions owe Redis something. */
    public static final String OWING = "owing";

    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        response.setContentType("text/plain");
        try {
            // A server's own classes are hidden from applications: nothing here is named by its type.
            Object coordinator = call(sessions(), "coordinator");
            response.getWriter().print(OWING + " " + call(coordinator, "atRisk") + "\n");
            Map<?, ?> counters = (Map<?, ?>) call(call(coordinator, "counters"), "all");
            for (Map.Entry<?, ?> counter : counters.entrySet()) {
                response.getWriter().print(counter.getKey() + " " + counter.getValue() + "\n");
            }
        } catch (ReflectiveOperationException e) {
            throw new ServletException("The container has changed: read its facades again", e);
        }
    }

    /** What Holdfast has put into the container: Tomcat's manager, Jetty's session cache. */
    private Object sessions() throws ReflectiveOperationException {
        Object application = getServletContext();
        if (application.getClass().getName().startsWith("org.eclipse.jetty.")) {
            return call(call(call(application, "getContextHandler"), "getSessionHandler"), "getSessionCache");
        }
        return call(field(field(application, "context"), "context"), "getManager");
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
