package dev.holdfast.session.request;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.commit.ShardCall;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestContext;
import dev.holdfast.session.copy.RequestQueue;
import dev.holdfast.session.outage.OutagePolicy;
import org.jspecify.annotations.Nullable;

/**
 * How a session gets another public id: on this node at once, in the store with the next commit of a request that uses
 * it (rule 9).
 */
final class IdChange {
    private final ProtocolContext context;
    private final RequestQueue turns;
    private final OutagePolicy outage;

    IdChange(ProtocolContext context, RequestQueue turns, OutagePolicy outage) {
        this.context = context;
        this.turns = turns;
        this.outage = outage;
    }

    /** As of {@link SessionCoordinator#changeId}. */
    void change(NearCopy copy, SessionId newId) {
        if (newId.shard() != copy.id().shard()) {
            throw new IllegalArgumentException(
                    "Session " + copy.id() + " cannot become " + newId + ": a session id keeps its first two digits");
        }
        RequestContext scope = RequestContext.currentOf(context);
        requirePossible(scope, copy);
        WaitBudget budget = scope != null
                ? scope.budget()
                : new WaitBudget(context.options().timeout());
        // Under the lock, so that no commit is under way that does not know of it.
        if (!context.acquire(copy.lock, budget)) {
            throw refused(scope, copy, context.busy(copy.id(), budget));
        }
        try {
            requirePossible(scope, copy); // a commit that this waited for may have ended at risk
            if (scope != null) {
                turns.alsoFor(scope.turns(), copy.id(), newId);
            }
            context.copies().changeId(copy, newId);
        } finally {
            copy.lock.release();
        }
    }

    private void requirePossible(@Nullable RequestContext scope, NearCopy copy) {
        StoreUnavailableException away = outage.whyNoNewId(copy);
        if (away == null
                && copy.mayBeStored()
                && context.shards().isUnsettled(copy.id().shard())) {
            // Under another id its commit could not be kept, and the copy may be all there is.
            away = ShardCall.unsettled(copy.stored().id().shard());
        }
        if (away != null) {
            throw refused(scope, copy, away);
        }
    }

    private SessionRefusedException refused(
            @Nullable RequestContext scope, NearCopy copy, StoreUnavailableException why) {
        return RequestContext.refuse(
                context, scope, "Session " + copy.id() + " cannot change its id: " + why.getMessage(), why);
    }
}
