package dev.holdfast.tomcat;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.request.RequestScope;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.catalina.Globals;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.AsyncContextImpl;
import org.apache.coyote.ActionCode;
import org.jspecify.annotations.Nullable;

/**
 * What Holdfast knows of one request on its way through Tomcat: when its look-ups may ask the store, when its session must be durable, and
 * how it is answered if it cannot be.
 *
 * <p><b>Implementation note.</b> There are three places to save, all idempotent: the commit hook (the application, or Tomcat, commits the
 * response), the return of the host valve while nothing has left, and the completion of an asynchronous request. Whatever was changed
 * after the response had begun is saved at the end. A refusal is turned into a clean 503 as long as no byte has left, by emptying the
 * response and suspending it, so that what the application writes afterwards is ignored.
 */
final class RequestHold implements AsyncListener {
    private final HoldfastManager manager;
    private final Request request;
    private final Response response;
    private final RequestScope scope;
    private final CommitHook hook;
    private volatile boolean applicationBegan;
    /** The authenticator saw no trusted copy: whose session it is shows when somebody asks for the session, or for the user. */
    private volatile boolean userUnknown;
    /** The thread that saves: threads of the application may ask for the session at the same time. */
    private volatile @Nullable Thread saving;

    private final Set<String> asyncIds = ConcurrentHashMap.newKeySet();
    private volatile boolean passing;
    private volatile boolean refusedAnswer;
    private volatile boolean gaveUp;
    private volatile boolean finished;
    private @Nullable Boolean constrained;
    private volatile List<Guest> guests = List.of();

    private RequestHold(HoldfastManager manager, Request request, Response response) {
        this.manager = manager;
        this.request = request;
        this.response = response;
        this.scope = manager.coordinator().begin(manager.cookies().presentedEpoch(request), this);
        this.hook = CommitHook.install(response.getCoyoteResponse(), this);
    }

    static RequestHold begin(HoldfastManager manager, Request request, Response response) {
        return new RequestHold(manager, request, response);
    }

    boolean belongsTo(HoldfastManager other) {
        return manager == other;
    }

    RequestScope scope() {
        return scope;
    }

    // ---- look-ups

    /** Everything up to here was the container's; from here on the application asks. */
    void applicationBegins() {
        applicationBegan = true;
        Wrapper servlet = request.getWrapper();
        if (servlet != null && servlet.isAsyncSupported() && request.isAsyncSupported()) {
            // Now: when the request has passed through, a thread of the application may long be at work.
            mayGoAsync();
        }
        if (request.getPrincipal() == null && !scope.usedSession() && request.getRequestedSessionId() != null) {
            // The authenticator found no trusted copy, and nothing has asked the store yet. Whoever asks for the user
            // will.
            userUnknown = true;
            if (!(request.getRequest() instanceof LazyUserRequest)) {
                request.setRequest(new LazyUserRequest(request.getRequest(), this));
            }
        }
    }

    /** Under every id that the request had on its way: a change of the session's id changes what it says it came with. */
    private void mayGoAsync() {
        String id = request.getRequestedSessionId();
        if (id != null) {
            asyncIds.add(id);
            manager.mayGoAsync(this, id);
        }
    }

