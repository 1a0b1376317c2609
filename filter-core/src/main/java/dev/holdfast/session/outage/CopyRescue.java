package dev.holdfast.session.outage;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Fields;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoredValue;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.Fingerprint;
import dev.holdfast.session.copy.KnownField;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a session whose copy goes because a request was refused, where the copy may be all there is: the
 * store has lost the session (rule 7), or may come back without what it acknowledged last.
 *
 * <p><b>Implementation note.</b> A new copy takes the place under the stored id. Invariant: what a login left in a
 * session is never sent under the id that was to be given up with it: somebody else may know that one. Such a copy, and
 * any that is refused because its shard is not settled, has those values that are still what was saved last; what was
 * changed inside, or cannot be encoded, is lost, and the log names it. If anything is missing, the new copy has a stamp
 * of its own and the version before, so that it gives way to the copy of any other node that has it all; and where the
 * store is settled, there is none. Where nobody knows whether the id was changed, the copy is loaded before anybody is
 * served from it: what is acknowledged under an id that is given up would be lost.
 *
 * <p>Who refuses a request may not have the lock. Invariant: such a copy is dropped at once, and salvaged by who has
 * the lock, before it is given back: that call may be the first to learn that the store says nothing, or that it went
 * back. What another call had under way nobody answers for, so what is salvaged then is loaded before anybody is served
 * from it.
 *
 * <p>Where a settled store has not taken a change, for whatever reason, what was saved last is nowhere but inside the
 * values that the refused request has changed. So the new copy has those, under a stamp of its own, and is in nobody's
 * way: no epoch is confirmed for it, so a load is tried before anybody is served from it. Where the store refuses that,
 * too, what was saved is read here, and what was refused is not: who uses that has to write it, and is refused. And the
 * state that it stands on is not in its history, so the store that still has that one, or a newer one, replaces it
 * whole. Only a store with an older state of its history is sent it: then what was refused is applied, which 503
 * allows, for what was acknowledged is not to be had without. Proved by {@code RefusedLoginTest}, {@code
 * CopyRescueTest} and, in all orders, by {@code ModelTest}.
 */
public final class CopyRescue {
    private final ProtocolContext context;

    public CopyRescue(ProtocolContext context) {
        this.context = context;
    }

    /**
     * Drops a copy because of a request that was refused, without having its lock. Where another call has it, that one
     * decides: it learns whether the store is there.
     *
     * @param failure what it was refused for; null if the store is not to blame
     */
    void drop(NearCopy copy, @Nullable StoreUnavailableException failure) {
        if (copy.lock.tryAcquire()) {
            try {
                dropUnderLock(copy, failure);
            } finally {
                copy.lock.release();
            }
            return;
        }
        copy.admission().leaveToLock(failure);
        context.copies().drop(copy);
        takeWhatIsLeft(copy); // the lock may have been given back before its call could know
    }

    /** Gives the lock of a copy back. Not for who ends the session: what was left to that call is to go. */
    public void release(NearCopy copy) {
        try {
            dropIfLeft(copy);
        } finally {
            copy.lock.release();
        }
        takeWhatIsLeft(copy); // it may have been left since this looked
    }

    /** For who has given the lock back without. */
    public void takeWhatIsLeft(NearCopy copy) {
        if (copy.admission().isLeftToLock() && copy.lock.tryAcquire()) {
            try {
                dropIfLeft(copy);
            } finally {
                copy.lock.release();
            }
        }
    }

    private void dropIfLeft(NearCopy copy) {
        if (copy.admission().isLeftToLock()) {
            dropUnderLock(copy, copy.admission().leftFor());
        }
    }

    /** As {@link #drop}, with its lock. */
    void dropUnderLock(NearCopy copy, @Nullable StoreUnavailableException failure) {
        Kept left = isAllThereMayBe(copy, failure) ? left(copy, failure) : null;
        boolean wasLeft = copy.admission().isLeftToLock();
        copy.admission().taken();
        if (left == null) {
            context.copies().drop(copy);
            return;
        }
        NearCopy kept = new NearCopy(context, copy.stored().id());
        kept.lock.acquireUninterruptibly(); // nobody else knows it
        try {
            take(kept, left, copy, wasLeft || (failure != null && failure.maybeApplied()));
        } finally {
            kept.lock.release();
        }
    }

