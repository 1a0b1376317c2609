package dev.holdfast.session.testing;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Fields;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.copy.NearCopy;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A container's session object, as small as it can be. Values are texts, or {@link StringBuilder}s that are changed in
 * place.
 */
public final class TestSession implements ContainerSession {
    public static final long CREATED = 1_690_000_000_123L;
    public static final int MAX_INACTIVE = 1800;

    private final Map<String, Object> values = new ConcurrentHashMap<>();
    private volatile long sinceUse = -1;
    private volatile Runnable onForgotten = () -> {};
    private final List<String> events = new CopyOnWriteArrayList<>();
    private volatile int maxInactive = MAX_INACTIVE;
    private volatile Runnable onExpired = () -> {};
    private @Nullable NearCopy copy;

    public void attach(SessionAccess access) {
        copy = NearCopy.of(access);
    }

    public NearCopy copy() {
        if (copy == null) {
            throw new IllegalStateException("Not attached");
        }
        return copy;
    }

    public @Nullable Object get(String name) {
        copy().access().noteRead(Fields.attribute(name));
        decode(name);
        return values.get(Fields.attribute(name));
    }

    public void set(String name, Object value) {
        decode(name);
        copy().access().write(Fields.attribute(name), () -> values.put(Fields.attribute(name), value));
    }

    /** Removes a value, decoded or not. */
    public void remove(String name) {
        copy().access().write(Fields.attribute(name), () -> values.remove(Fields.attribute(name)));
    }

    private void decode(String name) {
        decode(name, () -> {});
    }

    /**
     * Decodes, and runs something between the moment at which the value can be seen and the one at which it is known to
     * be decoded.
     */
    public void decode(String name, Runnable published) {
        if (!values.containsKey(Fields.attribute(name))) {
            copy().access()
                    .decode(
                            Fields.attribute(name),
                            value -> {
                                boolean first = put(name, value);
                                published.run();
                                return first;
                            },
                            value -> take(name, value));
        }
    }

    public boolean put(String name, Object value) {
        return values.putIfAbsent(Fields.attribute(name), value) == null;
    }

    /** The middle of {@link #set}: what the container does between its two notes. */
    public void replace(String name, Object value) {
        values.put(Fields.attribute(name), value);
    }

    public void take(String name, Object value) {
        values.remove(Fields.attribute(name), value);
    }

    /** What the last load said about the use of values that this object has already; -1 if none did. */
    public long sinceUseMillis() {
        return sinceUse;
    }

    public void setMaxInactive(int seconds) {
        maxInactive = seconds;
    }

    /** Runs after the listeners were told that the session expired, as the last of them. */
    public void onExpired(Runnable action) {
        onExpired = action;
    }

    /** What the protocol told: forgotten, expired with the values that listeners could read. */
    public List<String> events() {
        return List.copyOf(events);
    }

    @Override
    public @Nullable Object value(String field) {
        return values.get(field);
    }

    @Override
    public Set<String> fields() {
        return new HashSet<>(values.keySet());
    }

    @Override
    public int maxInactiveSeconds() {
        return maxInactive;
    }

    @Override
    public long createdMillis() {
        return CREATED;
    }

    @Override
    public void refresh(SessionSnapshot snapshot, long sinceUseMillis) {
        values.clear();
        maxInactive = snapshot.maxInactiveSeconds();
    }

    @Override
    public void usedElsewhere(long sinceUseMillis) {
        sinceUse = sinceUseMillis;
    }

    @Override
    public void merge(Set<String> fields, int maxInactiveSeconds) {
        values.keySet().removeAll(fields);
        maxInactive = maxInactiveSeconds;
    }

    @Override
    public void forgotten() {
        events.add("forgotten");
        onForgotten.run();
    }

    /** Runs while this object's place is given to another one. */
    public void onForgotten(Runnable action) {
        onForgotten = action;
    }

    @Override
    public void endedElsewhere() {
        events.add("ended elsewhere");
    }

    @Override
    public void expired() {
        events.add("expired x=" + get("x"));
        onExpired.run();
    }
}