    /** Somebody asks for the user, and nobody has asked for the session: now the request does, once. */
    void loadUser() {
        if (finished || !userUnknown) {
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
        if (lookup.found() == Lookup.Found.NOT_ASKED && mayAsk()) {
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
     * To be asked before a session is created: a session that the request carries and that nobody has asked for is found first.
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

    /** Whether a look-up before the application may ask the store: a login that needs the session, or code of the application. */
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

    boolean isAsync() {
        return !finished && request.isAsync();
    }

    // ---- saving

    /** From the commit hook, on whatever thread commits the response. */
    void beforeCommit() {
        if (refusedAnswer) {
            if (!passing || response.isSuspended()) {
                return; // the clean 503 itself
            }
            answerRefused(); // an error page of the application wants to take its place
            throw Objects.requireNonNull(scope.refusal());
        }
        RequestScope before = scope.enter();
        try {
            save();
        } catch (SessionRefusedException e) {
            answerRefused();
            throw e;
        } finally {
            RequestScope.leave(before);
        }
    }

    private void save() {
        saving = Thread.currentThread();
        try {
            adoptUnboundSession();
            scope.save();
            manager.cookies().add(request, response, scope);
            for (Guest guest : guests) {
                guest.manager().cookies().addEpoch(request, response, guest.scope());
            }
        } catch (SessionRefusedException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw scope.refuseUnplanned(e); // nothing has left yet: a clean 503, not half of an answer
        } finally {
            saving = null;
        }
    }

    /** Another application that this request has been dispatched to. */
    private record Guest(HoldfastManager manager, RequestScope scope) {}

    /** The scope of another application that this request has been dispatched to, and that asks for a session of its own. */
    synchronized RequestScope guest(HoldfastManager other) {
        for (Guest known : guests) {
            if (known.manager() == other) {
                return known.scope();
            }
        }
        RequestScope made = scope.beginGuest(
                other.coordinator(),
                other.cookies().presentedEpoch(request),
                action -> other.inApplication(() -> {
                    action.run();
                    return null;
                }));
        List<Guest> all = new ArrayList<>(guests);
        all.add(new Guest(other, made));
        guests = List.copyOf(all);
        return made;
    }

    /** From the commit hook: the application closes an answer whose head has left. */
    void beforeEnd() {
        if (refusedAnswer || finished) {
            return; // the clean 503 ends here
        }
        RequestScope before = scope.enter();
        saving = Thread.currentThread();
        try {
            adoptUnboundSession();
            scope.endResponse();
            SessionRefusedException refusal = scope.refusal();
            if (refusal != null) {
                throw refusal; // it is not to be ended
            }
        } finally {
            saving = null;
            RequestScope.leave(before);
        }
    }

    /** A session that was created or found on a thread of the application's own is known to the request, but not to the scope. */
    private void adoptUnboundSession() {
        if (request.getSessionInternal(false) instanceof HoldfastSession session) {
            scope.adopt(session.copy());
        }
    }

    /** Before the pipeline. */
    void passing() {
        passing = true;
    }

    /** After the pipeline: nothing of the application runs any more, unless the request went on asynchronously. */
    void passed() {
        passing = false;
        if (request.isAsync()) {
            // The public getAsyncContext() refuses once the request has timed out.
            AsyncContextImpl async = request.getAsyncContextInternal();
            async.addListener(this);
            mayGoAsync();
            if (gaveUp && !request.isAsyncCompleting() && !request.isAsyncDispatching()) {
                async.complete(); // the application failed on the refusal: it will not
            }
            return;
        }
        end();
    }

    private void end() {
        if (finished) {
            return;
        }
        RequestScope before = scope.enter();
        try {
            if (!response.getCoyoteResponse().isCommitted() && !refusedAnswer) {
                save();
            }
        } catch (SessionRefusedException e) {
            answerRefused();
        } finally {
            finished = true;
            try {
                finish();
            } finally {
                RequestScope.leave(before);
            }
        }
    }

    private void finish() {
        hook.uninstall();
        asyncIds.forEach(id -> manager.asyncEnded(this, id));
        try {
            scope.finish();
            if (isRefused() && !refusedAnswer && response.getCoyoteResponse().isCommitted()) {
                breakOff(); // refused after the response had begun, and the application went on
            }
        } catch (SessionRefusedException e) {
            if (!response.getCoyoteResponse().isCommitted()) {
                answerRefused();
            } else {
                breakOff();
            }
        }
    }

    /** The head of a 200 has left: the only way to say that the answer does not stand is not to end it. */
    private void breakOff() {
        response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, scope.refusal());
    }

    /** Whether the request is to be answered 503. */
    boolean isRefused() {
        return scope.refusal() != null;
    }

    /** Replaces whatever was to be sent by an empty 503. The response ignores what is written to it from now on. */
    private void answerRefused() {
        if (response.getCoyoteResponse().isCommitted()) {
            return;
        }
        refusedAnswer = true;
        boolean upgrade = response.getStatus() == HttpServletResponse.SC_SWITCHING_PROTOCOLS;
        // To be asked before the reset, which forgets the listener.
        boolean nonBlocking = response.getCoyoteResponse().getWriteListener() != null;
        if (upgrade) {
            hook.cancelUpgrade();
        }
        response.setSuspended(false);
        response.setAppCommitted(false);
        response.reset();
        request.removeAttribute(RequestDispatcher.ERROR_EXCEPTION);
        request.removeAttribute(Globals.SENDFILE_FILENAME_ATTR); // or the file would follow
        response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        response.setHeader("Retry-After", SessionRefusedException.RETRY_AFTER_SECONDS);
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(0);
        response.setSuspended(true);
        boolean ownThread = request.isAsync() && !request.getCoyoteRequest().isRequestThread();
        if (upgrade || nonBlocking || ownThread) {
            // Tomcat will not: it ended the answer when it was told to upgrade, it closes the connection of a write
            // listener that fails, and it does not hear of a thread of the application's that fails.
            response.getCoyoteResponse().action(ActionCode.CLIENT_FLUSH, null);
        }
    }

    /** After an error of the application was turned into an error page: the 503 wins as long as nothing has left. */
    void repair() {
        if (refusedAnswer || isRefused()) {
            gaveUp = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) != null;
            answerRefused();
        }
    }

    // ---- asynchronous requests

    @Override
    public void onComplete(AsyncEvent event) throws IOException {
        end();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        // The container answers, and passes through the valve or completes.
    }

    @Override
    public void onError(AsyncEvent event) {
        // The container answers, and passes through the valve or completes.
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        event.getAsyncContext().addListener(this); // a new start forgets the listeners of the last one
    }
}
