package dev.holdfast.session.copy;

import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoredValue;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a copy knows of each of its stored values, and which values of the live object are not known to be saved.
 *
 * <p>What is stored changes under the copy's lock only; a merge also holds the copy's monitor, so that nobody reads one
 * half of it. Reads and notes of writes are safe for use by many threads.
 */
public final class FieldStates {
    private final Map<String, KnownField> known = new ConcurrentHashMap<>();

    /** Fields written through the session's own methods and not known to be saved, with the tick of the last write. */
    private final Map<String, Long> unsaved = new ConcurrentHashMap<>();

    /** Fields written while no request was open. */
    private final Set<String> unowned = ConcurrentHashMap.newKeySet();

    /** Fields that hold what was refused: nobody may be shown it before it is stored, or replaced by what is. */
    private final Set<String> refused = ConcurrentHashMap.newKeySet();

    /** Fields whose live value is being replaced, with the number of those who do. */
    private final Map<String, Integer> writing = new ConcurrentHashMap<>();

    private final AtomicLong ticks = new AtomicLong();

    /** Null if the store has no such value. */
    @Nullable
    KnownField known(String field) {
        return known.get(field);
    }

    public Map<String, KnownField> all() {
        return known;
    }

    Map<String, Long> unsaved() {
        return unsaved;
    }

    public Set<String> unowned() {
        return Set.copyOf(unowned);
    }

    public boolean hasUnowned() {
        return !unowned.isEmpty();
    }

    /**
     * Whether a request has to look at fields that it has not used itself.
     *
     * @param namesRead whether it has read the list of the names
     */
    public boolean hasOthersWork(boolean namesRead) {
        return hasUnowned() || (namesRead && !refused.isEmpty());
    }

    /** To be called before the first note of a write: from here to {@link #endWrite} the field stays unsaved. */
    void beginWrite(String field) {
        writing.merge(field, 1, Integer::sum);
    }

    /** To be called after the last note of a write. */
    void endWrite(String field) {
        writing.compute(field, (f, count) -> count == null || count == 1 ? null : count - 1);
    }

    boolean isBeingWritten(String field) {
        return writing.containsKey(field);
    }

    void written(String field) {
        unsaved.put(field, nextTick());
    }

    /** Ticks number what happens to the values, in its order. */
    public long nextTick() {
        return ticks.incrementAndGet();
    }

    /** The last tick so far. */
    public long tick() {
        return ticks.get();
    }

    /** Nobody answers for the write: the next request saves it, or the next round. */
    void unattributed(String field) {
        unowned.add(field);
    }

    /**
     * A request is over that answered for some writes.
     *
     * @param left whether nobody answers for the write of an unsaved field any more
     * @return whether there is any
     */
    boolean disown(Predicate<String> left) {
        boolean any = false;
        for (String field : unsaved.keySet()) {
            any |= left.test(field) && unowned.add(field);
        }
        return any;
    }

    /** A copy that took another one's place has in these fields what a request of that one was refused. */
    public void holdsRefused(Set<String> fields) {
        refused.addAll(fields);
    }

    /** To be written by whoever uses them, whatever the store has: a refusal of that is the refusal of the use. */
    public Set<String> refused() {
        return refused;
    }

    public boolean hasRefused(Collection<String> fields) {
        return !refused.isEmpty() && !Collections.disjoint(refused, fields);
    }

    /**
     * Whether the store has what a live object of this copy was: the one just published, if nobody has set another
     * since.
     */
    boolean isLive(String field) {
        KnownField value = known.get(field);
        return value != null && value.undecoded() == null && !unsaved.containsKey(field);
    }

    boolean isUndecoded(String field) {
        KnownField value = known.get(field);
        return value != null && value.undecoded() != null && !value.unreadable() && !unsaved.containsKey(field);
    }

    /** Fields of stored values that have no live object yet but can have one. */
    Set<String> undecoded() {
        Set<String> fields = new HashSet<>();
        known.keySet().forEach(field -> {
            if (isUndecoded(field)) {
                fields.add(field);
            }
        });
        return fields;
    }

