package dev.holdfast.session.copy;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Fields;
import dev.holdfast.session.LocalMarker;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoredValue;
import dev.holdfast.session.UnencodableAttributeException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a request would have to write so that everything it wrote, and every change that it saw in what it read, is in
 * the store.
 *
 * <p>A value that was only read is encoded and compared unless its type cannot change in place; a value that was set is
 * encoded and compared always. Values that were changed by a neighbour and not touched by this request are left to the
 * neighbour.
 *
 * <p><b>Implementation note.</b> Most requests have nothing to write, and each makes one of these: there is no map for
 * what there is nothing of. Is written by one thread, and handed to others when it is finished.
 */
public final class ChangeSet {
    private Map<String, byte[]> writes = Map.of();
    private Map<String, Fingerprint> fingerprints = Map.of();
    private Set<String> removes = Set.of();
    private Collection<String> examined = Set.of();
    private Map<String, Long> ticks = Map.of();
    private Map<String, Object> locals = Map.of();
    private final long tick;

    private ChangeSet(long tick) {
        this.tick = tick;
    }

    public static ChangeSet none() {
        return new ChangeSet(0);
    }

    /** New bytes by field. */
    public Map<String, byte[]> writes() {
        return writes;
    }

    /** Of the new bytes. */
    public Map<String, Fingerprint> fingerprints() {
        return fingerprints;
    }

    /** Fields whose live value is gone. */
    public Set<String> removes() {
        return removes;
    }

    /** Fields that were looked at. */
    public Collection<String> examined() {
        return examined;
    }

    /** Of the last explicit write of a field before it was encoded; 0 if there was none. */
    public long tickOf(String field) {
        return ticks.isEmpty() ? 0 : ticks.getOrDefault(field, 0L);
    }

    /** Live values that stay on this node, by field, whether or not their mark is to be written. */
    public Map<String, Object> locals() {
        return locals;
    }

    /** Of the copy's values before the first of them was looked at. */
    public long tick() {
        return tick;
    }

    /**
     * @param known of what is stored, and of what is not known to be
     * @param fields that were used, or may have been
     * @throws UnencodableAttributeException if a value cannot be stored, or was being changed by another thread each
     *     time it was tried
     */
    public static ChangeSet of(
            FieldStates known, ContainerSession local, Collection<String> fields, FieldEncoder encoder)
            throws UnencodableAttributeException {
        return of(known, local, fields, new PendingWrites.Seen(Set.of(), Set.of(), 0), encoder);
    }

    /**
     * As above.
     *
     * @param owed was seen before
     */
    public static ChangeSet of(
            FieldStates known,
            ContainerSession local,
            Collection<String> fields,
            PendingWrites.Seen owed,
            FieldEncoder encoder)
            throws UnencodableAttributeException {
        ChangeSet changes = new ChangeSet(owed.tick());
        changes.examined = fields;
        for (String field : fields) {
            boolean unsure = owed.unsure().contains(field) || known.refused().contains(field);
            boolean examined = false;
            while (!examined) {
                examined = changes.examine(field, unsure, known, local, encoder);
            }
        }
        return changes;
    }

    /**
     * The whole session as this copy holds it, to be written over a state of its own history (rule 7). Values that
     * neighbours have not saved yet go along: encoded again from the live objects there is nothing else to send.
     *
     * @param stored fields that the store has, or may have
     * @throws UnencodableAttributeException as above
     */
    public static ChangeSet whole(FieldStates known, ContainerSession local, Set<String> stored, FieldEncoder encoder)
            throws UnencodableAttributeException {
        ChangeSet changes = new ChangeSet(known.tick());
        changes.ticks = new HashMap<>(known.unsaved());
        changes.examined = changes.ticks.keySet();
        known.undecodedBytes().forEach(changes::write);
        for (String field : local.fields()) {
            Object live = local.value(field);
            if (live != null) {
                byte[] bytes = encoder.encodeField(field, live);
                changes.write(field, bytes);
                changes.noteLocal(field, live, bytes);
            }
        }
        Set<String> removes = new HashSet<>(stored);
        // What was removed here since, the store may never have had: it is to be known as absent all the same.
        removes.addAll(known.all().keySet());
        removes.removeAll(changes.writes.keySet());
        changes.removes = removes;
        return changes;
    }

