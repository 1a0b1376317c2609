package dev.holdfast.affinity;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

/**
 * A request that reports at once when the application gets, renames or ends its session, while the cookie can still be
 * set.
 */
final class SessionWatchingRequest extends HttpServletRequestWrapper {
    private final ResponseCookie cookie;

    @GuardedBy("this")
    private @Nullable HttpSession last;

    @GuardedBy("this")
    private @Nullable HttpSession lastWatched;

    SessionWatchingRequest(HttpServletRequest request, ResponseCookie cookie) {
        super(request);
        this.cookie = cookie;
    }

    @Override
    public @Nullable HttpSession getSession() {
        return getSession(true);
    }

    @Override
    public @Nullable HttpSession getSession(boolean create) {
        HttpSession session = super.getSession(create);
        if (session == null) {
            return null;
        }
        cookie.sessionUsed(session.getId());
        return watched(session);
    }

    @Override
    public String changeSessionId() {
        String id = super.changeSessionId();
        cookie.sessionUsed(id);
        return id;
    }

    private synchronized HttpSession watched(HttpSession session) {
        HttpSession watched = lastWatched;
        if (watched == null || last != session) {
            watched = EndWatchingSession.watch(session, cookie);
            last = session;
            lastWatched = watched;
        }
        return watched;
    }
}
