package dev.holdfast.session.copy;

import dev.holdfast.session.LocalMarker;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.Shown;
import dev.holdfast.session.StoredValue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Values of attributes that stay on this node, of one application: the store has a {@link LocalMarker} in their place.
 * Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> Invariant: what is held for a field of a session is the value that the last commit of
 * it, or the last look that found nothing to write, has seen in the live object; and nothing is held where the store is
 * known to have something else than this node's marker. So a copy that was dropped leaves the next one on this node
 * what it would have read from the store, and nothing that a refused request has set; what that has changed inside of
 * a value stays changed, as the value is the same. A dropped copy puts nothing here any more: whoever sets such a value
 * in it is refused ({@link ChangeSet#setsLocals}). Looks may be told of in another order than they were made in, by
 * requests without the copy's lock; the tick of the write that each has seen puts them in order. Ticks are a copy's
 * own: where another one takes the session over, they begin anew. Sessions go by their internal id, which no change of
 * the public one touches, and a marker gives nobody a value of another session or field. Nothing in here waits: it is
 * called with a copy's monitor held.
 */
public final class LocalValues {
    /** Of a session without a timeout that no copy holds any more. */
    private static final long UNLIMITED = TimeUnit.DAYS.toNanos(1);

    /** Listeners of a session that has ended may still be told, and read its attributes. */
    private static final long ENDED = TimeUnit.MINUTES.toNanos(1);

    /** Names of attributes may be made of anything. */
    private static final int MOST_KINDS = 1000;

    private final byte[] marker;
    private final Fingerprint ofMarker;
    private final Set<String> kinds = ConcurrentHashMap.newKeySet();
    private final Map<String, Held> sessions = new ConcurrentHashMap<>();

    /** @param incarnation of this node, as epochs call it */
    LocalValues(String incarnation) {
        this.marker = LocalMarker.of(incarnation);
        this.ofMarker = Fingerprint.of(marker);
    }

    /**
     * A value that stays here.
     *
     * @param tick of the write that put it into the live object of the holder; 0 if that was saved before, or in
     *     another copy
     */
    private record Local(Object value, long tick) {}

    /** What one session has; used within {@code sessions.compute} only. */
    private static final class Held {
        final Map<String, Local> values = new HashMap<>(4);
        /** Of the copy that serves the session, or did so last: of what is held here, it alone has ticks. */
        CopyAdmission holder;

        StoredState stored;
        /** Ticker time since which no copy has served the session; 0 if one does. */
        long left;

        Held(CopyAdmission holder, StoredState stored) {
            this.holder = holder;
            this.stored = stored;
        }

        void belongsTo(CopyAdmission copy, StoredState itsState) {
            if (holder != copy) {
                values.replaceAll((field, local) -> new Local(local.value(), 0));
                holder = copy;
                stored = itsState;
            }
            left = 0;
        }
    }

    /** What the store gets in place of a value. Not to be changed. */
    byte[] marker() {
        return marker;
    }

    /** Whether the store has the marker of this node in place of the value. */
    boolean isMarked(KnownField known) {
        return known.fingerprint().equals(ofMarker);
    }

    /** Whether this attribute with such a class was never seen here before, so that it is worth a line. */
    boolean isNew(String attribute, String culprit) {
        String kind = '"' + Shown.text(attribute) + "\" of " + culprit;
        return !kinds.contains(kind) && kinds.size() < MOST_KINDS && kinds.add(kind);
    }

    /** What could not be stored since the application started: {@code "attribute" of class}, in their order. */
    public List<String> kinds() {
        return kinds.stream().sorted().toList();
    }

    /** What was examined in a copy is in the store now, or was found to be there already. */
    void stored(CopyAdmission copy, StoredState stored, ChangeSet changes) {
        if (changes.locals().isEmpty() || !copy.isServing()) {
            if (!sessions.isEmpty()) {
                sessions.computeIfPresent(stored.internalId(), (id, held) -> {
                    forget(held, changes);
                    return held.values.isEmpty() ? null : held;
                });
            }
            return;
        }
        sessions.compute(stored.internalId(), (id, before) -> {
            Held held = before != null ? before : new Held(copy, stored);
            forget(held, changes);
            take(held, copy, stored, changes);
            return held;
        });
    }

    /** What was examined in a copy is owed to the store. What it is to replace there is still there, and stays here. */
    void owed(CopyAdmission copy, StoredState stored, ChangeSet changes) {
        if (!changes.locals().isEmpty() && copy.isServing()) {
            sessions.compute(stored.internalId(), (id, before) -> {
                Held held = before != null ? before : new Held(copy, stored);
                take(held, copy, stored, changes);
                return held;
            });
        }
    }

    private static void forget(Held held, ChangeSet changes) {
        changes.removes().forEach(held.values::remove);
        changes.writes().forEach((field, bytes) -> {
            if (!LocalMarker.isMarker(bytes)) {
                held.values.remove(field);
            }
        });
    }

    private static void take(Held held, CopyAdmission copy, StoredState stored, ChangeSet changes) {
        held.belongsTo(copy, stored);
        changes.locals().forEach((field, live) -> {
            long tick = changes.tickOf(field);
            Local before = held.values.get(field);
            if (before == null || tick >= before.tick()) {
                held.values.put(field, new Local(live, tick));
            }
        });
    }

    /** A copy has taken over a state of the store: values whose marker is not there any more are gone. */
    void loaded(CopyAdmission copy, StoredState stored, SessionSnapshot snapshot) {
        if (!sessions.isEmpty()) {
            sessions.computeIfPresent(snapshot.internalId(), (id, held) -> {
                held.values.keySet().removeIf(field -> !isMine(snapshot.values().get(field)));
                held.belongsTo(copy, stored);
                return held.values.isEmpty() ? null : held;
            });
        }
    }

    /** A copy has taken another one's place, with a state that is not the store's. */
    void inherited(CopyAdmission copy, StoredState stored, String internalId) {
        if (!sessions.isEmpty()) {
            sessions.computeIfPresent(internalId, (id, held) -> {
                held.belongsTo(copy, stored);
                return held;
            });
        }
    }

    private boolean isMine(@Nullable StoredValue stored) {
        return stored != null && Arrays.equals(stored.bytes(), marker);
    }

    /**
     * The value that a stored marker stands for.
     *
     * @return null if it is not on this node
     */
    @Nullable
    Object value(String internalId, String field, byte[] stored) {
        if (!Arrays.equals(stored, marker)) {
            return null;
        }
        @Nullable Object[] value = new @Nullable Object[1];
        sessions.computeIfPresent(internalId, (id, held) -> {
            Local local = held.values.get(field);
            value[0] = local == null ? null : local.value();
            return held;
        });
        return value[0];
    }

    /** Whether a session has any. */
    boolean has(String internalId) {
        return !sessions.isEmpty() && sessions.containsKey(internalId);
    }

    /**
     * Lets go of what belongs to sessions that have ended, or that no copy has served for as long as they may be idle.
     * To be called once a second.
     */
    public void forgetOld(long now) {
        for (String session : sessions.keySet()) {
            sessions.computeIfPresent(session, (id, held) -> {
                if (held.holder.isServing()) {
                    held.left = 0;
                    return held;
                }
                if (held.left == 0) {
                    held.left = now == 0 ? 1 : now;
                }
                return now - held.left > life(held) ? null : held;
            });
        }
    }

    private static long life(Held held) {
        if (held.holder.isOver()) {
            return ENDED;
        }
        int seconds = held.stored.maxInactiveSeconds();
        return seconds <= 0 ? UNLIMITED : TimeUnit.SECONDS.toNanos(seconds);
    }

    /** The application stops. */
    public void clear() {
        sessions.clear();
    }
}
