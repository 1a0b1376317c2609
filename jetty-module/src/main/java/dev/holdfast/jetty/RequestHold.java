package dev.holdfast.jetty;

import dev.holdfast.RequestCost;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.request.RequestScope;
import java.util.List;
import java.util.Objects;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Context;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.session.SessionManager;
import org.jspecify.annotations.Nullable;

/**
 * What Holdfast knows of one request on its way through Jetty: the session that it asked for, when that must be
 * durable, and whether the request was refused.
 *
 * <p><b>Implementation note.</b> {@link CommitStream} saves before the first byte leaves, before the end of a response
 * whose head had left, and when the request is complete; all three are idempotent, and each runs in the application's
 * own context, whatever thread it is.
 */
final class RequestHold {
    private final HoldfastSessionCache cache;
    /** Kept, for a request may be inside when its application stops. */
    private final HoldfastCookies cookies;

    private final Request request;
    private final RequestScope scope;
    private volatile @Nullable HoldfastSession session;
    private @Nullable LazySession postponed;
    private volatile @Nullable CommitStream stream;
    private volatile boolean finished;

    RequestHold(HoldfastSessionCache cache, Request request) {
        this.cache = cache;
        this.request = request;
        this.cookies = cache.cookies();
        this.scope = cache.coordinator().begin(cookies.presentedEpoch(request), this);
        if (cookies.requestCost().isLogged() && request.getAttribute(RequestCost.ATTRIBUTE) == null) {
            request.setAttribute(RequestCost.ATTRIBUTE, new Cost(scope));
        }
    }

    /** For the access log, which asks before a redirect, and what came late, is saved. */
    private record Cost(RequestScope scope) {
        @Override
        public String toString() {
            return scope.cost();
        }
    }

    /** From now on, all that is sent for this request goes through its stream. */
    void hook() {
        request.addHttpStreamWrapper(wrapped -> {
            CommitStream own = new CommitStream(wrapped, this);
            stream = own;
            return own;
        });
    }

    RequestScope scope() {
        return scope;
    }

    Request request() {
        return request;
    }

    /** Method and path, as a report names a request; what stands behind ; in a path may be a session's id. */
    @Override
    public String toString() {
        return request.getMethod() + " "
                + String.valueOf(request.getHttpURI().getPath()).replaceAll(";[^/]*", "");
    }

    /** The session that the request holds, alive or ended; null if it has not got one. */
    @Nullable
    HoldfastSession session() {
        return session;
    }

    /** The application has asked for a session and got a new one. */
    void created(HoldfastSession made) {
        session = made;
        raiseBuffer();
    }

    /** Not on a thread of the application's own, while another one may be writing. */
    private void raiseBuffer() {
        CommitStream own = stream;
        if (RequestScope.current() == scope && own != null && !own.hasBegun()) {
            cache.raiseBuffer(this);
        }
    }

    // ---- look-ups

    /**
     * What stands for the session of this request while the container looks for it: one for all session cookies, so
     * that a browser with a stale one beside the good one is served.
     *
     * @return null for all but the first
     */
    @Nullable
    LazySession postponed(SessionManager manager, SessionId id) {
        LazySession first = postponed;
        if (first != null) {
            first.alsoFor(id);
            return null;
        }
        LazySession made = new LazySession(manager, this, id);
        postponed = made;
        return made;
    }

    /**
     * Looks the session up for which the request came, now that somebody asks for it; null if there is none.
     *
     * @param ids of the request's session cookies; the first that is found counts
     * @throws SessionRefusedException if the store does not say
     */
    @Nullable
    HoldfastSession find(List<SessionId> ids) {
        if (finished) {
            return null; // the answer has left, and with it all that the session was needed for
        }
        for (SessionId id : ids) {
            Lookup lookup = scope.find(id, true);
            if (lookup.found() == Lookup.Found.UNAVAILABLE) {
                SessionRefusedException refused = scope.refuse(id, lookup);
                if (RequestScope.current() != scope) {
                    answerIfRefused(); // a thread of the application's own: nobody hears how it ends
                }
                throw refused;
            }
            if (lookup.session() instanceof HoldfastSession found) {
                session = found;
                cache.found(this, found);
                raiseBuffer();
                return found;
            }
        }
        return null;
    }

    // ---- saving

    /**
     * Before the first byte leaves, on whatever thread commits the response.
     *
     * @param fields the headers, to which what the browser must hear is added
     * @return false if the answer must be 503
     */
    boolean beforeCommit(HttpFields.Mutable fields) {
        return inApplication(() -> {
            scope.save();
            cookies.add(this, fields);
            addCost(fields);
        });
    }

    /** Says what its sessions have cost, if that is wanted. */
    void addCost(HttpFields.Mutable fields) {
        if (cookies.requestCost().isInHeader()) {
            fields.put(RequestCost.HEADER_NAME, scope.cost());
        }
    }

    /** Before the end of a response leaves whose head had left before; false if it must not be ended. */
    boolean beforeEnd() {
        return inApplication(scope::endResponse);
    }

    /** The request is complete; false if something that it did late was refused. */
    boolean end() {
        boolean acknowledged = inApplication(() -> {
            finished = true;
            scope.finish();
        });
        if (cache.run() == null) {
            RequestScopes.giveUp();
        }
        return acknowledged;
    }

    private boolean inApplication(Runnable action) {
        Runnable inScope = () -> {
            RequestScope before = scope.enter();
            try {
                action.run();
            } catch (SessionRefusedException e) {
                // Told and counted where it was refused; the answer says the rest.
            } catch (RuntimeException | Error e) {
                scope.refuseUnplanned(e); // told and counted there, too
            } finally {
                RequestScope.leave(before);
            }
        };
        Context context = request.getContext();
        context.run(inScope);
        return !isRefused();
    }

    /**
     * A thread of Jetty's leaves the request: who has been refused and not answered by now has failed, and will not be.
     */
    void answerIfRefused() {
        CommitStream own = stream;
        if (own != null && !finished && isRefused()) {
            own.answerRefused(request);
        }
    }

    /** Whether the request is to be answered 503. */
    boolean isRefused() {
        return scope.refusal() != null;
    }

    SessionRefusedException refusal() {
        return Objects.requireNonNull(scope.refusal());
    }
}
