package dev.holdfast.session.request;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.commit.ConflictMerger;
import dev.holdfast.session.commit.ShardCall;
import dev.holdfast.session.copy.InvalidationLog;
import dev.holdfast.session.copy.NearCopies;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestContext;
import dev.holdfast.session.copy.RequestUse;
import dev.holdfast.session.expiry.ExpiryClaims;
import dev.holdfast.session.expiry.ExpiryNotifier;
import dev.holdfast.session.expiry.ExpirySweeper;
import dev.holdfast.session.outage.BacklogSaver;
import dev.holdfast.session.outage.CopyRescue;
import dev.holdfast.session.outage.OutagePolicy;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How a request comes to a session: from memory if the copy is trusted, else by one load (rules 1, 2, 3 and 12 of the
 * protocol).
 */
final class SessionLoader {
    private final ProtocolContext context;
    private final SessionStore store;
    private final NearCopies copies;
    private final SessionCounters counters;
    private final ExpirySweeper expiring;
    private final ExpiryNotifier notifier;
    private final ConflictMerger merging;
    private final RequestCommitter saving;
    private final OutagePolicy outage;
    private final BacklogSaver saver;
    private final CopyRescue salvage;
    /** Whether the store may not have been told all ends again yet that it lost. */
    private final BooleanSupplier tellsEnds;

    SessionLoader(
            ProtocolContext context,
            ExpirySweeper expiring,
            ExpiryNotifier notifier,
            ConflictMerger merging,
            RequestCommitter saving,
            OutagePolicy outage,
            BacklogSaver saver,
            CopyRescue salvage,
            BooleanSupplier tellsEnds) {
        this.outage = outage;
        this.saver = saver;
        this.salvage = salvage;
        this.tellsEnds = tellsEnds;
        this.context = context;
        this.store = context.store();
        this.copies = context.copies();
        this.counters = context.counters();
        this.expiring = expiring;
        this.notifier = notifier;
        this.merging = merging;
        this.saving = saving;
    }

    Lookup find(RequestContext scope, SessionId id, boolean mayAsk) {
        while (true) {
            if (copies.hasMovedAway(id)) {
                return Lookup.NONE;
            }
            NearCopy copy = copies.get(id);
            if (copy != null) {
                ContainerSession trusted = openTrusted(scope, copy);
                if (trusted != null) {
                    return Lookup.of(trusted);
                }
            }
            if (!mayAsk) {
                return Lookup.UNKNOWN_HERE;
            }
            NearCopy asked = copy != null ? copy : copies.getOrMake(id, v -> new NearCopy(context, v));
            Lookup lookup = ask(scope, id, asked);
            if (lookup != null) {
                return lookup;
            }
        }
    }

    /** Null if the copy was dropped, ended or renamed meanwhile: the look-up begins anew. */
    private @Nullable Lookup ask(RequestContext scope, SessionId id, NearCopy asked) {
        long loadsSeen = asked.admission().loadsSent();
        ExpiryClaims.Claimed expired;
        if (!context.acquire(asked.lock, scope.budget())) {
            return outage.afterLookup(scope, asked, context.busy(id, scope.budget()));
        }
        try {
            if (copies.get(id) != asked) {
                return null;
            }
            ContainerSession trusted = openTrusted(scope, asked);
            if (trusted != null) {
                return Lookup.of(trusted);
            }
            if (asked.owed().isOwing()) {
                // Before anything is loaded: the store may not even know the session.
                BacklogSaver.Saved saved = savePending(asked, scope);
                if (saved == BacklogSaver.Saved.GIVEN_UP) {
                    return null;
                }
                if (saved == BacklogSaver.Saved.LATER) {
                    throw new StoreUnavailableException(
                            "what is owed of session " + id
                                    + " cannot be saved before it is read, a value of it is being changed.",
                            false,
                            StoreUnavailableException.Reason.SILENT,
                            null);
                }
                trusted = openTrusted(scope, asked);
                if (trusted != null) {
                    return Lookup.of(trusted);
                }
            }
            expired = expiring.claimIfIdle(asked, scope.budget());
            if (expired == null) {
                return copies.get(id) == asked ? openShared(scope, asked, loadsSeen) : null;
            }
        } catch (StoreUnavailableException e) {
            return outage.afterLookup(scope, asked, e);
        } catch (SessionRefusedException e) {
            return Lookup.unavailable(new StoreUnavailableException(String.valueOf(e.getMessage()), false, e));
        } catch (RuntimeException e) {
            copies.drop(asked); // whatever it holds now is half of something
            throw e;
        } finally {
            if (asked.local() == null) {
                copies.remove(id, asked); // before the next one gets the lock, and with it this copy
            }
            salvage.release(asked);
        }
        // With the lock given back: nobody is to wait for listeners.
        notifier.conclude(List.of(expired), scope.budget());
        return Lookup.NONE;
    }

    /** Saves what a copy owes. */
    private BacklogSaver.Saved savePending(NearCopy copy, RequestContext scope) {
        ContainerSession local = copy.local();
        return local == null ? BacklogSaver.Saved.YES : saver.save(copy, local, scope.budget());
    }

    private @Nullable ContainerSession openTrusted(RequestContext scope, NearCopy copy) {
        if (!copy.trusts(scope.presented())) {
            return null;
        }
        RequestUse request = new RequestUse(copy, scope.began());
        request.admit(scope.presented(), null);
        if (!copy.open(request)) {
            return null;
        }
        scope.add(request);
        counters.trusted.increment();
        return copy.local();
    }

