package dev.holdfast.affinity;

import jakarta.servlet.http.HttpSession;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * The application's session, which reports its {@code invalidate()}.
 *
 * <p><i>Implementation note.</i> A proxy and not a class that implements {@link HttpSession}: a class compiled against
 * Servlet 6.0 would hide the methods that 6.1 added behind their throwing defaults.
 */
final class EndWatchingSession implements InvocationHandler {
    private final HttpSession session;
    private final ResponseCookie cookie;

    private EndWatchingSession(HttpSession session, ResponseCookie cookie) {
        this.session = session;
        this.cookie = cookie;
    }

    static HttpSession watch(HttpSession session, ResponseCookie cookie) {
        return (HttpSession) Proxy.newProxyInstance(
                HttpSession.class.getClassLoader(),
                new Class<?>[] {HttpSession.class},
                new EndWatchingSession(session, cookie));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getName().equals("equals") && arguments != null && arguments.length == 1) {
            return session.equals(unwrap(arguments[0]));
        }
        Object result;
        try {
            result = method.invoke(session, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
        if (method.getName().equals("invalidate")) {
            cookie.sessionEnded();
        }
        return result;
    }

    private static @Nullable Object unwrap(@Nullable Object other) {
        return other != null
                        && Proxy.isProxyClass(other.getClass())
                        && Proxy.getInvocationHandler(other) instanceof EndWatchingSession watching
                ? watching.session
                : other;
    }
}
