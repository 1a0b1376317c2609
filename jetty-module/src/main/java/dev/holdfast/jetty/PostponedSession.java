package dev.holdfast.jetty;

import dev.holdfast.session.SessionId;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.session.ManagedSession;
import org.eclipse.jetty.session.SessionData;
import org.eclipse.jetty.session.SessionManager;
import org.jspecify.annotations.Nullable;

/**
 * Stands for the session that a request came for until somebody asks for it: the application, or a login that guards the page. Then the real
 * one is looked up and takes this one's place in the request. A static file, or a page without a session, costs nothing.
 *
 * <p>Jetty looks up the session of every request before it knows whether the session is needed.
 */
final class PostponedSession extends ManagedSession {
    private final RequestHold hold;
    private final List<SessionId> ids = new ArrayList<>(1);
    private final String requestedId;
    /** The container's own look-up is over: who asks now needs the session. */
    private volatile boolean armed;

    private boolean asked;
    private @Nullable HoldfastSession found;

    PostponedSession(SessionManager manager, RequestHold hold, SessionId id) {
        super(manager, new SessionData(id.value(), "", "", 0, 0, 0, -1));
        this.hold = hold;
        this.requestedId = id.value();
        this._newSession = false;
        this._resident = true;
        ids.add(id);
    }

    /** Another session cookie of the same request. */
    void alsoFor(SessionId id) {
        if (ids.size() < SessionId.MOST_PRESENTED && !ids.contains(id)) {
            ids.add(id);
        }
    }

    /** Asked by every getSession of the request, and by the container before all of them. */
    @Override
    public boolean isValid() {
        HoldfastSession real = armed ? real() : null;
        return armed ? real != null && real.isValid() : true;
    }

    private synchronized @Nullable HoldfastSession real() {
        if (!asked) {
            found = hold.find(ids);
            asked = true;
        }
        return found;
    }

    /** The container has looked up what the request came with. */
    @Override
    public boolean access(long time) {
        armed = true;
        return false; // no cookie is to be refreshed for a session that nobody has seen yet
    }

    @Override
    public boolean isExpiredAt(long time) {
        return false;
    }

    /** As browsers know the session that was found: Jetty may still hold this one while it writes a URL. */
    @Override
    public synchronized String getExtendedId() {
        return found == null ? requestedId : found.getExtendedId();
    }

    @Override
    public String toString() {
        return "PostponedSession" + ids;
    }
}
