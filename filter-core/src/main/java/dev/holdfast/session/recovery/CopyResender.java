package dev.holdfast.session.recovery;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.EndMemory;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.outage.CopyRescue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sends copies to a store that lost them (rule 7 (c)), those of a shard batch by batch.
 *
 * <p><b>Implementation note.</b> A copy is sent under the version that it was last equal to. What is in it beyond that
 * state, because a request is inside or something is owed, gets a stamp of its own, and so is another state for every
 * other node that has a copy of this version: none of them takes it for its own. It stays unsaved here: its own commit
 * follows when the shard is settled, with the base check. Where another node has sent a newer version, that stays. The
 * locks are only tried for, so that holding several waits for nobody. No value is made of stored bytes here: bytes of
 * which nobody made an object are sent as they are.
 */
final class CopyResender {
    private static final int COPIES = 20;

    private final ProtocolContext context;
    private final CopyRescue salvage;
    private final SettleStore store;
    private final RecoveryReport report;
    /** How many go together: fewer where a round trip with more was not answered. */
    private int copiesAtOnce = COPIES;

    private long progress;

    CopyResender(ProtocolContext context, CopyRescue salvage, SettleStore store, RecoveryReport report) {
        this.context = context;
        this.salvage = salvage;
        this.store = store;
        this.report = report;
    }

    /** Grows with each copy that was sent: the other nodes wait for this one as long as it does. */
    long progress() {
        return progress;
    }

    private record Prepared(NearCopy copy, ChangeSet.Held held, SettleStore.Push push) {}

    /**
     * Sends all copies of a shard. Those that cannot be sent now keep no others waiting.
     *
     * @param held all copies by their shards, which are listed with the first shard that asks for them; empty before
     * @param end ticker time at which no further batch is begun
     * @return false if some are to be sent later
     */
    boolean send(LostShard shard, Map<Integer, List<NearCopy>> held, long end) {
        if (held.isEmpty()) {
            for (NearCopy copy : context.copies().all()) {
                held.computeIfAbsent(copy.id().shard(), number -> new ArrayList<>())
                        .add(copy);
            }
        }
        List<NearCopy> left = new ArrayList<>(held.getOrDefault(shard.number, List.of()));
        left.removeAll(shard.done);
        left.sort(Comparator.comparing(shard.stuck::contains));
        boolean all = true;
        for (int from = 0; from < left.size(); ) {
            if (context.ticker().nanos() - end >= 0) {
                all = false;
                break;
            }
            int to = Math.min(left.size(), from + copiesAtOnce);
            List<NearCopy> batch = left.subList(from, to);
            int before = shard.done.size();
            boolean answered = false;
            try {
                all &= send(batch, shard.done);
                answered = true;
                copiesAtOnce = COPIES;
            } catch (StoreUnavailableException e) {
                report.unavailable(e);
                all = false;
                copiesAtOnce = Math.max(1, (to - from) / 2); // they may be more than can be sent in time
            }
            if (shard.done.size() > before) {
                progress += shard.done.size() - before;
                shard.goesOn();
            }
            shard.stuck.addAll(batch);
            shard.stuck.removeAll(shard.done);
            if (!answered) {
                break; // the others of this shard with the next round, and now those of other shards
            }
            from = to;
        }
        if (!all) {
            shard.waits(context.ticker().nanos());
        }
        return all;
    }

    /** @param done gets those that are never to be sent again while their shard is settled */
    private boolean send(List<NearCopy> copies, Set<NearCopy> done) {
        List<NearCopy> locked = new ArrayList<>();
        try {
            List<Prepared> prepared = new ArrayList<>();
            boolean all = true;
            for (NearCopy copy : copies) {
                if (!copy.lock.tryAcquire()) {
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
                    report.unencodable(copy.id(), e);
                    if (copy.admission().isOpen()) {
                        all = false; // its request is refused, and leaves what can be sent
                    } else {
                        done.add(copy);
                    }
                }
            }
            return push(prepared, done) && all;
        } finally {
            locked.forEach(copy -> copy.lock.release());
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
        ContainerSession local = copy.local();
        long age = context.ticker().nanos() - copy.trust().acknowledgedUse();
        if (local == null
                || !copy.isServing()
                || copy.stored().base().equals(StateVersion.NONE)
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

    private boolean push(List<Prepared> prepared, Set<NearCopy> done) {
        if (prepared.isEmpty()) {
            return true;
        }
        List<SessionStore.@Nullable Outcome> outcomes =
                store.push(prepared.stream().map(Prepared::push).toList(), WaitBudget.ofBackground());
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
