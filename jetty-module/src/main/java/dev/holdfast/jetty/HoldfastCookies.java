package dev.holdfast.jetty;

import dev.holdfast.HoldfastConfig;
import dev.holdfast.SessionCookies;
import dev.holdfast.session.Epoch;
import java.util.ArrayList;
import java.util.List;
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

    HoldfastCookies(AbstractSessionManager manager, HoldfastConfig config, String route, String contextPath) {
        this.manager = manager;
        this.cookies = SessionCookies.of(config, route, contextPath, this::sessionCookiePath);
    }

    private String sessionCookiePath() {
        String path = manager.getSessionPath();
        return path == null || path.isEmpty() ? "/" : path;
    }

    /** The epoch that a request carries; of several cookies only the first counts. */
    @Nullable
    Epoch presentedEpoch(Request request) {
        for (HttpCookie cookie : Request.getCookies(request)) {
            if (cookie.getName().equals(cookies.epochCookie())) {
                return Epoch.parse(cookie.getValue());
            }
        }
        return null;
    }

    /** Adds to the headers what the answer to a request must carry, after everything is saved. */
    void add(RequestHold hold, HttpFields.Mutable fields) {
        cookies.add(new JettyExchange(hold, fields), hold.scope());
    }

    private final class JettyExchange implements SessionCookies.Exchange {
        private final RequestHold hold;
        private final HttpFields.Mutable fields;

        private JettyExchange(RequestHold hold, HttpFields.Mutable fields) {
            this.hold = hold;
            this.fields = fields;
        }

        @Override
        public List<String> presented(String name) {
            List<String> values = new ArrayList<>(1);
            for (HttpCookie cookie : Request.getCookies(hold.request())) {
                if (cookie.getName().equals(name)) {
                    values.add(cookie.getValue());
                }
            }
            return values;
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
            addUnlessThere(HttpCookie.from(name, value, attributes()));
        }

        @Override
        public void expire(String name) {
            Map<String, String> attributes = attributes();
            attributes.remove(EXPIRES);
            attributes.put(MAX_AGE, "0");
            addUnlessThere(HttpCookie.from(name, "", attributes));
        }

        @Override
        public void setSessionCookie() {
            setSessionCookie(attributes());
        }

        @Override
        public void setSessionCookieAt(String path) {
            Map<String, String> attributes = attributes();
            attributes.put(HttpCookie.PATH_ATTRIBUTE, path);
            setSessionCookie(attributes);
        }

        private void setSessionCookie(Map<String, String> attributes) {
            String id = sessionId();
            if (id != null) {
                addUnlessThere(HttpCookie.from(manager.getSessionCookie(), id, attributes));
            }
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
            for (HttpField field : fields.getFields(HttpHeader.SET_COOKIE)) {
                if (field.getValue().startsWith(cookie.getName() + "=")) {
                    return;
                }
            }
            HttpCookie checked =
                    HttpCookieUtils.checkSameSite(cookie, hold.request().getContext());
            fields.add(HttpHeader.SET_COOKIE, HttpCookieUtils.getRFC6265SetCookie(checked));
        }
    }
}