    /** @param unknown whether the store may have what this node does not know of */
    private void take(NearCopy kept, Kept left, NearCopy copy, boolean unknown) {
        kept.stored().descendsFrom(left.history());
        kept.inherit(left.state());
        kept.values().holdsRefused(left.refused());
        Epoch epoch = copy.trust().epoch();
        if (epoch != null) {
            // A change of id may have been applied: then what is served under this one is told to nobody.
            boolean confirmed = left.isSaved() && !unknown && copy.trust().isConfirmed();
            kept.trust().acknowledged(epoch, confirmed, -1, 0, copy.trust().acknowledgedUse());
            if (!unknown && copy.trust().wasConfirmed()) {
                kept.trust().servesTheSame();
            }
        }
        kept.admission().usedAt(copy.admission().lastUse());
        if (!context.copies().drop(copy, kept)) {
            return;
        }
        if (copy.trust().isStale()) { // what is heard from here on, the new copy hears
            kept.trust().movedAway();
        }
        ContainerSession local = context.sessions()
                .restore(
                        kept.id(),
                        kept.access(),
                        left.state(),
                        context.age(copy.admission().lastUse()));
        kept.serve(local);
        if (!kept.isServing()) {
            local.forgotten(); // its end was heard meanwhile
        }
    }

    private boolean isAllThereMayBe(NearCopy copy, @Nullable StoreUnavailableException failure) {
        return context.shards().isUnsettled(copy.id().shard()) || failure != null;
    }

    /**
     * What takes the place of a copy.
     *
     * @param history older states
     * @param refused fields that are not as the store has acknowledged them
     * @param isSaved whether there are none, and the state is the one that it has acknowledged
     */
    private record Kept(SessionSnapshot state, List<StateVersion> history, Set<String> refused, boolean isSaved) {}

    /** Null if there is nothing to keep: the store never had it, it serves nobody, or the store has more of it. */
    private @Nullable Kept left(NearCopy copy, @Nullable StoreUnavailableException failure) {
        ContainerSession local = copy.local();
        boolean isHere = copy.isServing() || copy.admission().isLeftToLock();
        if (local == null || !isHere || copy.stored().base().equals(StateVersion.NONE)) {
            return null;
        }
        if (failure != null && copy.id().equals(copy.stored().id())) {
            try {
                return all(copy, local);
            } catch (UnencodableAttributeException e) {
                // What can be encoded is all there is.
            }
        }
        return saved(copy, local);
    }

    private Kept all(NearCopy copy, ContainerSession local) throws UnencodableAttributeException {
        ChangeSet.Held held = ChangeSet.held(copy.stored().base(), copy.values(), local, context.codec());
        boolean same = held.base().equals(copy.stored().base());
        List<StateVersion> history = new ArrayList<>(copy.stored().history());
        if (!same) {
            history.removeIf(copy.stored().base()::equals); // a copy that took another one's place may have it twice
        }
        Set<String> refused = new HashSet<>(held.others());
        refused.addAll(copy.values().refused());
        refused.addAll(copy.values().all().keySet());
        held.values().forEach((field, value) -> {
            if (!held.others().contains(field) && !copy.values().refused().contains(field)) {
                refused.remove(field);
            }
        });
        return new Kept(state(copy, local, same, held.values()), history, refused, same && refused.isEmpty());
    }

    private @Nullable Kept saved(NearCopy copy, ContainerSession local) {
        Map<String, StoredValue> values = new HashMap<>();
        Set<String> changed = new TreeSet<>();
        copy.values().all().forEach((field, known) -> {
            byte[] bytes = savedBytes(local, field, known);
            if (bytes == null) {
                changed.add(Fields.shown(field));
            } else {
                values.put(field, new StoredValue(known.writtenBy(), bytes));
            }
        });
        boolean all = changed.isEmpty();
        if (!all && !context.shards().isUnsettled(copy.id().shard())) {
            return null;
        }
        if (!all) {
            context.log()
                    .warn(
                            "HF-224",
                            () -> "Session " + copy.stored().id() + ", which Redis lost, goes on without " + changed
                                    + " unless another node still has it: a request that was refused had changed these"
                                    + " attributes.",
                            null);
        }
        return new Kept(state(copy, local, all, values), all ? copy.stored().history() : List.of(), Set.of(), true);
    }

    private static SessionSnapshot state(
            NearCopy copy, ContainerSession local, boolean same, Map<String, StoredValue> values) {
        StateVersion base = same
                ? copy.stored().base()
                : new StateVersion(copy.stored().base().version() - 1, RandomToken.next());
        return new SessionSnapshot(
                base,
                local.createdMillis(),
                copy.stored().maxInactiveSeconds(),
                copy.stored().internalId(),
                Map.copyOf(values));
    }

    private byte @Nullable [] savedBytes(ContainerSession local, String field, KnownField known) {
        byte[] undecoded = known.undecoded();
        Object live = local.value(field);
        if (undecoded != null || live == null) {
            return undecoded;
        }
        try {
            byte[] bytes = context.codec().encode(Fields.shown(field), live);
            return known.fingerprint().equals(Fingerprint.of(bytes)) ? bytes : null;
        } catch (UnencodableAttributeException e) {
            return null; // the refusal names it, or the next request will
        }
    }
}
