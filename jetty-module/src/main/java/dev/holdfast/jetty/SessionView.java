package dev.holdfast.jetty;

import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Session;
import org.jspecify.annotations.Nullable;

/**
 * A session of which only some values are seen, for listeners that are to be told for these alone. Everything else is
 * the session's own.
 */
final class SessionView implements Session {
    private final HoldfastSession session;
    private final Map<String, Object> values;

    SessionView(HoldfastSession session, Map<String, Object> values) {
        this.session = session;
        this.values = values;
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        return values.get(name);
    }

    @Override
    public Set<String> getAttributeNameSet() {
        return values.keySet();
    }

    @Override
    public @Nullable Object setAttribute(String name, @Nullable Object value) {
        return session.setAttribute(name, value);
    }

    @Override
    public @Nullable Object removeAttribute(String name) {
        return session.removeAttribute(name);
    }

    @Override
    public void clearAttributes() {
        session.clearAttributes();
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // Jetty's own signature
    public <T extends API> T getApi() {
        return session.getApi();
    }

    @Override
    public boolean isValid() {
        return session.isValid();
    }

    @Override
    public String getId() {
        return session.getId();
    }

    @Override
    public String getExtendedId() {
        return session.getExtendedId();
    }

    @Override
    public long getLastAccessedTime() {
        return session.getLastAccessedTime();
    }

    @Override
    public void setMaxInactiveInterval(int seconds) {
        session.setMaxInactiveInterval(seconds);
    }

    @Override
    public int getMaxInactiveInterval() {
        return session.getMaxInactiveInterval();
    }

    @Override
    public void renewId(Request request, Response response) {
        session.renewId(request, response);
    }

    @Override
    public void invalidate() {
        session.invalidate();
    }

    @Override
    public boolean isNew() {
        return session.isNew();
    }

    @Override
    public String encodeURI(Request request, String uri, boolean cookiesInUse) {
        return session.encodeURI(request, uri, cookiesInUse);
    }
}
