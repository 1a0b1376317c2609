package dev.holdfast.cookie;

import dev.holdfast.affinity.SharedCaches;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.request.RequestScope;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Decides on the cookies of one application: the epoch, which lets this node serve from memory, and the route, which
 * the balancer follows.
 *
 * <p>To be asked in the last moment before the headers leave, so that a {@code reset()} of the application or an error
 * page does not lose them. Safe for use by many threads.
 */
public final class SessionCookies {
    private static final String EPOCH_COOKIE = "HFEPOCH";
    private static final String SET_COOKIE = "Set-Cookie";

    private final String app;
    private final String contextPath;
    private final Supplier<String> sessionCookiePath;
    private final RoutePolicy routing;
    private final Function<String, @Nullable String> successors;
    private volatile @Nullable String epochCookie;

    /**
     * The cookies of one application.
     *
     * @param contextPath as cookies have it: encoded, empty for the root
     * @param sessionCookiePath asked at the first request and later, since an application may still choose it when it
     *     starts
     * @param routing how the balancer is told of this node
     * @param successors gives the route of the node that the session of an id is to go on at, because this one is about
     *     to leave; null for this node
     */
    public SessionCookies(
            String app,
            String contextPath,
            Supplier<String> sessionCookiePath,
            RoutePolicy routing,
            Function<String, @Nullable String> successors) {
        this.app = app;
        this.contextPath = contextPath;
        this.sessionCookiePath = sessionCookiePath;
        this.routing = routing;
        this.successors = successors;
    }

    /**
     * How browsers know a session, in its cookie and in rewritten URLs: by its id, with {@code affinity=suffix}
     * followed by a dot and the route of this node. {@link SessionId#parsePresented} reads both.
     */
    public String presentable(String sessionId) {
        return routing.presentable(sessionId);
    }

    /**
     * The name of the epoch cookie. Two applications whose session cookies reach each other must not overwrite each
     * other's epoch: the name tells them apart.
     */
    public String epochCookie() {
        String name = epochCookie;
        if (name == null) {
            String path = sessionCookiePath.get();
            boolean alone = !contextPath.isEmpty() && (path.equals(contextPath) || path.equals(contextPath + "/"));
            name = alone ? EPOCH_COOKIE : EPOCH_COOKIE + "-" + digits(app);
            epochCookie = name;
        }
        return name;
    }

    private static String digits(String app) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(app.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 2);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /**
     * The epoch that a request carries; of several cookies only the first counts.
     *
     * @param first gives the value of the first cookie of a name, null if there is none
     */
    public @Nullable Epoch presentedEpoch(UnaryOperator<@Nullable String> first) {
        return Epoch.parse(first.apply(epochCookie()));
    }

    /** Adds what the answer to a request must carry, after everything is saved. */
    public void add(CookieExchange exchange, RequestScope scope) {
        Epoch epoch = scope.sendEpoch();
        if (!scope.usedSession() || !exchange.tracksByCookie()) {
            return;
        }
        int before = exchange.headers(SET_COOKIE).size();
        if (scope.hasSession()) {
            addAlive(exchange, epoch, scope);
        } else if (scope.endedSession()) {
            addEnded(exchange);
        }
        if (exchange.headers(SET_COOKIE).size() > before || exchange.setsSessionCookie()) {
            keepCookiesFromCaches(exchange);
        }
    }

    /**
     * Neither mark nor route gives access to anything; but whoever gets those of another browser would be sent about
     * for nothing.
     */
    private static void keepCookiesFromCaches(CookieExchange exchange) {
        if (exchange.mayBeShared() && !SharedCaches.areWithoutCookies(exchange.headers(SharedCaches.CACHE_CONTROL))) {
            exchange.addHeader(SharedCaches.CACHE_CONTROL, SharedCaches.WITHOUT_COOKIES);
        }
    }

    private void addAlive(CookieExchange exchange, @Nullable Epoch epoch, RequestScope scope) {
        String id = exchange.sessionId();
        if (id == null) {
            return;
        }
        if (epoch != null) {
            exchange.set(epochCookie(), epoch.text());
        }
        String successor = successors.apply(id);
        routing.alive(exchange, id, successor != null && scope.mayMove() ? successor : null);
    }

    private void addEnded(CookieExchange exchange) {
        routing.ended(exchange);
        List<String> epochs = exchange.presented(epochCookie());
        if (!epochs.isEmpty() && Epoch.parse(epochs.get(0)) != null) {
            exchange.expire(epochCookie());
        }
    }
}