    boolean replace(String field, KnownField expected, KnownField by) {
        return known.replace(field, expected, by);
    }

    /** Takes the whole stored state; nothing of the live object is kept. */
    void install(SessionSnapshot snapshot) {
        unsaved.clear();
        unowned.clear();
        refused.clear();
        known.clear();
        snapshot.values().forEach((field, value) -> known.put(field, KnownField.stored(value)));
    }

    /** Fields that the store has of another commit than this copy knows, has new, or has no more (rule 5). */
    Set<String> changed(SessionSnapshot snapshot, Rules rules) {
        Set<String> all = new HashSet<>(known.keySet());
        all.addAll(snapshot.values().keySet());
        all.removeIf(field -> {
            KnownField here = known.get(field);
            StoredValue stored = snapshot.values().get(field);
            return !rules.isChanged(here == null ? null : here.writtenBy(), stored == null ? null : stored.writtenBy());
        });
        return all;
    }

    /**
     * Takes over changed fields.
     *
     * @param kept fields whose live value stays, to be written over the stored one: only their base moves
     */
    void merge(SessionSnapshot snapshot, Set<String> changed, Set<String> kept) {
        refused.removeAll(changed);
        for (String field : changed) {
            StoredValue stored = snapshot.values().get(field);
            if (stored == null) {
                known.remove(field);
            } else {
                known.put(
                        field,
                        kept.contains(field)
                                ? KnownField.live(stored.writtenBy(), Fingerprint.of(stored.bytes()))
                                : KnownField.stored(stored));
            }
        }
    }

    /** Takes over what a commit wrote. */
    void saved(StateVersion newBase, ChangeSet changes) {
        changes.fingerprints()
                .forEach((field, fingerprint) -> known.compute(
                        field,
                        (f, old) -> old != null
                                        && old.undecoded() != null
                                        && old.fingerprint().equals(fingerprint)
                                ? old.writtenAgain(newBase)
                                : KnownField.live(newBase, fingerprint)));
        changes.removes().forEach(known::remove);
        refused.removeAll(changes.writes().keySet());
        refused.removeAll(changes.removes());
        clean(changes);
    }

    /**
     * The store has been sent the whole session. What is not as it was saved last counts as unsaved all the same:
     * another node's newer state may still take the place of this one, and only a commit says so.
     */
    void sentAgain(ChangeSet.Held held) {
        held.others().forEach(field -> storedSomehow(field, held.base()));
    }

    /** The store may have the field, with a value that is not known: it is written again, or removed. */
    void storedSomehow(String field, StateVersion writtenBy) {
        known.put(field, KnownField.live(writtenBy, Fingerprint.of(new byte[0]))); // no encoded value is empty
    }

    /**
     * What was examined and needs no writing, or no longer, is not unsaved; a write that came later has left a newer
     * tick, one that is under way leaves it before it ends.
     */
    void clean(ChangeSet changes) {
        for (String field : changes.examined()) {
            long tick = changes.tickOf(field);
            if (tick == 0 || (!isBeingWritten(field) && unsaved.remove(field, tick))) {
                disclaim(field);
            }
        }
    }

    /**
     * Nobody has to answer for a field any more that is not unsaved. A write of no request is noted as unsaved before
     * it is noted as nobody's: one that came since is seen here, before or after, and stays.
     */
    private void disclaim(String field) {
        if (hasUnowned() && !unsaved.containsKey(field) && unowned.remove(field) && unsaved.containsKey(field)) {
            unowned.add(field);
        }
    }

    /** The stored bytes that no live object was made of and nobody has replaced, readable or not. */
    Map<String, byte[]> undecodedBytes() {
        Map<String, byte[]> bytes = new HashMap<>();
        known.forEach((field, value) -> {
            if (value.undecoded() != null && !unsaved.containsKey(field)) {
                bytes.put(field, value.undecoded());
            }
        });
        return bytes;
    }
}
