package dev.holdfast.testing.tell;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;

/** What an application asks a request about its session and its user. */
final class RequestActs {
    private RequestActs() {}

    static String act(HttpServletRequest request, HttpServletResponse response, String[] words)
            throws ServletException, IOException {
        return switch (words[0]) {
            case "requested" ->
                request.getRequestedSessionId() + ", valid " + request.isRequestedSessionIdValid() + ", cookie "
                        + request.isRequestedSessionIdFromCookie() + ", url " + request.isRequestedSessionIdFromURL();
            case "encode" -> response.encodeURL(words[1]);
            case "encodeRedirect" -> response.encodeRedirectURL(words[1]);
            case "rotate" -> request.changeSessionId();
            case "who" -> who(request);
            case "login" -> {
                request.login(words[1], words[2]);
                yield who(request);
            }
            case "logout" -> {
                request.logout();
                yield who(request);
            }
            case "authenticate" -> request.authenticate(response) + ", " + who(request);
            case "committed" -> String.valueOf(response.isCommitted());
            case "field" -> String.valueOf(request.getParameter("field"));
            default -> throw new IllegalArgumentException("No such act: " + words[0]);
        };
    }

    private static String who(HttpServletRequest request) {
        Principal principal = request.getUserPrincipal();
        return request.getRemoteUser() + ", principal " + (principal == null ? null : principal.getName()) + ", buyer "
                + request.isUserInRole("buyer") + ", seller " + request.isUserInRole("seller") + ", by "
                + request.getAuthType();
    }
}
