package dev.holdfast.cookie;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request and its answer, as a test wants it, with a list of what was done to the answer. */
final class FakeExchange implements CookieExchange {
    final List<String> done = new ArrayList<>();
    boolean isNew;
    boolean setsSessionCookie;
    List<String> cacheControl = List.of();
    private final String id;
    private List<String> presented = List.of();
    private List<String> routes = List.of();

    FakeExchange(String id) {
        this.id = id;
    }

    /** Session cookies. */
    void presents(String... values) {
        presented = List.of(values);
    }

    /** Cookies of other names. */
    void presentsRoutes(String... values) {
        routes = List.of(values);
    }

    @Override
    public List<String> presented(String cookie) {
        return cookie.equals(sessionCookie()) ? presented : routes;
    }

    @Override
    public boolean tracksByCookie() {
        return true;
    }

    @Override
    public @Nullable String sessionId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return isNew;
    }

    @Override
    public boolean cameWithSessionCookie() {
        return !presented.isEmpty();
    }

    @Override
    public void set(String cookie, String value) {
        done.add("set " + cookie + "=" + value);
    }

    @Override
    public void expire(String cookie) {
        done.add("expire " + cookie);
    }

    @Override
    public String sessionCookie() {
        return "JSESSIONID";
    }

    @Override
    public boolean setsSessionCookie() {
        return setsSessionCookie;
    }

    @Override
    public void setSessionCookie(String value) {
        done.add("set " + value);
    }

    @Override
    public void setSessionCookieAt(String path, String value) {
        done.add("set at " + path + " " + value);
    }

    @Override
    public List<String> headers(String name) {
        return name.equals("Cache-Control") ? cacheControl : List.of();
    }

    @Override
    public void addHeader(String name, String value) {
        throw new AssertionError("another header: " + name);
    }

    @Override
    public void expireSessionCookie() {
        done.add("expire");
    }
}
