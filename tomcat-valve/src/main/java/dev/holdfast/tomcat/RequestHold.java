package dev.holdfast.tomcat;

import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.request.RequestScope;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.RequestDispatcher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.AsyncContextImpl;

/**
 * One request on its way through Tomcat, and when its session must be durable on it. What the request finds is the part
 * of {@link RequestLookups}, how it is answered if it is refused that of {@link RefusedAnswer}.
 *
 * <p><b>Implementation note.</b> There are three places to save, all idempotent: the commit hook (the application, or
 * Tomcat, commits the response), the return of the host valve while nothing has left, and the completion of an
 * asynchronous request. Whatever was changed after the response had begun is saved at the end. A refusal is turned into
 * a clean 503 as long as no byte has left, by emptying the response and suspending it, so that what the application
 * writes afterwards is ignored.
 */
final class RequestHold implements AsyncListener {
    private final HoldfastManager manager;
    private final Request request;
    private final Response response;
    private final RequestScope scope;
    private final CommitHook hook;
    private final RequestLookups lookups;
    /** Those that the manager knows it by, written by the thread that the container has at work on it. */
    private volatile Set<String> asyncIds = Set.of();

    private volatile boolean passing;
    private volatile boolean gaveUp;
    private volatile boolean sessionUsed;
    private volatile boolean finished;
    /** Then a thread of the application's own may be at it still when it has left, behind a timeout for one. */
    private volatile boolean wasAsync;
    /** Whether the response is the 503. */
    private volatile boolean answeredRefused;

    private volatile List<Guest> guests = List.of(); // written under the monitor, read without

    private RequestHold(HoldfastManager manager, Request request, Response response) {
        this.manager = manager;
        this.request = request;
        this.response = response;
        this.scope = manager.coordinator().begin(manager.cookies().presentedEpoch(request), this);
        this.lookups = new RequestLookups(manager, request, scope);
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

    RequestLookups lookups() {
        return lookups;
    }

    /** Method and path, as a report names a request; what stands behind ; in a path may be a session's id. */
    @Override
    public String toString() {
        return request.getMethod() + " "
                + String.valueOf(request.getRequestURI()).replaceAll(";[^/]*", "");
    }

    /** Everything up to here was the container's; from here on the application asks. */
    void applicationBegins() {
        lookups.applicationBegins();
        Wrapper servlet = request.getWrapper();
        if (servlet != null && servlet.isAsyncSupported() && request.isAsyncSupported()) {
            // Now: when the request has passed through, a thread of the application may long be at work.
            mayGoAsync();
        }
    }

    /**
     * Under every id that the request had on its way: a change of the session's id changes what it says it came with.
     */
    private void mayGoAsync() {
        String id = request.getRequestedSessionId();
        Set<String> before = asyncIds;
        if (id != null && !before.contains(id)) {
            asyncIds = before.isEmpty()
                    ? Set.of(id)
                    : Stream.concat(before.stream(), Stream.of(id)).collect(Collectors.toUnmodifiableSet());
            manager.mayGoAsync(this, id);
        }
    }

    /**
     * The application gets its session: from here on it may make a change that is refused, so what it writes waits.
     *
     * <p>Not while a thread of the application's own may be writing, which an asynchronous request lets do so.
     */
    void sessionUsed() {
        if (sessionUsed || !passing || request.isAsync()) {
            return;
        }
        sessionUsed = true;
        int bytes = manager.buffer();
        if (bytes > 0 && !answeredRefused && !RefusedAnswer.isTooLate(response)) {
            ResponseBuffer.raise(response, bytes);
        }
    }

    boolean isAsync() {
        return !finished && request.isAsync();
    }

    // ---- saving

    /** From the commit hook, on whatever thread commits the response. */
    void beforeCommit() {
        if (answeredRefused) {
            if (!passing || response.isSuspended()) {
                return; // the clean 503 itself
            }
            giveRefusal(); // an error page of the application wants to take its place
            throw Objects.requireNonNull(scope.refusal());
        }
        RequestScope before = scope.enter();
        try {
            save(RequestScope::save);
        } catch (SessionRefusedException e) {
            giveRefusal();
            throw e;
        } finally {
            RequestScope.leave(before);
        }
    }

    private void save(Consumer<RequestScope> save) {
        lookups.savingBegins();
        try {
            adoptUnboundSession();
            save.accept(scope);
            manager.cookies().add(request, response, scope);
            CostReport.addHeader(manager.requestCost(), response, scope);
            if (!guests.isEmpty()) {
                for (Guest guest : guests) {
                    guest.manager().cookies().addEpoch(request, response, guest.scope());
                }
            }
        } catch (SessionRefusedException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw scope.refuseUnplanned(e); // nothing has left yet: a clean 503, not half of an answer
        } finally {
            lookups.savingEnds();
        }
    }

    /** Another application that this request has been dispatched to. */
    private record Guest(HoldfastManager manager, RequestScope scope) {}

    /**
     * The scope of another application that this request has been dispatched to, and that asks for a session of its
     * own.
     */
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
        if (answeredRefused || finished) {
            return; // the clean 503 ends here
        }
        RequestScope before = scope.enter();
        lookups.savingBegins();
        try {
            adoptUnboundSession();
            scope.endResponse();
            SessionRefusedException refusal = scope.refusal();
            if (refusal != null) {
                throw refusal; // it is not to be ended
            }
        } finally {
            lookups.savingEnds();
            RequestScope.leave(before);
        }
    }

    /**
     * A session that was created or found on a thread of the application's own is known to the request, but not to the
     * scope.
     */
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
            wasAsync = true;
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
            if (!RefusedAnswer.isTooLate(response) && !answeredRefused) {
                save(wasAsync ? RequestScope::save : RequestScope::saveAtTheEnd);
            }
        } catch (SessionRefusedException e) {
            giveRefusal();
        } finally {
            finished = true;
            lookups.end();
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
            if (isRefused() && !answeredRefused && RefusedAnswer.isTooLate(response)) {
                RefusedAnswer.breakOff(
                        response, scope.refusal()); // refused after the response had begun, and the application went on
            }
        } catch (SessionRefusedException e) {
            if (RefusedAnswer.isTooLate(response)) {
                RefusedAnswer.breakOff(response, scope.refusal());
            } else {
                giveRefusal();
            }
        }
    }

    private void giveRefusal() {
        if (!RefusedAnswer.isTooLate(response)) {
            answeredRefused = true; // before the response is touched: the hook is asked meanwhile
            RefusedAnswer.give(request, response, hook, scope, manager.requestCost());
        }
    }

    /** Whether the request is to be answered 503. */
    boolean isRefused() {
        return scope.refusal() != null;
    }

    /** After an error of the application was turned into an error page: the 503 wins as long as nothing has left. */
    void repair() {
        if (answeredRefused || isRefused()) {
            gaveUp = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) != null;
            giveRefusal();
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
