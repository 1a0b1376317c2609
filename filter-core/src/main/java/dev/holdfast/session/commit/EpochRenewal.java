package dev.holdfast.session.commit;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.InvalidationLog;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import org.jspecify.annotations.Nullable;

/**
 * Moves the epoch of a session for a request that has nothing to write, so that its browser does not keep one that is
 * no longer the copy's (rule 4). One round trip; version and stamp stay.
 */
public final class EpochRenewal {
    private final ProtocolContext context;
    private final ConflictMerger merging;

    public EpochRenewal(ProtocolContext context, ConflictMerger merging) {
        this.context = context;
        this.merging = merging;
    }

    /**
     * Moves it. Nothing of the request is unsaved, so it answers normally also if the session is gone or has changed.
     *
     * @return an older state of this copy's own that the store has: the copy is to be sent again (rule 7); null if it
     *     has none
     * @throws StoreUnavailableException if the store does not answer
     */
    @Nullable
    public SessionSnapshot move(RequestUse request, ContainerSession local, WaitBudget budget) {
        NearCopy copy = request.copy();
        ShardCall call = new ShardCall(context, copy);
        while (true) {
            InvalidationLog.Sent sent = call.sending();
            Epoch fresh = Epoch.fresh(context.owner());
            context.counters().renewals.increment();
            SessionStore.LoadReply reply = context.store()
                    .load(
                            new SessionStore.Load(
                                    copy.stored().id(),
                                    sent.generation(),
                                    null,
                                    fresh,
                                    copy.stored().base(),
                                    context.age(request.began())),
                            budget);
            if (call.isOfOtherGeneration(reply.outcome(), reply.tail())) {
                continue;
            }
            switch (reply.outcome()) {
                case GONE -> {
                    context.copies().endedElsewhere(copy);
                    return null;
                }
                case OK -> {
                    return moved(request, local, call, fresh, reply);
                }
                default -> { // under another id, or another session of this one
                    context.copies().drop(copy);
                    return null;
                }
            }
        }
    }

    private @Nullable SessionSnapshot moved(
            RequestUse request, ContainerSession local, ShardCall call, Epoch fresh, SessionStore.LoadReply reply) {
        NearCopy copy = request.copy();
        Epoch epoch = reply.epoch();
        if (epoch == null) {
            throw new IllegalStateException("The store moved no epoch");
        }
        if (epoch.equals(fresh) || !epoch.hasHolder()) {
            request.admit(epoch, epoch);
        } else {
            // Redis takes no writes and could only read: another's mark is not ours to send.
            request.admit(null, fresh);
        }
        request.movedAt(context.ticker().nanos());
        if (!copy.isServing()) {
            return null;
        }
        SessionSnapshot stored = reply.snapshot();
        boolean behind = stored != null && copy.stored().isAheadOf(stored.base());
        if (stored != null && !behind) {
            String conflict = merging.merge(copy, local, request, stored, reply.before());
            if (conflict != null) {
                merging.tell(conflict);
                return null;
            }
        }
        call.acknowledged(epoch, false, call.heard(reply.tail()), reply.tail(), ShardCall.useTold(reply, request));
        return behind ? stored : null;
    }
}