    private @Nullable Lookup openShared(RequestContext scope, NearCopy copy, long loadsSeen) {
        RequestUse request = new RequestUse(copy, scope.began());
        Epoch epoch = copy.trust().epoch();
        if (epoch != null && copy.admission().loadedSince(loadsSeen) && copy.open(request)) {
            // One load serves all that had arrived when it was sent; its epoch stands in one answer only (rule 3).
            boolean mine = !epoch.hasHolder() || epoch.owner().equals(context.owner());
            request.admit(mine ? epoch : null, context.rules().inSharedAnswer(epoch, context.owner()));
            request.movedAt(context.ticker().nanos());
            scope.add(request);
            request.did(RequestUse.Step.SHARED);
            counters.sharedLoads.increment();
            ContainerSession local = copy.local();
            return local == null ? Lookup.NONE : Lookup.of(local);
        }
        return load(scope, copy, request);
    }

    /** Under the lock. Null if the copy was dropped meanwhile. */
    private @Nullable Lookup load(RequestContext scope, NearCopy copy, RequestUse request) {
        ShardCall call = new ShardCall(context, copy);
        while (true) {
            InvalidationLog.Sent sent = call.sending();
            boolean mustMove = copy.mustMove(sent.era());
            Epoch fresh = Epoch.fresh(context.owner());
            StateVersion known = copy.local() == null ? null : copy.stored().base();
            long number = copy.admission().sendLoad();
            counters.loads.increment();
            request.did(RequestUse.Step.LOADED);
            SessionStore.LoadReply reply = store.load(
                    new SessionStore.Load(
                            copy.stored().id(),
                            sent.generation(),
                            mustMove ? null : scope.presented(),
                            fresh,
                            known,
                            context.age(scope.began())),
                    scope.budget());
            if (call.isOfOtherGeneration(reply.outcome(), reply.tail())) {
                continue;
            }
            switch (reply.outcome()) {
                case RENAMED -> {
                    call.heard(reply.tail());
                    copies.drop(copy); // no end for whoever is inside
                    return Lookup.NONE;
                }
                case OK -> {
                    if (tellsEnds.getAsBoolean()
                            && context.tombstones().contains(copy.stored().id())) {
                        // A store that lost the end has not been told it again yet.
                        copies.endedElsewhere(copy);
                        return Lookup.NONE;
                    }
                    return install(scope, call, copy, request, reply, fresh, number);
                }
                default -> { // gone, or another session of that id
                    call.heard(reply.tail());
                    copies.endedElsewhere(copy);
                    return Lookup.NONE;
                }
            }
        }
    }

    private @Nullable Lookup install(
            RequestContext scope,
            ShardCall call,
            NearCopy copy,
            RequestUse request,
            SessionStore.LoadReply reply,
            Epoch fresh,
            long number) {
        long era = call.heard(reply.tail());
        Epoch epoch = reply.epoch();
        ContainerSession local = copy.local();
        SessionSnapshot snapshot = reply.snapshot();
        if (epoch == null || (snapshot == null && local == null)) {
            throw new IllegalStateException("The store left out a part of a session that it has loaded");
        }
        if (local != null && !copy.admission().mayInstall()) {
            copies.forget(copy); // dropped while the load was under way
            return null;
        }
        boolean behind = snapshot != null && local != null && copy.stored().isAheadOf(snapshot.base());
        if (snapshot != null && !behind) {
            if (local == null) {
                copy.install(snapshot);
                local = context.sessions().restore(copy.id(), copy.access(), snapshot, sinceUse(reply, request));
            } else if (copy.beginRefresh()) {
                copy.install(snapshot);
                local.refresh(snapshot, sinceUse(reply, request));
            } else if (!merge(copy, local, request, snapshot, reply.before())) {
                return null;
            }
        }
        if (local == null) {
            throw new IllegalStateException("The container made no session");
        }
        if (snapshot == null && !reply.confirmed()) {
            // Under a confirmed epoch no other node has taken the session since, and the object knows its own uses
            // exactly. The store's time is late by the call that told it and by this reply.
            local.usedElsewhere(sinceUse(reply, request));
        }
        call.acknowledged(epoch, reply.confirmed(), era, reply.tail(), ShardCall.useTold(reply, request));
        copy.serve(local);
        admit(scope, request, reply, epoch.equals(fresh));
        if (!copy.open(request)) {
            local.forgotten(); // an end was heard meanwhile
            copies.forget(copy);
            return null;
        }
        copy.admission().loadDone(number);
        scope.add(request);
        if (snapshot != null && behind) {
            saving.resend(scope, request, local, snapshot);
        }
        return Lookup.of(local);
    }

    /**
     * For the container: not later than this request began, however long the reply was on its way. {@link
     * RequestScope#usedAt} sees to what comes behind.
     */
    private long sinceUse(SessionStore.LoadReply reply, RequestUse request) {
        return Math.max(reply.sinceUseMillis(), context.age(request.began()));
    }

    private boolean merge(
            NearCopy copy,
            ContainerSession local,
            RequestUse request,
            SessionSnapshot snapshot,
            @Nullable Epoch writer) {
        String conflict = merging.merge(copy, local, request, snapshot, writer);
        if (conflict == null) {
            return true;
        }
        counters.mismatches.increment();
        merging.tell(conflict);
        return false;
    }

    private void admit(RequestContext scope, RequestUse request, SessionStore.LoadReply reply, boolean moved) {
        Epoch epoch = reply.epoch();
        if (moved) {
            counters.takeovers.increment();
            request.tookOver(epoch, context.ticker().nanos());
        } else if (reply.confirmed()) {
            request.admit(epoch, null);
        } else if (epoch != null && !epoch.hasHolder()) {
            request.admit(epoch, context.rules().withoutHolder(epoch, scope.presented()));
        } else {
            // A load that could only read (Redis takes no writes): the epoch is another's, so a commit must move it.
            request.admit(null, null);
        }
    }
}
