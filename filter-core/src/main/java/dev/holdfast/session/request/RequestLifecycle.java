package dev.holdfast.session.request;

import dev.holdfast.session.ClientWaits;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.commit.ChangeFinder;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestContext;
import dev.holdfast.session.copy.RequestQueue;
import dev.holdfast.session.copy.RequestUse;
import dev.holdfast.session.expiry.TouchBatcher;
import dev.holdfast.session.outage.OutagePolicy;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a request's hold on a session, from its turn and its look-up to the use that is noted at its end.
 * Safe for use by many threads.
 */
final class RequestLifecycle {
    /** A request that took longer has used its session until its end, not only when it began. */
    static final long LONG_REQUEST = TimeUnit.SECONDS.toNanos(1);

    private final ProtocolContext context;
    private final RequestQueue turns;
    private final SessionLoader loading;
    private final RequestCommitter saving;
    private final OutagePolicy outage;
    private final TouchBatcher touches;
    private final ClientWaits waits;

    RequestLifecycle(
            ProtocolContext context,
            RequestQueue turns,
            SessionLoader loading,
            RequestCommitter saving,
            OutagePolicy outage,
            TouchBatcher touches,
            ClientWaits waits) {
        this.context = context;
        this.turns = turns;
        this.loading = loading;
        this.saving = saving;
        this.outage = outage;
        this.touches = touches;
        this.waits = waits;
    }

    // ---- how it comes to a session

    Lookup find(RequestContext scope, SessionId id, boolean mayAsk) {
        RequestQueue.Entry turn = turns.enter(scope.turns(), scope.budget(), id, mayAsk);
        if (turn == RequestQueue.Entry.BUSY || turn == RequestQueue.Entry.CROWDED) {
            return mayAsk ? Lookup.unavailable(turns.refused(turn, scope.budget(), id)) : Lookup.UNKNOWN_HERE;
        }
        boolean found = false;
        try {
            Lookup lookup = loading.find(scope, id, mayAsk);
            found = lookup.found() == Lookup.Found.FOUND;
            return lookup;
        } finally {
            if (!found && turn == RequestQueue.Entry.TAKEN) {
                turns.leave(scope.turns(), id);
            }
        }
    }

    /** The request has created the session of a copy. */
    void created(RequestContext scope, NearCopy copy) {
        turns.enter(scope.turns(), scope.budget(), copy.id(), false);
        adopt(scope, copy);
    }

    /** The request uses the session of a copy that was created, or found, outside of its look-ups. */
    void adopt(RequestContext scope, NearCopy copy) {
        RequestUse request = new RequestUse(copy, scope.began());
        Epoch epoch = copy.trust().epoch();
        if (copy.stored().base().equals(StateVersion.NONE)) {
            request.did(RequestUse.Step.CREATED);
            request.admit(epoch, copy.trust().takeBorn() ? epoch : Epoch.fresh(context.owner()));
        } else if (copy.trusts(scope.presented())) {
            request.admit(epoch, null);
        } else {
            request.admit(null, Epoch.fresh(context.owner()));
            request.movedAt(context.ticker().nanos());
        }
        ContainerSession local = copy.local();
        boolean justMade = copy.stored().base().equals(StateVersion.NONE)
                && local != null
                && local.fields().isEmpty();
        if (!justMade) {
            // What was read before this request was known to use the session is on no list: all of it may have changed
            // in place.
            request.usedAll();
        }
        copy.open(request); // if it was dropped, the request is one of an orphan
        scope.add(request);
    }

    // ---- what must be in the store before it answers

    void save(RequestContext scope, RequestUse request) {
        saving.save(scope, request, true);
    }

    /**
     * At the end of a request: its headers have left, or everything is saved.
     *
     * @param over whether nothing of the application has run for it since it was saved: then values that nobody has
     *     asked for since are not looked at again
     */
    void saveLate(RequestContext scope, RequestUse request, boolean over) {
        if (over
                && request.copy().isServing() // else it is told that what it did is not kept
                && !request.usedSinceSave()
                && !hasOtherNews(request.copy())) {
            return;
        }
        // An epoch that moved after the headers had left is none of this request's business unless it used the session
        // since.
        if (saving.save(scope, request, request.usedSinceSave())) {
            context.counters().lateCommits.increment();
        }
    }

    /** Whether there is something to write that is no value. */
    private static boolean hasOtherNews(NearCopy copy) {
        ContainerSession local = copy.local();
        return local != null && ChangeFinder.needsCommit(copy, local);
    }

    /**
     * Rule 10: lets the end of an answer wait.
     *
     * @return false if too many wait already, and the answer must not be ended
     */
    boolean awaitOldTrust(SessionId id, long until) {
        if (!waits.enter(id, context.options().requestThreads().getAsInt())) {
            return false;
        }
        try {
            context.counters().waits.increment();
            context.ticker().await(until);
            return true;
        } finally {
            waits.leave(id);
        }
    }

    // ---- how it ends

    /** The request was refused and is over. */
    void abandon(RequestUse request, @Nullable SessionRefusedException refusal) {
        outage.afterRefusal(
                request, refusal != null && refusal.reason() instanceof StoreUnavailableException e ? e : null);
    }

    /** The request was refused, and what it left could not be looked at: nothing of the copy is committed any more. */
    void orphan(RequestUse request) {
        try {
            context.copies().drop(request.copy());
        } catch (RuntimeException | Error e) {
            // The application's, which hears of it last: the copy is out of the maps.
        }
    }

    /** Ends a request's hold on a session; a use that no call has told the store is told with the next batch. */
    void close(RequestUse request) {
        NearCopy copy = request.copy();
        long now = context.ticker().nanos();
        copy.admission().usedAt(now);
        long use = now - request.began() > LONG_REQUEST ? now : request.began();
        if (copy.isServing() && copy.trust().needsTouch(use)) {
            touches.note(copy, use);
        }
        copy.close(request);
    }

    /** Lets the next request use the sessions of one that has finished. */
    void leave(RequestContext scope) {
        turns.leaveAll(scope.turns());
    }
}
