package dev.holdfast.tomcat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.request.RequestScope;
import java.security.Principal;
import org.apache.catalina.connector.Request;
import org.jspecify.annotations.Nullable;

/**
 * Which session a request finds, and when the store may be asked for it: not before the application, or a login that
 * needs the session, does. The user comes with the session, so whoever asks for the user asks for the session, too.
 *
 * <p>Used by all threads of a request: its fields are volatile, each written by the thread that the container has at
 * work on the request.
 */
final class RequestLookups {
    private final HoldfastManager manager;
    private final Request request;
    private final RequestScope scope;
    private volatile boolean applicationBegan;
    /**
     * The authenticator saw no trusted copy: whose session it is shows when somebody asks for the session, or for the
     * user.
     */
    private volatile boolean userUnknown;
    /**
     * The thread that saves, which asks for nothing: others of the application may ask for the session at the same
     * time.
     */
    private volatile @Nullable Thread saving;

    private volatile boolean over;

    @GuardedBy("this")
    private @Nullable Boolean constrained;

    RequestLookups(HoldfastManager manager, Request request, RequestScope scope) {
        this.manager = manager;
        this.request = request;
        this.scope = scope;
    }

    /** Everything up to here was the container's; from here on the application asks. */
    void applicationBegins() {
        applicationBegan = true;
        if (request.getPrincipal() == null && !scope.usedSession() && request.getRequestedSessionId() != null) {
            // The authenticator found no trusted copy, and nothing has asked the store yet. Whoever asks for the user
            // will.
            userUnknown = true;
            if (!(request.getRequest() instanceof LazyUserRequest)) {
                request.setRequest(new LazyUserRequest(request.getRequest(), this));
            }
        }
    }

    /** This thread saves: what nobody has asked for until now needs no saving. */
    void savingBegins() {
        saving = Thread.currentThread();
    }

    void savingEnds() {
        saving = null;
    }

    /** The response has left, and nobody needs the user any more but the access log. */
    void end() {
        over = true;
    }

    /** Somebody asks for the user, and nobody has asked for the session: now the request does, once. */
    void loadUser() {
        if (over || !userUnknown) {
            return; // known; or the access log asks when the response has left
        }
        RequestScope before = scope.enter();
        try {
            request.getSessionInternal(false); // finds the user with it
        } finally {
            RequestScope.leave(before);
        }
    }

    /** What the authenticator would have done with the session, had it been there. */
    private void findUser(HoldfastSession session) {
        if (!userUnknown || isSaving()) {
            return;
        }
        userUnknown = false;
        Principal user = session.getPrincipal();
        if (user != null && request.getPrincipal() == null) {
            request.setUserPrincipal(user);
            request.setAuthType(session.getAuthType());
        }
    }

    /** Looks a session up for this request; null if there is none, or none is to be asked for yet. */
    @Nullable
    HoldfastSession find(SessionId id) {
        Lookup lookup = scope.find(id, false);
        if (lookup.found() == Lookup.Found.UNKNOWN_HERE && mayAsk()) {
            lookup = scope.find(id, true);
        }
        if (lookup.found() == Lookup.Found.UNAVAILABLE
                && !isSaving()
                && (applicationBegan || isConstrained() || manager.hasRequestListeners())) {
            scope.refuse(id, lookup);
        }
        HoldfastSession session = (HoldfastSession) lookup.session();
        if (session != null) {
            findUser(session);
        }
        return session;
    }

    /**
     * To be asked before a session is created: a session that the request carries and that nobody has asked for is
     * found first.
     *
     * @throws SessionRefusedException if it cannot be found out whether there is one: a new one would log the user out
     */
    @Nullable
    HoldfastSession findInsteadOfCreating() {
        SessionId requested = SessionId.parse(request.getRequestedSessionId());
        if (requested != null) {
            Lookup lookup = scope.find(requested, true);
            if (lookup.found() == Lookup.Found.UNAVAILABLE) {
                throw scope.refuse(requested, lookup);
            }
            if (lookup.session() instanceof HoldfastSession session) {
                findUser(session);
                return session;
            }
        }
        SessionRefusedException refusal = scope.refusal();
        if (refusal != null) {
            throw refusal;
        }
        return null;
    }

    /**
     * Whether a look-up before the application may ask the store: a login that needs the session, or code of the
     * application.
     */
    private boolean mayAsk() {
        if (isSaving()) {
            return false; // what nobody has asked for until now needs no saving
        }
        return applicationBegan || manager.hasRequestListeners() || manager.isFormRequest(request) || isConstrained();
    }

    private boolean isSaving() {
        return saving == Thread.currentThread();
    }

    private synchronized boolean isConstrained() {
        if (constrained == null) {
            constrained = manager.isConstrained(request);
        }
        return constrained;
    }
}
