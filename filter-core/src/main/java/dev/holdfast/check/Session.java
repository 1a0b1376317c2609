package dev.holdfast.check;

import dev.holdfast.session.SessionId;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A browser, and the session that was made for it. Confined to one thread. */
final class Session {
    final Marks marks;
    final SessionId id;
    final CookieJar jar;
    /** Whose answer set the session cookie. */
    private final URI home;
    /** The name of the node that has it; empty if nodes do not say theirs. */
    String node;

    private Session(Marks marks, SessionId id, CookieJar jar, URI home) {
        this.marks = marks;
        this.id = id;
        this.jar = jar;
        this.home = home;
        String named = marks.node(cookies());
        this.node = named == null ? "" : named;
    }

    /** The one that a visit has made, with the jar after it; null if Holdfast has made none. */
    static @Nullable Session of(Visit visit, CookieJar jar) {
        List<SetCookie> given = new ArrayList<>();
        visit.exchanges().forEach(exchange -> given.addAll(exchange.given()));
        Marks marks = Marks.of(given);
        if (marks == null) {
            return null;
        }
        Session session = null;
        for (Exchange exchange : visit.exchanges()) {
            SessionId id = marks.id(exchange.given());
            if (id != null) {
                session = new Session(marks, id, jar, exchange.address());
            }
        }
        return session;
    }

    /** What the browser sends where the session was made. */
    List<SetCookie> cookies() {
        return jar.sentTo(home);
    }

    boolean isSame() {
        return id.equals(marks.id(cookies()));
    }

    /** Whether the browser sends all that it was given. */
    boolean comesBack() {
        List<SetCookie> cookies = cookies();
        return isSame() && marks.epoch(cookies) != null && (marks.route().isEmpty() || marks.node(cookies) != null);
    }

    /** From now on the browser names that node, as if it had been told so. */
    void name(String other) {
        marks.name(other, jar, cookies());
    }
}
