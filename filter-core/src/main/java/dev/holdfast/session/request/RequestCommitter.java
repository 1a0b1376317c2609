package dev.holdfast.session.request;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.commit.ChangeFinder;
import dev.holdfast.session.commit.Commit;
import dev.holdfast.session.commit.CommitResult;
import dev.holdfast.session.commit.CommitServices;
import dev.holdfast.session.commit.ConflictMerger;
import dev.holdfast.session.commit.EpochRenewal;
import dev.holdfast.session.commit.Initiator;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestContext;
import dev.holdfast.session.copy.RequestUse;
import dev.holdfast.session.copy.Rules;
import dev.holdfast.session.outage.CopyRescue;
import dev.holdfast.session.outage.OutagePolicy;
import java.util.concurrent.Semaphore;

/**
 * What a request must have in the store before it answers (rule 4 of the protocol).
 *
 * <p><b>Implementation note.</b> Whether there is anything to write is found out without the lock. A neighbour's commit
 * that is under way meanwhile may carry some of it, or replace what a value was compared with: then it is found out
 * again with the lock.
 */
final class RequestCommitter {
    private final CommitServices commits;
    private final ProtocolContext context;
    private final OutagePolicy outage;
    private final CopyRescue salvage;
    private final Rules rules;
    private final ConflictMerger merging;
    private final EpochRenewal renewal;
    private final RequestReport report;

    RequestCommitter(CommitServices commits, ConflictMerger merging, OutagePolicy outage, CopyRescue salvage) {
        this.commits = commits;
        this.outage = outage;
        this.salvage = salvage;
        this.context = commits.context();
        this.rules = context.rules();
        this.merging = merging;
        this.renewal = new EpochRenewal(context, merging);
        this.report = new RequestReport(context.options(), context.log());
    }

    /** @return whether anything was written */
    boolean save(RequestContext scope, RequestUse request, boolean renew) {
        NearCopy copy = request.copy();
        ContainerSession local = copy.local();
        if (copy.admission().endedFor(request) || local == null) {
            return false; // nothing of it is to be kept
        }
        request.saveBegins();
        boolean written = false;
        if (copy.isServing()) {
            long cleaned = copy.window().cleaned();
            StateVersion seen = copy.stored().base();
            ChangeSet changes = changes(scope, request, local);
            report.look(scope, request, local, changes);
            if (ChangeFinder.needsCommit(copy, local, changes)
                    || (renew && mustRenew(request))
                    || !copy.tryClean(changes, seen)) {
                written = saveUnderLock(scope, request, local, seen, cleaned, changes, renew);
            }
        }
        if (!copy.isServing() && !copy.admission().endedFor(request)) {
            saveOrphan(scope, request, local);
        }
        request.saved();
        return written;
    }

    private boolean saveUnderLock(
            RequestContext scope,
            RequestUse request,
            ContainerSession local,
            StateVersion seen,
            long cleaned,
            ChangeSet changes,
            boolean renew) {
        NearCopy copy = request.copy();
        if (!acquire(request, scope.budget())) {
            outage.afterQueue(scope, request, changes, context.busy(copy.id(), scope.budget()));
            return false;
        }
        try {
            if (!copy.isServing()) {
                return false;
            }
            // A neighbour's commit in between may have carried some of this, and has moved the base; or a neighbour has
            // set a value back, and found nothing to write.
            boolean stands =
                    copy.window().open() == cleaned && copy.stored().base().equals(seen);
            ChangeSet now = stands ? changes : changes(scope, request, local);
            copy.window().writes(now);
            if (ChangeFinder.needsCommit(copy, local, now)) {
                Commit commit = new Commit(commits, merging, Initiator.REQUEST, scope.budget(), request, local, now);
                CommitResult result = commit.run();
                boolean stored = outage.afterCommit(scope, commit, result);
                if (stored) {
                    request.did(RequestUse.Step.SAVED);
                }
                if (result.end() == CommitResult.End.NOTHING_LEFT) {
                    // What it wanted to write is there, by another node: the answer must not leave its browser with an
                    // epoch under which a third node still has less.
                    renew(scope, request, local);
                }
                requireKept(scope, copy, commit.changes());
                return stored;
            }
            copy.clean(now);
            requireKept(scope, copy, now);
            if (renew && mustRenew(request)) {
                renew(scope, request, local);
            }
            return false;
        } finally {
            copy.window().close();
            salvage.release(copy);
        }
    }

    /** Who holds the lock does not wait for this one to change anything meanwhile. */
    private boolean acquire(RequestUse request, WaitBudget budget) {
        Semaphore lock = request.copy().lock;
        if (lock.tryAcquire()) {
            return true; // as mostly: nobody is to be told of a wait
        }
        request.beginWaiting();
        try {
            return context.acquire(lock, budget);
        } finally {
            request.endWaiting();
        }
    }

    /** What stays on this node is kept by a copy that serves: another one has taken its place, without it. */
    private static void requireKept(RequestContext scope, NearCopy copy, ChangeSet saved) {
        if (saved.setsLocals() && !copy.isServing() && !copy.isOver()) {
            throw scope.refuse(
                    "Session " + copy.id() + " was taken over while this request was setting what stays on this node;"
                            + " that is not kept. The client may try again.",
                    null);
        }
    }

    private ChangeSet changes(RequestContext scope, RequestUse request, ContainerSession local) {
        try {
            return commits.unsaved().of(Initiator.REQUEST, request, local, scope.budget());
        } catch (UnencodableAttributeException e) {
            throw outage.afterUnencodable(scope, request.copy(), e);
        }
    }

    private void renew(RequestContext scope, RequestUse request, ContainerSession local) {
        SessionSnapshot older;
        try {
            older = renewal.move(request, local, scope.budget());
        } catch (StoreUnavailableException e) {
            throw outage.afterRenewal(scope, request.copy(), e);
        }
        if (older != null) {
            resend(scope, request, local, older);
        }
    }

    /**
     * Rule 7: sends the copy to a store that has an older state of it. Under its lock.
     *
     * @throws SessionRefusedException if that cannot be done
     */
    void resend(RequestContext scope, RequestUse request, ContainerSession local, SessionSnapshot older) {
        Commit commit =
                new Commit(commits, merging, Initiator.REQUEST, scope.budget(), request, local, ChangeSet.none());
        try {
            outage.afterCommit(scope, commit, commit.resend(older));
        } finally {
            request.copy().window().close();
        }
    }

    private boolean mustRenew(RequestUse request) {
        return rules.mustRenew(
                request.answer(), request.admitted(), request.copy().trust().epoch());
    }

    /**
     * The copy was dropped, or ended with what others wrote, while this request was inside: it is refused unless all it
     * did, and all it saw, is in the store.
     */
    private void saveOrphan(RequestContext scope, RequestUse request, ContainerSession local) {
        NearCopy copy = request.copy();
        ChangeSet changes = changes(scope, request, local);
        // What it has set of what stays on this node, the next copy knows nothing of.
        if (rules.isDoomed(ChangeFinder.needsCommit(copy, local, changes) || changes.setsLocals())) {
            throw scope.refuse(
                    "Session " + copy.id()
                            + " was taken over, changed elsewhere or ended while this request was changing it; "
                            + "the change is not kept. The client may try again.",
                    null);
        }
        if (request.answer() == null && !copy.admission().isEnded()) {
            renew(scope, request, local);
        }
    }
}
