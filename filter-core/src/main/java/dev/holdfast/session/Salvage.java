package dev.holdfast.session;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a session whose copy goes because a request was refused, while the store has lost the session: the copy may be all there
 * is (rule 7).
 *
 * <p><b>Implementation note.</b> Invariant: nothing that the refused request changed stays. Above all, what a login left in a session is not
 * sent under the id that was to be given up with it: somebody else may know that one. So a new copy takes the place under the stored id,
 * with those values that are still what was saved last; what was changed inside, or cannot be encoded, is lost. If anything is missing, the
 * new copy has a stamp of its own and the version before, so that it gives way to the copy of any other node that has it all. Proved by
 * {@code SettlingTest}.
 */
final class Salvage {
    private final Node node;

    Salvage(Node node) {
        this.node = node;
    }

    /** Drops a copy because of a request that was refused, without having its slot: where another call has it, that sends the session. */
    void drop(NearCopy copy) {
        if (!node.ended.isUnsettled(copy.id().shard()) || !copy.slot.tryAcquire()) {
            node.copies.drop(copy);
            return;
        }
        try {
            dropUnderSlot(copy);
        } finally {
            copy.slot.release();
        }
    }

    /** As above, with its slot. */
    void dropUnderSlot(NearCopy copy) {
        SessionSnapshot saved = node.ended.isUnsettled(copy.id().shard()) ? saved(copy) : null;
        node.copies.drop(copy);
        if (saved == null) {
            return;
        }
        NearCopy kept = new NearCopy(node.coordinator, copy.storedId());
        kept.install(saved);
        LocalSession local = node.sessions.restore(kept.id(), kept, saved, node.age(copy.lastUse()));
        Epoch epoch = copy.epoch();
        if (epoch != null) {
            boolean confirmed = copy.trust().isConfirmed() && !copy.trust().isStale();
            kept.trust().acknowledged(epoch, confirmed, -1, 0, copy.trust().acknowledgedUse());
        }
        kept.usedAt(copy.lastUse());
        kept.serve(local);
        node.copies.put(kept);
    }

    /** Null if the store never had it, or it serves nobody. */
    private @Nullable SessionSnapshot saved(NearCopy copy) {
        LocalSession local = copy.local();
        if (local == null || !copy.isServing() || copy.base().equals(Base.NONE)) {
            return null;
        }
        Map<String, StoredValue> values = new HashMap<>();
        boolean[] all = {true};
        copy.values().all().forEach((field, known) -> {
            byte[] bytes = savedBytes(local, field, known);
            if (bytes == null) {
                all[0] = false;
            } else {
                values.put(field, new StoredValue(known.writtenBy(), bytes));
            }
        });
        Base base = all[0] ? copy.base() : new Base(copy.base().version() - 1, RandomToken.next());
        return new SessionSnapshot(
                base, local.createdMillis(), copy.savedMaxInactive(), copy.internalId(), Map.copyOf(values));
    }

    private byte @Nullable [] savedBytes(LocalSession local, String field, Known known) {
        byte[] undecoded = known.undecoded();
        Object live = local.value(field);
        if (undecoded != null || live == null) {
            return undecoded;
        }
        try {
            byte[] bytes = node.codec.encode(Fields.shown(field), live);
            return known.fingerprint().equals(Fingerprint.of(bytes)) ? bytes : null;
        } catch (UnencodableAttributeException e) {
            return null; // the refusal names it, or the next request will
        }
    }
}
