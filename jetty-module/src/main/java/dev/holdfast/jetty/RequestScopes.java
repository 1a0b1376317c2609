package dev.holdfast.jetty;

import dev.holdfast.session.request.RequestScope;
import java.util.ArrayDeque;
import java.util.Deque;
import org.eclipse.jetty.server.Context;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.jspecify.annotations.Nullable;

/**
 * Enters the scope of a request on each thread that Jetty lets work for it, asynchronous ones included, and leaves it
 * when the thread leaves the application. The first entry is the beginning of the request, before anything has asked
 * for its session.
 *
 * <p>Jetty forgets this listener when it stops an application, so a thread that is inside then leaves without a word.
 * What it leaves behind is given up when its request is complete, at the latest when the thread enters an application
 * again: an outermost entry takes nothing over from its thread.
 */
final class RequestScopes implements ContextHandler.ContextScopeListener {
    /** The entries of this thread that are not left yet, the innermost first. */
    private static final ThreadLocal<@Nullable Deque<Entry>> ENTRIES = new ThreadLocal<>();

    private final HoldfastSessionCache cache;

    /**
     * @param run of the application, see {@link HoldfastSessionCache#run}
     * @param before what was current before
     */
    private record Entry(
            HoldfastSessionCache cache,
            @Nullable Object run,
            @Nullable RequestScope before) {
        /** Its application has stopped since: nobody will leave it. */
        private boolean isAbandoned() {
            return cache.run() != run;
        }
    }

    RequestScopes(HoldfastSessionCache cache) {
        this.cache = cache;
    }

    @Override
    public void enterScope(Context context, @Nullable Request request) {
        Deque<Entry> entries = ENTRIES.get();
        if (entries != null && entries.stream().anyMatch(Entry::isAbandoned)) {
            giveUp();
            entries = null;
        }
        if (entries == null) {
            entries = new ArrayDeque<>(2);
            ENTRIES.set(entries);
        }
        entries.push(new Entry(cache, cache.run(), entries.isEmpty() ? null : RequestScope.current()));
        RequestHold hold = request == null ? null : cache.holdOf(request);
        if (hold != null) {
            hold.scope().enter();
        }
    }

    @Override
    public void exitScope(Context context, @Nullable Request request) {
        Deque<Entry> entries = ENTRIES.get();
        if (entries == null || entries.isEmpty()) {
            return; // entered before this listener was there, or given up
        }
        RequestScope.leave(entries.pop().before());
        RequestHold hold = request == null ? null : cache.knownHoldOf(request);
        if (hold != null) {
            hold.answerIfRefused();
        }
        if (entries.isEmpty()) {
            ENTRIES.remove(); // nothing of an application stays behind on a pooled thread
        }
    }

    /** Nothing of an application that has stopped stays on this thread. */
    static void giveUp() {
        ENTRIES.remove();
        RequestScope.leave(null);
    }
}
