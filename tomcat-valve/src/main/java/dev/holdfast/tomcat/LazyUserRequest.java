package dev.holdfast.tomcat;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;
import org.jspecify.annotations.Nullable;

/**
 * The request as the application sees it while nobody has asked for its session: whoever asks for the user asks for the session first, so
 * that a page that does not costs no round trip after a failover, and one that does gets the answer that Tomcat's own manager would give.
 *
 * <p>A wrapper, and no principal in waiting: Tomcat takes any principal for a user who is logged in.
 */
final class LazyUserRequest extends HttpServletRequestWrapper {
    private final RequestHold hold;

    LazyUserRequest(HttpServletRequest request, RequestHold hold) {
        super(request);
        this.hold = hold;
    }

    @Override
    public @Nullable String getRemoteUser() {
        hold.loadUser();
        return super.getRemoteUser();
    }

    @Override
    public @Nullable Principal getUserPrincipal() {
        hold.loadUser();
        return super.getUserPrincipal();
    }

    @Override
    public boolean isUserInRole(String role) {
        hold.loadUser();
        return super.isUserInRole(role);
    }

    @Override
    public @Nullable String getAuthType() {
        hold.loadUser();
        return super.getAuthType();
    }

    @Override
    public boolean authenticate(HttpServletResponse response) throws IOException, ServletException {
        hold.loadUser();
        return super.authenticate(response);
    }

    @Override
    public void login(String username, String password) throws ServletException {
        hold.loadUser();
        super.login(username, password);
    }

    @Override
    public void logout() throws ServletException {
        hold.loadUser();
        super.logout();
    }
}
