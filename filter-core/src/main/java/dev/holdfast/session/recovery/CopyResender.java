package dev.holdfast.session.recovery;

import dev.holdfast.session.Base;
import dev.holdfast.session.LocalSession;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.EndMemory;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.outage.CopyRescue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One batch of copies that are sent to a store that lost them (rule 7 (c)).
 *
 * <p><b>Implementation note.</b> A copy is sent under the version that it was last equal to. What is in it beyond that
 * state, because a request is inside or something is owed, gets a stamp of its own, and so is another state for every
 * other node that has a copy of this version: none of them takes it for its own. It stays unsaved here: its own commit
 * follows when the shard is settled, with the base check. Where another node has sent a newer version, that stays. The
 * slots are only tried for, so that holding several waits for nobody. No value is made of stored bytes here: bytes of
 * which nobody made an object are sent as they are.
 */
final class CopyResender {
    private final ProtocolContext context;
    private final CopyRescue salvage;
    private final SettleStore store;
    private final WaitBudget budget;

    CopyResender(ProtocolContext context, CopyRescue salvage, SettleStore store, WaitBudget budget) {
        this.context = context;
        this.salvage = salvage;
        this.store = store;
        this.budget = budget;
    }

    private record Prepared(NearCopy copy, ChangeSet.Held held, SettleStore.Push push) {}

    /**
     * Sends them.
     *
     * @param done gets those that are never to be sent again while their shard is settled
     * @return false if some are to be sent later
     */
    boolean send(List<NearCopy> copies, Set<NearCopy> done) {
        List<NearCopy> locked = new ArrayList<>();
        try {
            List<Prepared> prepared = new ArrayList<>();
            boolean all = true;
            for (NearCopy copy : copies) {
                if (!copy.slot.tryAcquire()) {
                    all = false;
                    continue;
                }
                locked.add(copy);
                if ((copy.isServing() && copy.isIdChanging()) || isReplaced(copy)) {
                    // What a login leaves in it is not for the id that it gives up: its request is refused, and leaves
                    // what was saved. That is sent with the next round.
                    all = false;
                    continue;
                }
                try {
                    Prepared one = prepare(copy);
                    if (one == null) {
                        done.add(copy);
                    } else {
                        prepared.add(one);
                    }
                } catch (UnencodableAttributeException e) {
                    cannotBeSent(copy, e);
                    if (copy.admission().isOpen()) {
                        all = false; // its request is refused, and leaves what can be sent
                    } else {
                        done.add(copy);
                    }
                }
            }
            return push(prepared, done) && all;
        } finally {
            locked.forEach(copy -> copy.slot.release());
            locked.forEach(salvage::takeWhatIsLeft); // behind all: what that costs is for no other one to wait for
        }
    }

    /** Whether a request was refused since the copies were listed, and what it left has taken the place of this one. */
    private boolean isReplaced(NearCopy copy) {
        NearCopy there = context.copies().get(copy.stored().id());
        return there != null && there != copy;
    }

    /** Null if it is not to be sent: the store never knew it, or has not answered about it for too long. */
    private @Nullable Prepared prepare(NearCopy copy) throws UnencodableAttributeException {
        LocalSession local = copy.local();
        long age = context.ticker().nanos() - copy.trust().acknowledgedUse();
        if (local == null
                || !copy.isServing()
                || copy.stored().base().equals(Base.NONE)
                || age >= EndMemory.lifeNanos(copy.stored().maxInactiveSeconds())) {
            return null;
        }
        ChangeSet.Held held = ChangeSet.held(copy.stored().base(), copy.values(), local, context.codec());
        SettleStore.Push push = new SettleStore.Push(
                copy.stored().id(),
                held.base(),
                copy.stored().history(),
                copy.stored().internalId(),
                local.createdMillis(),
                copy.stored().maxInactiveSeconds(),
                context.age(copy.admission().lastUse()),
                held.values());
        copy.stored().sendingAgain(held);
        return new Prepared(copy, held, push);
    }

    private void cannotBeSent(NearCopy copy, UnencodableAttributeException e) {
        context.log()
                .warn(
                        "HF-221",
                        () -> "Session " + copy.id() + ", which Redis lost, cannot be sent again: " + e.getMessage(),
                        null);
    }

    private boolean push(List<Prepared> prepared, Set<NearCopy> done) {
        if (prepared.isEmpty()) {
            return true;
        }
        List<SessionStore.@Nullable Outcome> outcomes =
                store.push(prepared.stream().map(Prepared::push).toList(), budget);
        boolean all = true;
        for (int i = 0; i < prepared.size(); i++) {
            Prepared one = prepared.get(i);
            SessionStore.Outcome outcome = outcomes.get(i);
            if (outcome == null || outcome == SessionStore.Outcome.OTHER_GENERATION) {
                all = false;
                continue;
            }
            done.add(one.copy());
            if (outcome == SessionStore.Outcome.OK) {
                context.counters().sentAgain.increment();
                one.copy().sentAgain(one.held());
            } else if (outcome == SessionStore.Outcome.GONE) {
                context.copies().endedElsewhere(one.copy());
            }
        }
        return all;
    }
}
