package dev.holdfast.tomcat;

import dev.holdfast.session.request.RequestScope;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * Tells a watcher which answers are at risk, which no application can see: it lets the response be committed, which
 * saves or takes the risk, and then says behind everything else whether the protocol has taken it.
 */
public final class RiskProbe implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        chain.doFilter(request, response);
        response.flushBuffer();
        RequestScope scope = RequestScope.current();
        if (scope != null && isAtRisk(scope)) {
            response.getWriter().print("at risk\n");
        }
    }

    private static boolean isAtRisk(RequestScope scope) throws ServletException {
        try {
            Method method = RequestScope.class.getDeclaredMethod("isAtRisk");
            method.setAccessible(true);
            return Boolean.TRUE.equals(method.invoke(scope));
        } catch (InvocationTargetException | NoSuchMethodException | IllegalAccessException e) {
            throw new ServletException("The protocol has changed: read it again", e);
        }
    }
}
