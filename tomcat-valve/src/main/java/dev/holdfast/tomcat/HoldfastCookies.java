package dev.holdfast.tomcat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.holdfast.Holdfast;
import dev.holdfast.HoldfastConfig;
import dev.holdfast.affinity.AffinityFilter;
import dev.holdfast.cookie.CookieExchange;
import dev.holdfast.cookie.SessionCookies;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.request.RequestScope;
import jakarta.servlet.SessionTrackingMode;
import jakarta.servlet.http.Cookie;
import java.util.ArrayList;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.ApplicationSessionCookieConfig;
import org.apache.catalina.util.SessionConfig;
import org.apache.tomcat.util.buf.ByteChunk;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.MimeHeaders;
import org.apache.tomcat.util.http.Rfc6265CookieProcessor;
import org.apache.tomcat.util.http.ServerCookies;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the cookies that {@link SessionCookies} decides on, as Tomcat has them.
 *
 * <p>They are added in the last moment before the headers leave, straight to Coyote's response, so that a
 * {@code reset()} of the application or an error page does not lose them.
 */
final class HoldfastCookies {
    private static final String SET_COOKIE = "Set-Cookie";

    private final Context context;
    private final SessionCookies cookies;

    HoldfastCookies(Context context, Holdfast holdfast, HoldfastConfig config, String route) {
        this.context = context;
        this.cookies = holdfast.cookies(
                config, route, context.getEncodedPath(), () -> SessionConfig.getSessionCookiePath(context));
    }

    /**
     * The affinity filter, if the application has it too, leaves the route cookie to us. Coyote's request is asked
     * where Tomcat's knows nothing, and tells no listener of the application.
     */
    void markHandled(Request request) {
        request.getCoyoteRequest().setAttribute(AffinityFilter.HANDLED_ATTRIBUTE, true);
    }

    /** How browsers know a session: {@link SessionCookies#presentable}. */
    String presentable(String sessionId) {
        return cookies.presentable(sessionId);
    }

    /**
     * Takes the route off the session id that a request came with. It is for balancers: an authenticator compares that
     * id with the session's, and an application sees it.
     */
    void dropRoute(Request request) {
        SessionId requested = SessionId.parsePresented(request.getRequestedSessionId());
        if (requested != null) {
            request.setRequestedSessionId(requested.value());
        }
    }

    @Nullable
    Epoch presentedEpoch(Request request) {
        return cookies.presentedEpoch(name -> first(request, name));
    }

    /**
     * As they came: a FORM login puts the cookies of the request that it has saved in the place of Tomcat's own list.
     */
    private static List<String> presented(Request request, String cookie) {
        ServerCookies all = request.getServerCookies();
        List<String> values = List.of();
        for (int i = 0; i < all.getCookieCount(); i++) {
            if (all.getCookie(i).getName().equals(cookie)) {
                values = with(values, text(all.getCookie(i).getValue()));
            }
        }
        return values;
    }

    /** Mostly there is one, or none. */
    private static List<String> with(List<String> before, String value) {
        if (before.isEmpty()) {
            return List.of(value);
        }
        List<String> all = new ArrayList<>(before);
        all.add(value);
        return all;
    }

    private static @Nullable String first(Request request, @Nullable String cookie) {
        ServerCookies all = request.getServerCookies();
        for (int i = 0; i < all.getCookieCount(); i++) {
            if (all.getCookie(i).getName().equals(cookie)) {
                return text(all.getCookie(i).getValue());
            }
        }
        return null;
    }

    /** Our values are ASCII, and what is not is none of them: no decoder is made for each. */
    private static String text(MessageBytes value) {
        if (value.getType() != MessageBytes.T_BYTES) {
            return value.toString();
        }
        ByteChunk bytes = value.getByteChunk();
        return new String(bytes.getBytes(), bytes.getStart(), bytes.getLength(), ISO_8859_1);
    }

    /** Adds what the answer to a request must carry, after everything is saved. */
    void add(Request request, Response response, RequestScope scope) {
        cookies.add(new TomcatExchange(request, response), scope);
    }

    /**
     * Adds the epoch of an application that a request of another one was dispatched to: nothing else, for Tomcat tells
     * browsers of no session that began like that.
     */
    void addEpoch(Request request, Response response, RequestScope guest) {
        Epoch epoch = guest.sendEpoch();
        if (epoch != null) {
            TomcatExchange exchange = new TomcatExchange(request, response);
            Cookie cookie = withoutScripts(exchange.like(cookies.epochCookie(), epoch.text()));
            response.getCoyoteResponse().addHeader(SET_COOKIE, exchange.header(cookie));
        }
    }

