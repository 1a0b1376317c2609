package dev.holdfast.tomcat;

import dev.holdfast.affinity.AffinityCookies;
import dev.holdfast.affinity.AffinityFilter;
import dev.holdfast.affinity.AlternationGuard;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.RequestScope;
import dev.holdfast.session.SessionId;
import jakarta.servlet.SessionTrackingMode;
import jakarta.servlet.http.Cookie;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.Session;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.ApplicationSessionCookieConfig;
import org.apache.catalina.util.SessionConfig;
import org.apache.tomcat.util.http.ServerCookie;
import org.apache.tomcat.util.http.ServerCookies;
import org.jspecify.annotations.Nullable;

/**
 * The cookies of one application: the epoch, which lets this node serve from memory, and the route, which the balancer follows.
 *
 * <p>They are added in the last moment before the headers leave, straight to Coyote's response, so that a {@code reset()} of the
 * application or an error page does not lose them.
 */
final class HoldfastCookies {
    /** Below the path of the session cookie; nothing is ever served there. */
    private static final String UNVISITED = ".holdfast";

    private static final String EPOCH_COOKIE = "HFEPOCH";
    private static final String SET_COOKIE = "Set-Cookie";

    private final Context context;
    private final @Nullable AffinityCookies affinity;
    private final AlternationGuard guard = new AlternationGuard();
    private final String app;
    private volatile @Nullable String epochCookie;

    /** @param affinity null for {@code affinity=none} */
    HoldfastCookies(Context context, String app, @Nullable AffinityCookies affinity) {
        this.context = context;
        this.app = app;
        this.affinity = affinity;
    }

    /**
     * The affinity filter, if the application has it too, leaves the route cookie to us. Coyote's request is asked where Tomcat's knows
     * nothing, and tells no listener of the application.
     */
    void markHandled(Request request) {
        request.getCoyoteRequest().setAttribute(AffinityFilter.HANDLED_ATTRIBUTE, true);
    }

    /** The epoch that a request carries; of several cookies only the first counts. */
    @Nullable
    Epoch presentedEpoch(Request request) {
        String name = epochCookieName();
        ServerCookies cookies = request.getServerCookies();
        for (int i = 0; i < cookies.getCookieCount(); i++) {
            ServerCookie cookie = cookies.getCookie(i);
            if (cookie.getName().equals(name)) {
                return Epoch.parse(cookie.getValue().toString());
            }
        }
        return null;
    }

    /** Two applications whose session cookies reach each other must not overwrite each other's epoch: the name tells them apart. */
    private String epochCookieName() {
        String name = epochCookie;
        if (name == null) {
            String path = SessionConfig.getSessionCookiePath(context);
            String own = context.getEncodedPath();
            boolean alone = !own.isEmpty() && (path.equals(own) || path.equals(own + "/"));
            name = alone ? EPOCH_COOKIE : EPOCH_COOKIE + "-" + digits(app);
            epochCookie = name;
        }
        return name;
    }

    private static String digits(String app) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(app.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 2);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Adds what the answer to a request must carry, after everything is saved. */
    void add(Request request, Response response, RequestScope scope) {
        if (!scope.usedSession() || !tracksByCookie()) {
            scope.sendEpoch();
            return;
        }
        Epoch epoch = scope.sendEpoch();
        if (scope.hasSession()) {
            addAlive(request, response, epoch);
        } else if (scope.endedSession()) {
            addEnded(request, response);
        }
    }

    private boolean tracksByCookie() {
        return context.getServletContext().getEffectiveSessionTrackingModes().contains(SessionTrackingMode.COOKIE);
    }

    private void addAlive(Request request, Response response, @Nullable Epoch epoch) {
        Session session = request.getSessionInternal(false);
        if (session == null) {
            return;
        }
        Cookie sessionCookie = ApplicationSessionCookieConfig.createSessionCookie(
                context, session.getIdInternal(), request.isSecure());
        if (epoch != null) {
            addUnlessThere(response, like(sessionCookie, epochCookieName(), epoch.text()));
        }
        boolean moves = affinity != null && moves(affinity, routeCookies(affinity, request), session);
        if (moves && affinity != null) {
            addUnlessThere(response, affinity.set(sessionCookie));
        }
        if (session instanceof HoldfastSession own && own.isNewHere()) {
            addUnlessThere(response, sessionCookie); // it may have been lost in a reset()
        } else if (moves && request.isRequestedSessionIdFromCookie()) {
            addUnlessThere(response, forBalancers(sessionCookie));
        }
    }

    /**
     * The session cookie for a path that no browser asks for: at a takeover, balancers with a cookie of their own re-bind on its name. For
     * the browser itself it would be dangerous: an answer that was under way while another node changed the id would put the old one back,
     * and the user would be logged out.
     */
    private static Cookie forBalancers(Cookie sessionCookie) {
        Cookie cookie = like(sessionCookie, sessionCookie.getName(), sessionCookie.getValue());
        String path = sessionCookie.getPath() == null ? "/" : sessionCookie.getPath();
        cookie.setPath(path + (path.endsWith("/") ? "" : "/") + UNVISITED);
        return cookie;
    }

    private boolean moves(AffinityCookies routes, Cookie[] presented, Session session) {
        return !routes.namesMe(presented) && (!routes.present(presented) || guard.mayMove(session.getIdInternal()));
    }

    /** As they came: a FORM login puts the cookies of the request that it has saved in the place of Tomcat's own list. */
    private static Cookie[] routeCookies(AffinityCookies routes, Request request) {
        ServerCookies cookies = request.getServerCookies();
        List<Cookie> presented = new ArrayList<>(1);
        for (int i = 0; i < cookies.getCookieCount(); i++) {
            ServerCookie cookie = cookies.getCookie(i);
            if (cookie.getName().equals(routes.cookieName())) {
                presented.add(new Cookie(routes.cookieName(), cookie.getValue().toString()));
            }
        }
        return presented.toArray(Cookie[]::new);
    }

    /** A logged-out browser must not keep a node busy that is to be emptied. */
    private void addEnded(Request request, Response response) {
        SessionId requested = SessionId.parse(request.getRequestedSessionId());
        Cookie sessionCookie = ApplicationSessionCookieConfig.createSessionCookie(
                context, requested == null ? "" : requested.value(), request.isSecure());
        if (affinity != null && affinity.present(routeCookies(affinity, request))) {
            addUnlessThere(response, affinity.expire(sessionCookie));
        }
        if (presentedEpoch(request) != null) {
            Cookie gone = like(sessionCookie, epochCookieName(), "");
            gone.setMaxAge(0);
            addUnlessThere(response, gone);
        }
    }

    private static Cookie like(Cookie sessionCookie, String name, String value) {
        Cookie cookie = new Cookie(name, value);
        sessionCookie.getAttributes().forEach(cookie::setAttribute);
        return cookie;
    }

    private static void addUnlessThere(Response response, Cookie cookie) {
        for (String header : response.getHeaders(SET_COOKIE)) {
            if (header.startsWith(cookie.getName() + "=")) {
                return;
            }
        }
        response.getCoyoteResponse().addHeader(SET_COOKIE, response.generateCookieString(cookie));
    }
}
