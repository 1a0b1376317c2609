package dev.holdfast.cookie;

import dev.holdfast.affinity.SharedCaches;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request and its answer, as a container shows them. */
public interface CookieExchange {
    /** The values of all cookies of that name, in the order in which they came. */
    List<String> presented(String cookie);

    /** Whether the application follows its sessions by a cookie. */
    boolean tracksByCookie();

    /** The id of the session that the request holds, without a route; null if the container knows of none. */
    @Nullable
    String sessionId();

    /** Whether the session was created by this request. */
    boolean isNew();

    /** Whether the request came with a session id, in a cookie. */
    boolean cameWithSessionCookie();

    /** Sets a cookie that goes wherever the session cookie goes, unless the answer sets one of that name already. */
    void set(String cookie, String value);

    /** Takes a cookie out of the browser that {@link #set} has set, unless the answer sets one of that name already. */
    void expire(String cookie);

    /** The name of the session cookie. */
    String sessionCookie();

    /**
     * Whether the answer sets the session cookie by now: the container does when it makes a session, unless a {@code
     * reset()} follows.
     */
    boolean setsSessionCookie();

    /** Sets the session cookie, in place of one that the answer sets already. */
    void setSessionCookie(String value);

    /** Sets the session cookie for another path than its own. */
    void setSessionCookieAt(String path, String value);

    /** Takes the session cookie out of the browser, in place of one that the answer sets already. */
    void expireSessionCookie();

    /** The values of a header of the answer, in their order. */
    List<String> headers(String name);

    /** Adds a header to the answer. */
    void addHeader(String name, String value);

    /**
     * Whether a shared cache may keep the answer, and give it to other browsers: the session cookie must not be sent
     * again with it.
     */
    default boolean mayBeShared() {
        return SharedCaches.mayKeep(headers(SharedCaches.CACHE_CONTROL), headers(SharedCaches.EXPIRES));
    }
}
