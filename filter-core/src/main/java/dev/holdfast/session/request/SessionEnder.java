package dev.holdfast.session.request;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.commit.ShardCall;
import dev.holdfast.session.copy.InvalidationLog;
import dev.holdfast.session.copy.NearCopies;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestContext;
import dev.holdfast.session.copy.RequestUse;
import dev.holdfast.session.outage.BacklogSaver;
import dev.holdfast.session.outage.OutagePolicy;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** How a session ends because a request says so: in the store first, then here (rule 8). */
final class SessionEnder {
    private final ProtocolContext context;
    private final OutagePolicy outage;
    private final BacklogSaver saver;
    private final SessionStore store;
    private final NearCopies copies;
    private final SessionCounters counters;
    private final BiConsumer<SessionId, ContainerSession> endedLate;
    private final PendingLogouts inDoubt = new PendingLogouts();

    /**
     * @param endedLate is told of each session that was ended here without an answer and is known to have ended since
     */
    SessionEnder(
            ProtocolContext context,
            OutagePolicy outage,
            BacklogSaver saver,
            BiConsumer<SessionId, ContainerSession> endedLate) {
        this.outage = outage;
        this.saver = saver;
        this.endedLate = endedLate;
        this.context = context;
        this.store = context.store();
        this.copies = context.copies();
        this.counters = context.counters();
    }

    PendingLogouts inDoubt() {
        return inDoubt;
    }

    /**
     * Ends a session for good, in the store first: when this returns, no node brings it back. Does nothing if it has
     * ended here already.
     *
     * <p>Other requests inside go on with an object that nobody commits any more. What they have changed went with the
     * session, as in any container, unless other nodes had written what they did not see: then they are refused, as
     * their commit would have been.
     *
     * @return false if another request or node has ended it before, and tells the listeners
     * @throws SessionRefusedException if the store cannot be told, or does not answer; the session then lives on, or
     *     its listeners are told when the log has shown its end
     */
    boolean end(NearCopy copy) {
        if (copy.admission().isEnded()) {
            return false;
        }
        RequestContext scope = RequestContext.currentOf(context);
        String stamp = RandomToken.next();
        WaitBudget budget = scope != null
                ? scope.budget()
                : new WaitBudget(context.options().timeout());
        try {
            if (!context.acquire(copy.lock, budget)) {
                throw context.busy(copy.id(), budget);
            }
            try {
                if (copy.admission().isEnded()) {
                    return false;
                }
                boolean alone = true;
                saveOwed(copy, budget);
                if (copy.mayBeStored()) {
                    SessionStore.EndReply reply = endInStore(copy, stamp, budget);
                    if (reply.outcome() == SessionStore.Outcome.RENAMED) {
                        copies.drop(copy);
                        throw goesOn(scope, copy);
                    }
                    if (reply.outcome() != SessionStore.Outcome.OK) {
                        copies.endedElsewhere(copy);
                        return false;
                    }
                    alone = reply.ofBase();
                    counters.ended.increment();
                }
                RequestUse request = scope == null ? null : scope.sessionOf(copy);
                if (request != null) {
                    request.endsSession();
                    request.did(RequestUse.Step.ENDED);
                }
                copy.end(alone);
                copies.forget(copy);
            } finally {
                copy.lock.release();
            }
            // The request may have held an orphan: what took its place here has ended, too.
            NearCopy other = copies.get(copy.stored().id());
            if (other != null) {
                copies.endedElsewhere(other);
            }
            return true;
        } catch (StoreUnavailableException e) {
            ContainerSession local = copy.local();
            outage.afterEnd(copy, e);
            if (e.maybeApplied()
                    && local != null
                    && inDoubt.unanswered(stamp, local, context.ticker().nanos())) {
                endedLate.accept(copy.stored().id(), local);
            }
            throw RequestContext.refuse(
                    context, scope, "Session " + copy.id() + " cannot be ended: " + e.getMessage(), e);
        }
    }

    /**
     * Whether the session ends is not certain before the store has said so: what others were acknowledged at risk must
     * not hang on it.
     *
     * @throws StoreUnavailableException if it cannot be saved: the session then goes on
     */
    private void saveOwed(NearCopy copy, WaitBudget budget) {
        ContainerSession local = copy.local();
        if (local == null || !copy.owed().isOwing() || !copy.mayBeStored()) {
            return;
        }
        StoreUnavailableException failure = null;
        try {
            if (saver.save(copy, local, budget) != BacklogSaver.Saved.LATER) {
                return;
            }
        } catch (StoreUnavailableException e) {
            failure = e;
        }
        throw new StoreUnavailableException(
                "what was changed while the store was away is not saved yet: "
                        + (failure != null
                                ? failure.getMessage()
                                : "a value cannot be encoded just now, or other nodes change it all the time."),
                false, // the end was not even sent
                failure != null ? failure.reason() : StoreUnavailableException.Reason.NONE,
                failure);
    }

    /**
     * The end is remembered before it is done: a store that loses it then is to be told. One that nobody knows of is
     * forgotten: the session may live, and what is acknowledged of it from now on is not to be buried later. If it was
     * executed, or is yet, the log tells it, and it is remembered again.
     */
    private SessionStore.EndReply end(SessionStore.End command, WaitBudget budget) {
        context.tombstones().begun(command.id(), command.stamp(), Tombstone.How.ENDED, command.maxInactiveSeconds());
        inDoubt.asks(command.stamp(), command.id().shard(), context.ticker().nanos());
        boolean done = false;
        boolean doubtful = false;
        try {
            SessionStore.EndReply reply = store.end(command, budget);
            done = reply.outcome() == SessionStore.Outcome.OK;
            return reply;
        } catch (StoreUnavailableException e) {
            doubtful = e.maybeApplied();
            throw e;
        } finally {
            if (done) {
                context.tombstones().done(command.id(), command.stamp());
            } else {
                context.tombstones().forget(command.id(), command.stamp());
            }
            if (!doubtful) {
                inDoubt.answered(command.stamp());
            }
        }
    }

    /** The id of a request that was under way while another one changed it is no way to end the session. */
    private SessionRefusedException goesOn(@Nullable RequestContext scope, NearCopy copy) {
        String message = "Session " + copy.id()
                + " cannot be ended: another request has changed its id meanwhile, and it lives on under that. The"
                + " client may try again.";
        return RequestContext.refuse(context, scope, message, null);
    }

    private SessionStore.EndReply endInStore(NearCopy copy, String stamp, WaitBudget budget) {
        ShardCall call = new ShardCall(context, copy);
        while (true) {
            InvalidationLog.Sent sent = call.sending();
            SessionStore.EndReply reply = end(
                    new SessionStore.End(
                            copy.stored().id(),
                            sent.generation(),
                            stamp,
                            copy.stored().maxInactiveSeconds(),
                            copy.stored().base()),
                    budget);
            if (!call.isOfOtherGeneration(reply.outcome(), reply.tail())) {
                call.heard(reply.tail());
                return reply;
            }
        }
    }
}
