package dev.holdfast.jetty;

import java.util.function.Predicate;
import org.eclipse.jetty.session.SessionData;

/** The live values of one session, as Jetty keeps them, with what the protocol needs to change them behind its back. */
final class LiveAttributes extends SessionData {
    private static final long serialVersionUID = 1L;

    LiveAttributes(String id, long createdMillis, long accessedMillis, long maxInactiveMillis) {
        super(id, "", "", createdMillis, accessedMillis, accessedMillis, maxInactiveMillis);
    }

    boolean putIfAbsent(String name, Object value) {
        return _attributes.putIfAbsent(name, value) == null;
    }

    void remove(String name) {
        _attributes.remove(name);
    }

    void remove(String name, Object value) {
        _attributes.remove(name, value);
    }

    void removeIf(Predicate<String> names) {
        _attributes.keySet().removeIf(names);
    }
}
