package dev.holdfast.jetty;

import dev.holdfast.session.RequestScope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.eclipse.jetty.server.Context;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.jspecify.annotations.Nullable;

/**
 * Enters the scope of a request on each thread that Jetty lets work for it, asynchronous ones included, and leaves it when the thread leaves
 * the application. The first entry is the beginning of the request, before anything has asked for its session.
 */
final class RequestScopes implements ContextHandler.ContextScopeListener {
    /** What was current before each entry of this thread that is not left yet. */
    private static final ThreadLocal<@Nullable Deque<Optional<RequestScope>>> BEFORE = new ThreadLocal<>();

    private final HoldfastSessionCache cache;

    RequestScopes(HoldfastSessionCache cache) {
        this.cache = cache;
    }

    @Override
    public void enterScope(Context context, @Nullable Request request) {
        Deque<Optional<RequestScope>> entries = BEFORE.get();
        if (entries == null) {
            entries = new ArrayDeque<>(2);
            BEFORE.set(entries);
        }
        entries.push(Optional.ofNullable(RequestScope.current()));
        RequestHold hold = request == null ? null : cache.holdOf(request);
        if (hold != null) {
            hold.scope().enter();
        }
    }

    @Override
    public void exitScope(Context context, @Nullable Request request) {
        Deque<Optional<RequestScope>> entries = BEFORE.get();
        if (entries == null || entries.isEmpty()) {
            return; // entered before this listener was there
        }
        RequestScope.leave(entries.pop().orElse(null));
        RequestHold hold = request == null ? null : cache.knownHoldOf(request);
        if (hold != null) {
            hold.answerIfRefused();
        }
        if (entries.isEmpty()) {
            BEFORE.remove(); // nothing of an application stays behind on a pooled thread
        }
    }
}
