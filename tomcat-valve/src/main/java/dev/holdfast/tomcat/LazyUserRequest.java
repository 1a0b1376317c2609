package dev.holdfast.tomcat;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;
import org.jspecify.annotations.Nullable;

/**
 * The request as the application sees it while nobody has asked for its session: whoever asks for the user asks for the
 * session first, so that a page that does not costs no round trip after a failover, and one that does gets the answer
 * that Tomcat's own manager would give.
 *
 * <p>A wrapper, and no principal in waiting: Tomcat takes any principal for a user who is logged in.
 */
final class LazyUserRequest extends HttpServletRequestWrapper {
    private final RequestLookups lookups;

    LazyUserRequest(HttpServletRequest request, RequestLookups lookups) {
        super(request);
        this.lookups = lookups;
    }

    @Override
    public @Nullable String getRemoteUser() {
        lookups.loadUser();
        return super.getRemoteUser();
    }

    @Override
    public @Nullable Principal getUserPrincipal() {
        lookups.loadUser();
        return super.getUserPrincipal();
    }

    @Override
    public boolean isUserInRole(String role) {
        lookups.loadUser();
        return super.isUserInRole(role);
    }

    @Override
    public @Nullable String getAuthType() {
        lookups.loadUser();
        return super.getAuthType();
    }

    @Override
    public boolean authenticate(HttpServletResponse response) throws IOException, ServletException {
        lookups.loadUser();
        return super.authenticate(response);
    }

    @Override
    public void login(String username, String password) throws ServletException {
        lookups.loadUser();
        super.login(username, password);
    }

    @Override
    public void logout() throws ServletException {
        lookups.loadUser();
        super.logout();
    }
}
