package dev.holdfast.session.request;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import org.jspecify.annotations.Nullable;

/** Whether there is a session of an id, for those who do not want to use it: changes nothing and is no use of it. */
final class ExistenceCheck {
    private final ProtocolContext context;

    ExistenceCheck(ProtocolContext context) {
        this.context = context;
    }

    /** As of {@link SessionCoordinator#exists}. */
    @Nullable
    Boolean exists(SessionId id) {
        NearCopy copy = context.copies().get(id);
        if (copy != null && copy.isServing()) {
            return true;
        }
        int shard = id.shard();
        if (context.shards().isUnsettled(shard)) {
            return null;
        }
        try {
            SessionStore.Presence presence =
                    context.store().exists(id, new WaitBudget(context.options().timeout()));
            if (presence.there()) {
                return true;
            }
            context.shards().foundWithout(shard, presence.generation());
            return context.shards().isUnsettled(shard) ? null : false;
        } catch (StoreUnavailableException e) {
            unavailable(e);
            return null;
        }
    }

    /** As of {@link RequestScope#mayCreate}: none is there, and none has ended under it, as far as the store says. */
    boolean mayCreate(SessionId id, WaitBudget budget) {
        if (context.copies().get(id) != null
                || context.tombstones().contains(id)
                || context.shards().isUnsettled(id.shard())) {
            return false;
        }
        try {
            SessionStore.Presence presence = context.store().exists(id, budget);
            return !presence.there() && !presence.ended();
        } catch (StoreUnavailableException e) {
            unavailable(e);
            return false;
        }
    }

    private void unavailable(StoreUnavailableException e) {
        context.log().warn("HF-213", () -> "A session could not be looked up: " + e.getMessage(), e);
    }
}
