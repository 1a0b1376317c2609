package dev.holdfast.jetty;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.security.SecurityHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.session.ManagedSession;
import org.jspecify.annotations.Nullable;

/**
 * The little that is needed of an application's servlet environment. Each environment (ee10, ee11) has public classes
 * of the same names in a class loader of its own, which this JAR cannot see: they are found by name, once, when the
 * application starts.
 *
 * <p>The only class that knows of them.
 */
final class ServletEnvironment {
    private static final String HANDLER = "ServletContextHandler";

    private final ContextHandler application;
    private final Method initParams;
    private final Method setManagedSession;
    private final Method httpOutput;
    private final Method bufferSize;
    private final Method setBufferSize;

    private ServletEnvironment(ContextHandler application, Class<?> handler) throws ReflectiveOperationException {
        this.application = application;
        this.initParams = handler.getMethod("getInitParams");
        Class<?> request =
                Class.forName(handler.getPackageName() + ".ServletContextRequest", false, handler.getClassLoader());
        this.setManagedSession = request.getMethod("setManagedSession", ManagedSession.class);
        this.httpOutput = request.getMethod("getHttpOutput");
        this.bufferSize = httpOutput.getReturnType().getMethod("getBufferSize");
        this.setBufferSize = httpOutput.getReturnType().getMethod("setBufferSize", int.class);
    }

    /** Whether a context is one with servlets. */
    static boolean isIn(ContextHandler application) {
        return handlerClass(application) != null;
    }

    /** @throws IllegalStateException if this Jetty is not built as expected */
    static ServletEnvironment of(ContextHandler application) {
        Class<?> handler = handlerClass(application);
        try {
            if (handler == null) {
                throw new ClassNotFoundException(HANDLER);
            }
            return new ServletEnvironment(application, handler);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "HF-120: This Jetty (" + Server.getVersion() + ") or the environment of "
                            + application.getContextPath()
                            + " lacks a public method that sessions and answers are reached by ("
                            + e.getMessage()
                            + "), so its sessions cannot be kept. Use ee10 or ee11 of Jetty 12.1, or a version of"
                            + " Holdfast made for this Jetty.",
                    e);
        }
    }

    private static @Nullable Class<?> handlerClass(ContextHandler application) {
        for (Class<?> type = application.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getSimpleName().equals(HANDLER)) {
                return type;
            }
        }
        return null;
    }

    /** What web.xml or the program has set for the application. */
    Map<String, String> initParams() {
        Map<String, String> params = new HashMap<>();
        if (call(initParams, application) instanceof Map<?, ?> all) {
            all.forEach((name, value) -> {
                if (value != null) {
                    params.put(String.valueOf(name), String.valueOf(value));
                }
            });
        }
        return params;
    }

    /**
     * Whether web.xml, and all web fragments, say that the application may be distributed; false for one that has no
     * web.xml.
     */
    boolean isDistributable() {
        Method metaData = find(application.getClass(), "getMetaData");
        if (metaData == null) {
            return false;
        }
        Object found = call(metaData, application);
        Method distributable = found == null ? null : find(found.getClass(), "isDistributable");
        return distributable != null && Boolean.TRUE.equals(call(distributable, found));
    }

    /** The roles that the application's constraints know, and those that it declares; none if it has no login. */
    Set<String> knownRoles() {
        SecurityHandler security = application.getDescendant(SecurityHandler.class);
        Method known = security == null ? null : find(security.getClass(), "getKnownRoles");
        Object found = known == null ? null : call(known, security);
        Set<String> roles = new HashSet<>();
        if (found instanceof Set<?> all) {
            all.forEach(role -> roles.add(String.valueOf(role)));
        }
        return roles;
    }

    private static @Nullable Method find(Class<?> type, String name) {
        for (Method method : type.getMethods()) {
            if (method.getName().equals(name) && method.getParameterCount() == 0) {
                return method;
            }
        }
        return null;
    }

    /** Puts the session that was found into the place of the one that was waiting. */
    void setSession(Request request, ManagedSession session) {
        if (setManagedSession.getDeclaringClass().isInstance(request)) {
            call(setManagedSession, request, session);
        }
    }

    /**
     * Makes the buffer in which the answer to a request is gathered hold so many bytes; does nothing if it is as large,
     * or larger. What Jetty has gathered already stays in the buffer that it is in.
     */
    void raiseBuffer(Request request, int bytes) {
        if (!httpOutput.getDeclaringClass().isInstance(request)) {
            return;
        }
        Object output = call(httpOutput, request);
        if (call(bufferSize, output) instanceof Integer now && now < bytes) {
            call(setBufferSize, output, bytes);
        }
    }

    private static @Nullable Object call(Method method, @Nullable Object on, Object... with) {
        try {
            return method.invoke(on, with);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(method + " was public when the application started", e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(method + " failed", e.getCause());
        }
    }
}
