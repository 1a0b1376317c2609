package dev.holdfast.tomcat;

import dev.holdfast.session.SessionId;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSession;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.Iterator;
import org.apache.catalina.Manager;
import org.apache.catalina.Session;
import org.apache.catalina.SessionListener;
import org.jspecify.annotations.Nullable;

/**
 * A session as operators see it, by Tomcat's Manager application and whatever else asks a manager for all of its
 * sessions: times, user and names of attributes, no values, and a name in place of the id, which is a credential. It
 * can be ended, and lose an attribute.
 *
 * <p>Nothing is decoded for it, and nothing that it shows counts as read by the application.
 */
final class ShownSession implements Session {
    /** In place of each value. */
    static final String NO_VALUE = "not shown";

    private static final int BEGINNING = 4;
    private static final int HASH_DIGITS = 12;

    private final HoldfastSession session;
    private final HttpSession view = new View();

    ShownSession(HoldfastSession session) {
        this.session = session;
    }

    /**
     * What operators call a session: its first four digits, as in the log, and some of a hash of its id. Of 128 random
     * bits a hash gives nothing away.
     */
    static String nameOf(SessionId id) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(id.value().getBytes(StandardCharsets.UTF_8));
            return id.value().substring(0, BEGINNING) + "-"
                    + HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    @Override
    public String getId() {
        return nameOf(session.copy().id());
    }

    @Override
    public String getIdInternal() {
        return getId();
    }

    @Override
    public @Nullable String getAuthType() {
        return session.shownAuthType();
    }

    @Override
    public @Nullable Principal getPrincipal() {
        return session.shownPrincipal();
    }

    @Override
    public long getCreationTime() {
        return session.getCreationTimeInternal();
    }

    @Override
    public long getCreationTimeInternal() {
        return session.getCreationTimeInternal();
    }

    @Override
    public long getThisAccessedTime() {
        return session.getThisAccessedTimeInternal();
    }

    @Override
    public long getThisAccessedTimeInternal() {
        return session.getThisAccessedTimeInternal();
    }

    @Override
    public long getLastAccessedTime() {
        return session.getLastAccessedTimeInternal();
    }

    @Override
    public long getLastAccessedTimeInternal() {
        return session.getLastAccessedTimeInternal();
    }

    @Override
    public long getIdleTime() {
        return session.getIdleTimeInternal();
    }

    @Override
    public long getIdleTimeInternal() {
        return session.getIdleTimeInternal();
    }

    @Override
    public Manager getManager() {
        return session.getManager();
    }

    @Override
    public int getMaxInactiveInterval() {
        return session.maxInactiveSeconds();
    }

    @Override
    public HttpSession getSession() {
        return view;
    }

    @Override
    public boolean isValid() {
        return session.isValid();
    }

    @Override
    public void expire() {
        session.expire();
    }

    @Override
    public @Nullable Object getNote(String name) {
        return null;
    }

    @Override
    public Iterator<String> getNoteNames() {
        return Collections.emptyIterator();
    }

    @Override
    public boolean isAttributeDistributable(String name, Object value) {
        return session.isAttributeDistributable(name, value);
    }

    // ---- what a container does with its own sessions, and nobody with those of others

    private static UnsupportedOperationException notOfOperators() {
        return new UnsupportedOperationException(
                "This is a session as operators see it: it can be ended, and lose attributes");
    }

    @Override
    public void setAuthType(String authType) {
        throw notOfOperators();
    }

    @Override
    public void setCreationTime(long time) {
        throw notOfOperators();
    }

    @Override
    public void setId(String id) {
        throw notOfOperators();
    }

    @Override
    public void setId(String id, boolean notify) {
        throw notOfOperators();
    }

    @Override
    public void setManager(Manager manager) {
        throw notOfOperators();
    }

    @Override
    public void setMaxInactiveInterval(int interval) {
        throw notOfOperators();
    }

    @Override
    public void setNew(boolean isNew) {
        throw notOfOperators();
    }

    @Override
    public void setPrincipal(Principal principal) {
        throw notOfOperators();
    }

    @Override
    public void setValid(boolean isValid) {
        throw notOfOperators();
    }

    @Override
    public void access() {
        throw notOfOperators();
    }

    @Override
    public void endAccess() {
        throw notOfOperators();
    }

    @Override
    public void addSessionListener(SessionListener listener) {
        throw notOfOperators();
    }

    @Override
    public void removeSessionListener(SessionListener listener) {
        throw notOfOperators();
    }

    @Override
    public void recycle() {
        throw notOfOperators();
    }

    @Override
    public void setNote(String name, Object value) {
        throw notOfOperators();
    }

    @Override
    public void removeNote(String name) {
        throw notOfOperators();
    }

    @Override
    public void tellChangedSessionId(
            String newId, String oldId, boolean notifySessionListeners, boolean notifyContainerListeners) {
        throw notOfOperators();
    }

    /** What pages for operators ask for. */
    private final class View implements HttpSession {
        @Override
        public long getCreationTime() {
            return ShownSession.this.getCreationTime();
        }

        @Override
        public String getId() {
            return ShownSession.this.getId();
        }

        @Override
        public long getLastAccessedTime() {
            return ShownSession.this.getLastAccessedTime();
        }

        @Override
        public ServletContext getServletContext() {
            return session.getServletContext();
        }

        @Override
        public int getMaxInactiveInterval() {
            return ShownSession.this.getMaxInactiveInterval();
        }

        @Override
        public void setMaxInactiveInterval(int interval) {
            throw notOfOperators();
        }

        @Override
        public @Nullable Object getAttribute(String name) {
            return session.shownNames().contains(name) ? NO_VALUE : null;
        }

        @Override
        public Enumeration<String> getAttributeNames() {
            return Collections.enumeration(session.shownNames());
        }

        @Override
        public void setAttribute(String name, Object value) {
            throw notOfOperators();
        }

        @Override
        public void removeAttribute(String name) {
            session.getSession().removeAttribute(name);
        }

        @Override
        public void invalidate() {
            session.getSession().invalidate();
        }

        @Override
        public boolean isNew() {
            return session.isNewHere();
        }
    }
}