    /**
     * The whole session as this copy holds it, under the version that it was last equal to.
     *
     * @param base the copy's own if all is as it was then; else of the same version with a stamp of its own
     * @param values by field, with the commit that wrote each: {@code base} where the value is another
     * @param others fields whose values are not as the copy knew them
     */
    public record Held(StateVersion base, Map<String, StoredValue> values, Set<String> others) {}

    /**
     * What is sent to a store that has lost the session. Bytes of which no object was made are taken as they are.
     *
     * @param equal the state that the copy was last equal to
     * @param stored its values
     * @throws UnencodableAttributeException as above
     */
    public static Held held(StateVersion equal, FieldStates stored, ContainerSession local, FieldEncoder encoder)
            throws UnencodableAttributeException {
        Map<String, byte[]> bytes = new HashMap<>(stored.undecodedBytes());
        for (String field : local.fields()) {
            Object live = local.value(field);
            if (live != null) {
                bytes.put(field, encoder.encodeField(field, live));
            }
        }
        Set<String> others = new HashSet<>();
        bytes.forEach((field, value) -> {
            KnownField known = stored.known(field);
            if (known == null || !known.fingerprint().equals(Fingerprint.of(value))) {
                others.add(field);
            }
        });
        boolean same =
                others.isEmpty() && bytes.keySet().containsAll(stored.all().keySet());
        StateVersion base = same ? equal : new StateVersion(equal.version(), RandomToken.next());
        Map<String, StoredValue> values = new HashMap<>();
        bytes.forEach((field, value) -> {
            KnownField known = stored.known(field);
            values.put(
                    field, new StoredValue(known == null || others.contains(field) ? base : known.writtenBy(), value));
        });
        return new Held(base, values, others);
    }

    private void noteLocal(String field, Object live, byte[] bytes) {
        if (LocalMarker.isMarker(bytes)) {
            stays(field, live);
        }
    }

    void stays(String field, Object live) {
        if (locals.isEmpty()) {
            locals = new HashMap<>(2);
        }
        locals.put(field, live);
    }

    void write(String field, byte[] bytes) {
        write(field, bytes, Fingerprint.of(bytes));
    }

    private void write(String field, byte[] bytes, Fingerprint fingerprint) {
        if (writes.isEmpty()) {
            writes = new HashMap<>(4);
            fingerprints = new HashMap<>(4);
        }
        writes.put(field, bytes);
        fingerprints.put(field, fingerprint);
    }

    void wasWritten(String field, long at) {
        if (ticks.isEmpty()) {
            ticks = new HashMap<>(4);
        }
        ticks.put(field, at);
    }

    private void remove(String field) {
        if (removes.isEmpty()) {
            removes = new HashSet<>(2);
        }
        removes.add(field);
    }

    /**
     * @param unsure whether the store may have another value than is known
     * @return false if it is to be done again: the value was replaced while it was waited for
     */
    private boolean examine(
            String field, boolean unsure, FieldStates values, ContainerSession local, FieldEncoder encoder)
            throws UnencodableAttributeException {
        // The tick is read before the value: a write that comes later leaves a newer tick and is not taken for saved.
        Long written = values.unsaved().get(field);
        if (written != null) {
            wasWritten(field, written);
        } else if (!ticks.isEmpty()) {
            ticks.remove(field); // of a look before this one
        }
        KnownField known = values.known(field);
        Object live = local.value(field);
        if (live == null) {
            if (unsure || (written != null && known != null)) {
                remove(field);
            }
            return true;
        }
        if (!unsure
                && written == null
                && known != null
                && (field.startsWith(Fields.RESERVED) || encoder.isImmutable(live))) {
            return true;
        }
        byte[] bytes = encoder.encodeUnlessReplaced(field, live, known, local);
        if (bytes == null) {
            return false;
        }
        noteLocal(field, live, bytes);
        Fingerprint fingerprint = Fingerprint.of(bytes);
        if (unsure || known == null || !known.fingerprint().equals(fingerprint)) {
            write(field, bytes, fingerprint);
        }
        return true;
    }

    /** Whether a value that stays on this node was set in place of another one: nothing is written for that. */
    public boolean setsLocals() {
        return !locals.isEmpty() && locals.keySet().stream().anyMatch(this::setsLocal);
    }

    public boolean setsLocal(String field) {
        return tickOf(field) != 0;
    }

    public boolean isEmpty() {
        return writes.isEmpty() && removes.isEmpty();
    }
}
