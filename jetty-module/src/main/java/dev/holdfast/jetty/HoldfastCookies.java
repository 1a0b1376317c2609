package dev.holdfast.jetty;

import dev.holdfast.Holdfast;
import dev.holdfast.HoldfastConfig;
import dev.holdfast.RequestCost;
import dev.holdfast.cookie.CookieExchange;
import dev.holdfast.cookie.SessionCookies;
import dev.holdfast.session.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.HttpCookieUtils;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.session.AbstractSessionManager;
import org.eclipse.jetty.session.AbstractSessionManager.RequestedSession;
import org.jspecify.annotations.Nullable;

/** Reads and writes the cookies that {@link SessionCookies} decides on, as Jetty has them. */
final class HoldfastCookies {
    private static final String MAX_AGE = "Max-Age";
    private static final String EXPIRES = "Expires";

    private final AbstractSessionManager manager;
    private final SessionCookies cookies;
    private final RequestCost requestCost;

    HoldfastCookies(
            AbstractSessionManager manager,
            Holdfast holdfast,
            HoldfastConfig config,
            String route,
            String contextPath) {
        this.manager = manager;
        this.requestCost = config.requestCost();
        this.cookies = holdfast.cookies(config, route, contextPath, this::sessionCookiePath);
    }

    /** To whom a request says what its sessions have cost. */
    RequestCost requestCost() {
        return requestCost;
    }

    private String sessionCookiePath() {
        String path = manager.getSessionPath();
        return path == null || path.isEmpty() ? "/" : path;
    }

    /** How browsers know a session: {@link SessionCookies#presentable}. */
    String presentable(String sessionId) {
        return cookies.presentable(sessionId);
    }

    @Nullable
    Epoch presentedEpoch(Request request) {
        return cookies.presentedEpoch(name -> first(request, name));
    }

    private static List<String> presented(Request request, String name) {
        List<String> values = new ArrayList<>(1);
        for (HttpCookie cookie : Request.getCookies(request)) {
            if (cookie.getName().equals(name)) {
                values.add(cookie.getValue());
            }
        }
        return values;
    }

    private static @Nullable String first(Request request, @Nullable String name) {
        for (HttpCookie cookie : Request.getCookies(request)) {
            if (cookie.getName().equals(name)) {
                return cookie.getValue();
            }
        }
        return null;
    }

    /** Adds to the headers what the answer to a request must carry, after everything is saved. */
    void add(RequestHold hold, HttpFields.Mutable fields) {
        cookies.add(new JettyExchange(hold, fields), hold.scope());
    }

    private final class JettyExchange implements CookieExchange {
        private final RequestHold hold;
        private final HttpFields.Mutable fields;

        private JettyExchange(RequestHold hold, HttpFields.Mutable fields) {
            this.hold = hold;
            this.fields = fields;
        }

        @Override
        public List<String> presented(String name) {
            return HoldfastCookies.presented(hold.request(), name);
        }

        @Override
        public boolean tracksByCookie() {
            return manager.isUsingCookies();
        }

        @Override
        public @Nullable String sessionId() {
            HoldfastSession session = hold.session();
            return session == null || !session.isValid() ? null : session.getId();
        }

        @Override
        public boolean isNew() {
            HoldfastSession session = hold.session();
            return session != null && session.isNewHere();
        }

        @Override
        public boolean cameWithSessionCookie() {
            return RequestedSession.byAttribute(hold.request()).isSessionIdFrom(RequestedSession.ID_FROM_COOKIE);
        }

        @Override
        public void set(String name, String value) {
            addUnlessThere(HttpCookie.from(name, value, withoutScripts(attributes())));
        }

        @Override
        public void expire(String name) {
            addUnlessThere(HttpCookie.from(name, "", withoutScripts(gone())));
        }

        @Override
        public String sessionCookie() {
            return manager.getSessionCookie();
        }

        @Override
        public boolean setsSessionCookie() {
            return fields.stream().anyMatch(field -> sets(field, sessionCookie()));
        }

        @Override
        public void setSessionCookie(String value) {
            addInPlace(HttpCookie.from(sessionCookie(), value, attributes()));
        }

        @Override
        public void setSessionCookieAt(String path, String value) {
            Map<String, String> attributes = attributes();
            attributes.put(HttpCookie.PATH_ATTRIBUTE, path);
            addInPlace(HttpCookie.from(sessionCookie(), value, attributes));
        }

        @Override
        public void expireSessionCookie() {
            addInPlace(HttpCookie.from(sessionCookie(), "", gone()));
        }

        @Override
        public List<String> headers(String name) {
            return fields.getValuesList(name);
        }

        @Override
        public void addHeader(String name, String value) {
            fields.add(name, value);
        }

        private Map<String, String> gone() {
            Map<String, String> attributes = attributes();
            attributes.remove(EXPIRES);
            attributes.put(MAX_AGE, "0");
            return attributes;
        }

        /** No script needs route or epoch, whatever Jetty is told about its session cookie. */
        private static Map<String, String> withoutScripts(Map<String, String> attributes) {
            attributes.put(HttpCookie.HTTP_ONLY_ATTRIBUTE, "true");
            return attributes;
        }

        /** Those of the session cookie. */
        private Map<String, String> attributes() {
            Map<String, String> attributes = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            HoldfastSession session = hold.session();
            if (session != null) {
                HttpCookie like =
                        manager.getSessionCookie(session, hold.request().isSecure());
                if (like != null) {
                    attributes.putAll(like.getAttributes());
                }
            }
            return attributes;
        }

        private void addUnlessThere(HttpCookie cookie) {
            if (fields.stream().noneMatch(field -> sets(field, cookie.getName()))) {
                fields.add(header(cookie));
            }
        }

        private void addInPlace(HttpCookie cookie) {
            for (ListIterator<HttpField> all = fields.listIterator(); all.hasNext(); ) {
                if (sets(all.next(), cookie.getName())) {
                    all.set(header(cookie));
                    return;
                }
            }
            fields.add(header(cookie));
        }

        private static boolean sets(HttpField field, String name) {
            return field.getHeader() == HttpHeader.SET_COOKIE
                    && field.getValue().startsWith(name + "=");
        }

        private HttpField header(HttpCookie cookie) {
            HttpCookie checked =
                    HttpCookieUtils.checkSameSite(cookie, hold.request().getContext());
            return new HttpField(HttpHeader.SET_COOKIE, HttpCookieUtils.getRFC6265SetCookie(checked));
        }
    }
}
