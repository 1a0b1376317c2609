package dev.holdfast.session.copy;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Fields;
import dev.holdfast.session.LocalMarker;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoredValue;
import dev.holdfast.session.UnencodableAttributeException;
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
 * @param writes new bytes by field
 * @param removes fields whose live value is gone
 * @param examined fields looked at, with the tick of their last explicit write before they were encoded, 0 if there was
 *     none
 * @param fingerprints of the new bytes
 * @param locals live values that stay on this node, by field, whether or not their mark is to be written
 * @param tick of the copy's values before the first of them was looked at
 */
public record ChangeSet(
        Map<String, byte[]> writes,
        Set<String> removes,
        Map<String, Long> examined,
        Map<String, Fingerprint> fingerprints,
        Map<String, Object> locals,
        long tick) {
    public static ChangeSet none() {
        return none(0);
    }

    private static ChangeSet none(long tick) {
        return new ChangeSet(
                new HashMap<>(), new HashSet<>(), new HashMap<>(), new HashMap<>(), new HashMap<>(0), tick);
    }

    /**
     * @param known of what is stored, and of what is not known to be
     * @param fields that were used, or may have been
     * @throws UnencodableAttributeException if a value cannot be stored, or was being changed by another thread each
     *     time it was tried
     */
    public static ChangeSet of(FieldStates known, ContainerSession local, Set<String> fields, FieldEncoder encoder)
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
            Set<String> fields,
            PendingWrites.Seen owed,
            FieldEncoder encoder)
            throws UnencodableAttributeException {
        ChangeSet changes = none(owed.tick());
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
        ChangeSet changes = none(known.tick());
        changes.examined().putAll(known.unsaved());
        known.undecodedBytes().forEach(changes::write);
        for (String field : local.fields()) {
            Object live = local.value(field);
            if (live != null) {
                byte[] bytes = encoder.encodeField(field, live);
                changes.write(field, bytes);
                changes.noteLocal(field, live, bytes);
            }
        }
        changes.removes().addAll(stored);
        // What was removed here since, the store may never have had: it is to be known as absent all the same.
        changes.removes().addAll(known.all().keySet());
        changes.removes().removeAll(changes.writes().keySet());
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
            locals.put(field, live);
        }
    }

    private void write(String field, byte[] bytes) {
        writes.put(field, bytes);
        fingerprints.put(field, Fingerprint.of(bytes));
    }

    /**
     * @param unsure whether the store may have another value than is known
     * @return false if it is to be done again: the value was replaced while it was waited for
     */
    private boolean examine(
            String field, boolean unsure, FieldStates values, ContainerSession local, FieldEncoder encoder)
            throws UnencodableAttributeException {
        // The tick is read before the value: a write that comes later leaves a newer tick and is not taken for saved.
        Long tick = values.unsaved().get(field);
        examined.put(field, tick == null ? 0L : tick);
        KnownField known = values.known(field);
        Object live = local.value(field);
        if (live == null) {
            if (unsure || (tick != null && known != null)) {
                removes.add(field);
            }
            return true;
        }
        if (!unsure
                && tick == null
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
            writes.put(field, bytes);
            fingerprints.put(field, fingerprint);
        }
        return true;
    }

    /** Whether a value that stays on this node was set in place of another one: nothing is written for that. */
    public boolean setsLocals() {
        return locals.keySet().stream().anyMatch(this::setsLocal);
    }

    public boolean setsLocal(String field) {
        return examined.getOrDefault(field, 0L) != 0;
    }

    public boolean isEmpty() {
        return writes.isEmpty() && removes.isEmpty();
    }
}
