package dev.holdfast.session.copy;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.StateVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The copies of one application on this node, by the public id under which requests find them. Safe for use by many
 * threads.
 *
 * <p><b>Implementation note.</b> A copy stops serving before it leaves the maps, so whoever finds it here and sees it
 * serving found it in time. An id that a request of this node has changed and not committed yet leads nowhere: the
 * store still has a session under it, and a second object of the same session must not be made.
 */
public final class NearCopies {
    private final Map<String, NearCopy> serving = new ConcurrentHashMap<>();
    private final Map<String, NearCopy> movedAway = new ConcurrentHashMap<>();
    private final CopyEvents events;

    NearCopies(CopyEvents events) {
        this.events = events;
    }

    @Nullable
    public NearCopy get(SessionId id) {
        return serving.get(id.value());
    }

    public NearCopy getOrMake(SessionId id, Function<SessionId, NearCopy> maker) {
        return serving.computeIfAbsent(id.value(), v -> maker.apply(id));
    }

    public void put(NearCopy copy) {
        serving.put(copy.id().value(), copy);
    }

    public void remove(SessionId id, NearCopy copy) {
        serving.remove(id.value(), copy);
    }

    /** Whether the session of this id goes by another id on this node, which the store has not been told yet. */
    public boolean hasMovedAway(SessionId id) {
        NearCopy copy = movedAway.get(id.value());
        if (copy == null) {
            return false;
        }
        if (!copy.isServing()) {
            movedAway.remove(id.value(), copy);
            return false;
        }
        return true;
    }

    /** Under the copy's lock. */
    public void changeId(NearCopy copy, SessionId newId) {
        SessionId old = copy.id();
        if (copy.isServing()) {
            if (!copy.stored().base().equals(StateVersion.NONE)
                    && old.equals(copy.stored().id())) {
                movedAway.put(old.value(), copy);
            }
            serving.remove(old.value(), copy);
        }
        copy.changeId(newId);
        if (copy.isServing()) {
            put(copy);
            if (!copy.isServing()) {
                forget(copy); // dropped in between
            }
        }
    }

    /** The store has been told the new id. */
    public void idSaved(SessionId old, NearCopy copy) {
        movedAway.remove(old.value(), copy);
    }

    /** The copy serves nobody any more; requests that are inside go on with an orphan. */
    public void drop(NearCopy copy) {
        boolean first = copy.admission().drop();
        forget(copy);
        if (first) {
            events.dropped(copy);
        }
        ContainerSession local = copy.local();
        if (first && local != null) {
            local.forgotten();
        }
    }

    /**
     * As {@link #drop}, and another copy takes the place, so that no request makes a third one in between.
     *
     * @return false if there is another one already, which a request has made since this was dropped
     */
    public boolean drop(NearCopy copy, NearCopy successor) {
        String id = successor.id().value();
        boolean placed = serving.replace(id, copy, successor) || serving.putIfAbsent(id, successor) == null;
        drop(copy);
        return placed;
    }

    /**
     * The session has ended, and not through this copy: its object is good for nobody, also not for the requests that
     * are inside.
     */
    public void endedElsewhere(NearCopy copy) {
        boolean first = copy.admission().endElsewhere();
        forget(copy);
        if (first) {
            events.dropped(copy);
        }
        ContainerSession local = copy.local();
        if (first && local != null) {
            local.endedElsewhere();
        }
    }

    /** Takes a copy that does not serve out of the maps. */
    public void forget(NearCopy copy) {
        serving.remove(copy.id().value(), copy);
        movedAway.remove(copy.stored().id().value(), copy);
    }

    /** How many there are. */
    public int size() {
        return serving.size();
    }

    /** How many bytes the attributes of all of them take in the store, as far as they are known to be there. */
    public long storedBytes() {
        long bytes = 0;
        for (NearCopy copy : serving.values()) {
            for (KnownField field : copy.values().all().values()) {
                bytes += field.fingerprint().length();
            }
        }
        return bytes;
    }

    public List<NearCopy> all() {
        return new ArrayList<>(serving.values());
    }

    public void clear() {
        serving.clear();
        movedAway.clear();
    }
}