    /** No script needs route or epoch, whatever Tomcat is told about its session cookie ({@code useHttpOnly}). */
    private static Cookie withoutScripts(Cookie cookie) {
        cookie.setHttpOnly(true);
        return cookie;
    }

    private final class TomcatExchange implements CookieExchange {
        private final Request request;
        private final Response response;

        private TomcatExchange(Request request, Response response) {
            this.request = request;
            this.response = response;
        }

        @Override
        public List<String> presented(String cookie) {
            return HoldfastCookies.presented(request, cookie);
        }

        @Override
        public boolean tracksByCookie() {
            return context.getServletContext()
                    .getEffectiveSessionTrackingModes()
                    .contains(SessionTrackingMode.COOKIE);
        }

        @Override
        public @Nullable String sessionId() {
            return request.getSessionInternal(false) instanceof HoldfastSession own ? own.plainId() : null;
        }

        @Override
        public boolean isNew() {
            return request.getSessionInternal(false) instanceof HoldfastSession own && own.isNewHere();
        }

        @Override
        public boolean cameWithSessionCookie() {
            return request.isRequestedSessionIdFromCookie();
        }

        @Override
        public void set(String cookie, String value) {
            addUnlessThere(withoutScripts(like(cookie, value)));
        }

        @Override
        public void expire(String cookie) {
            addUnlessThere(withoutScripts(gone(cookie)));
        }

        @Override
        public String sessionCookie() {
            return SessionConfig.getSessionCookieName(context);
        }

        @Override
        public boolean setsSessionCookie() {
            return isThere(sessionCookie());
        }

        @Override
        public void setSessionCookie(String value) {
            addInPlace(like(sessionCookie(), value));
        }

        @Override
        public void setSessionCookieAt(String path, String value) {
            Cookie cookie = like(sessionCookie(), value);
            cookie.setPath(path);
            addInPlace(cookie);
        }

        @Override
        public void expireSessionCookie() {
            addInPlace(gone(sessionCookie()));
        }

        @Override
        public List<String> headers(String name) {
            MimeHeaders all = response.getCoyoteResponse().getMimeHeaders();
            List<String> values = List.of();
            for (int i = 0; i < all.size(); i++) {
                if (all.getName(i).equalsIgnoreCase(name)) {
                    values = with(values, all.getValue(i).toString());
                }
            }
            return values;
        }

        @Override
        public void addHeader(String name, String value) {
            response.getCoyoteResponse().addHeader(name, value);
        }

        private Cookie gone(String name) {
            Cookie gone = like(name, "");
            gone.setAttribute("Expires", null);
            gone.setMaxAge(0);
            return gone;
        }

        /** A cookie with the attributes of the session cookie. */
        private Cookie like(String name, String value) {
            Cookie cookie = new Cookie(name, value);
            ApplicationSessionCookieConfig.createSessionCookie(context, "", request.isSecure())
                    .getAttributes()
                    .forEach(cookie::setAttribute);
            return cookie;
        }

        /**
         * As the session cookie is written: a cookie processor that is not Tomcat's own may give it attributes by its
         * name, as Spring Boot's does with SameSite.
         */
        private String header(Cookie cookie) {
            String like = sessionCookie();
            if (cookie.getName().equals(like)
                    || context.getCookieProcessor().getClass() == Rfc6265CookieProcessor.class) {
                return response.generateCookieString(cookie);
            }
            Cookie twin = new Cookie(like, cookie.getValue());
            cookie.getAttributes().forEach(twin::setAttribute);
            return cookie.getName() + response.generateCookieString(twin).substring(like.length());
        }

        private void addUnlessThere(Cookie cookie) {
            if (!isThere(cookie.getName())) {
                response.getCoyoteResponse().addHeader(SET_COOKIE, header(cookie));
            }
        }

        private boolean isThere(String name) {
            return placeOf(name) >= 0;
        }

        /** Among the headers; less than 0 if the answer does not set such a cookie. */
        private int placeOf(String name) {
            MimeHeaders headers = response.getCoyoteResponse().getMimeHeaders();
            for (int i = 0; i < headers.size(); i++) {
                if (headers.getName(i).equalsIgnoreCase(SET_COOKIE)
                        && sets(headers.getValue(i).toString(), name)) {
                    return i;
                }
            }
            return -1;
        }

        private static boolean sets(String header, String name) {
            return header.startsWith(name) && header.startsWith("=", name.length());
        }

        private void addInPlace(Cookie cookie) {
            int place = placeOf(cookie.getName());
            if (place >= 0) {
                response.getCoyoteResponse().getMimeHeaders().getValue(place).setString(header(cookie));
            } else {
                response.getCoyoteResponse().addHeader(SET_COOKIE, header(cookie));
            }
        }
    }
}
