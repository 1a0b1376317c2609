package dev.holdfast.jetty;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.session.ManagedSession;
import org.eclipse.jetty.session.SessionData;
import org.eclipse.jetty.session.SessionManager;
import org.jspecify.annotations.Nullable;

/**
 * Stands for the session that a request came for until somebody asks for it: the application, or a login that guards
 * the page. Then the real one is looked up and takes this one's place in the request. A static file, or a page without
 * a session, costs nothing.
 *
 * <p>Jetty looks up the session of every request before it knows whether the session is needed.
 */
final class LazySession extends ManagedSession {
    private final RequestHold hold;
    private final List<SessionId> ids = new ArrayList<>(1); // grows before this is armed, by one thread
    private final String requestedId;
    /** The container's own look-up is over: who asks now needs the session. */
    private volatile boolean armed;

    /**
     * Taken by the thread that looks it up. No monitor: it may wait, and a virtual thread would keep its carrier
     * meanwhile.
     */
    private final ReentrantLock asking = new ReentrantLock();

    @GuardedBy("asking")
    private boolean asked;

    private volatile @Nullable HoldfastSession found; // written under asking, read without

    LazySession(SessionManager manager, RequestHold hold, SessionId id) {
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

    private @Nullable HoldfastSession real() {
        asking.lock();
        try {
            if (!asked) {
                found = hold.find(ids);
                asked = true;
            }
            return found;
        } finally {
            asking.unlock();
        }
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
    public String getExtendedId() {
        HoldfastSession real = found;
        return real == null ? requestedId : real.getExtendedId();
    }

    @Override
    public String toString() {
        return "LazySession" + ids;
    }
}
