package dev.holdfast.affinity;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The route cookie of one response: what it should be, and whether it stands there.
 *
 * <p>One for each request through all its dispatches. Safe for use by many threads, because an asynchronous request may
 * touch its session on any. Between {@link #close} and the next {@link #open} all calls do nothing: the application may
 * have kept the session object, and the container uses request and response again.
 */
final class ResponseCookie {
    private static final String SET_COOKIE = "Set-Cookie";

    private enum Wanted {
        NOTHING,
        SET,
        EXPIRED
    }

    /** Request and response of the present dispatch. */
    private record Exchange(HttpServletRequest request, HttpServletResponse response, ServletContext context) {}

    private final AffinityCookies cookies;
    private final AlternationGuard guard;
    private final ForwardedProtoWarning forwardedProto;

    @GuardedBy("this")
    private @Nullable Exchange exchange;

    @GuardedBy("this")
    private Wanted wanted = Wanted.NOTHING;
    /** True once the request's own cookie was found to name this node, or to be better left alone. */
    @GuardedBy("this")
    private boolean sentCookieIsGood;

    ResponseCookie(AffinityCookies cookies, AlternationGuard guard, ForwardedProtoWarning forwardedProto) {
        this.cookies = cookies;
        this.guard = guard;
        this.forwardedProto = forwardedProto;
    }

    synchronized boolean isOpen() {
        return exchange != null;
    }

    synchronized void open(HttpServletRequest request, HttpServletResponse response, ServletContext context) {
        exchange = new Exchange(request, response, context);
    }

    synchronized void close() {
        exchange = null;
    }

    /** The application has got a session, an old or a new one, or changed its id. */
    synchronized void sessionUsed(String sessionId) {
        Exchange open = exchange;
        if (open == null || wanted == Wanted.SET || open.response().isCommitted()) {
            return;
        }
        if (wanted == Wanted.NOTHING && isSentCookieGood(open.request(), sessionId)) {
            return;
        }
        forwardedProto.check(open.request());
        wanted = Wanted.SET;
        write(open);
    }

    @GuardedBy("this")
    private boolean isSentCookieGood(HttpServletRequest request, String sessionId) {
        if (!sentCookieIsGood) {
            Cookie[] sent = request.getCookies();
            sentCookieIsGood = cookies.namesMe(sent) || (cookies.present(sent) && !guard.mayMove(sessionId));
        }
        return sentCookieIsGood;
    }

    /** The application has ended its session. */
    synchronized void sessionEnded() {
        Exchange open = exchange;
        if (open == null
                || (wanted == Wanted.NOTHING && !cookies.present(open.request().getCookies()))) {
            return;
        }
        wanted = Wanted.EXPIRED;
        if (!open.response().isCommitted()) {
            write(open);
        }
    }

    /**
     * Writes the cookie again if {@code response.reset()} took it away, and looks again whether the answer may be kept
     * by caches.
     */
    synchronized void repairAfterReset() {
        Exchange open = exchange;
        if (open == null || wanted == Wanted.NOTHING || open.response().isCommitted()) {
            return;
        }
        if (open.response().getHeaders(SET_COOKIE).stream().noneMatch(cookies::isRouteCookie)) {
            write(open);
        } else {
            keepFromCaches(open.response());
        }
    }

    @GuardedBy("this")
    private void write(Exchange open) {
        Cookie like = AffinityCookies.likeSessionCookie(
                open.context().getSessionCookieConfig(),
                open.context().getContextPath(),
                open.request().isSecure());
        open.response().addCookie(wanted == Wanted.SET ? cookies.set(like) : cookies.expire(like));
        keepLastOnly(open.response());
        keepFromCaches(open.response());
    }

    /** Whoever got the route of another browser from a cache would be sent to another node for nothing. */
    private static void keepFromCaches(HttpServletResponse response) {
        List<String> cacheControl = headers(response, SharedCaches.CACHE_CONTROL);
        if (SharedCaches.mayKeep(cacheControl, headers(response, SharedCaches.EXPIRES))
                && !SharedCaches.areWithoutCookies(cacheControl)) {
            response.addHeader(SharedCaches.CACHE_CONTROL, SharedCaches.WITHOUT_COOKIES);
        }
    }

    private static List<String> headers(HttpServletResponse response, String name) {
        Collection<String> values = response.getHeaders(name);
        return List.copyOf(values);
    }

    /**
     * A session that ends and begins in one request must not send two cookies of one name: not every browser takes the
     * last.
     */
    private void keepLastOnly(HttpServletResponse response) {
        List<String> kept = new ArrayList<>();
        String last = null;
        int count = 0;
        for (String header : response.getHeaders(SET_COOKIE)) {
            if (cookies.isRouteCookie(header)) {
                last = header;
                count++;
            } else {
                kept.add(header);
            }
        }
        if (last == null || count < 2) {
            return;
        }
        kept.add(last);
        response.setHeader(SET_COOKIE, kept.get(0));
        for (String header : kept.subList(1, kept.size())) {
            response.addHeader(SET_COOKIE, header);
        }
    }
}
