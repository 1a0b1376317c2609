package dev.holdfast.session.outage;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.commit.Commit;
import dev.holdfast.session.commit.CommitResult;
import dev.holdfast.session.commit.ConflictMerger;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestContext;
import dev.holdfast.session.copy.RequestUse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a request whose call to the store failed, and of the copy that it used: nothing else decides that.
 * Where {@code holdfast.outage} is {@code serve}, sessions are served from memory while the store is away, and changes
 * are acknowledged at risk, until they can be saved. While it is there and refuses, or crawls, sessions are read from
 * memory as well, and changes are refused: nothing is at risk but for a store that is away. How the rest is saved is
 * the {@link WriteBacklog}'s.
 *
 * <table>
 * <caption>What is tried, from left to right</caption>
 * <tr><th>what failed</th><th>acknowledge</th><th>keep the copy</th><th>else</th></tr>
 * <tr><td>a look-up</td><td>serve from memory</td><td>-</td><td>unavailable; the copy stays</td></tr>
 * <tr><td>waiting for the lock, to commit</td><td>yes</td><td>yes</td><td>drop, rescued by who has the lock;
 * refuse</td></tr>
 * <tr><td>a commit, without an answer</td><td>yes</td><td>yes, and what it was to save stays unsaved</td><td>drop and
 * rescue; refuse</td></tr>
 * <tr><td>a commit, of an unsettled shard</td><td>no</td><td>yes</td><td>drop and rescue; refuse</td></tr>
 * <tr><td>encoding a value</td><td>no</td><td>no</td><td>drop and rescue; refuse</td></tr>
 * <tr><td>moving the epoch</td><td>no</td><td>stays: nothing of it is unsaved</td><td>refuse</td></tr>
 * <tr><td>an end</td><td>no</td><td>stays, unless it may have been applied</td><td>drop; refuse</td></tr>
 * <tr><td>whatever, and the request is over</td><td>-</td><td>yes</td><td>drop and rescue, if it used the
 * session</td></tr>
 * <tr><td>a saving in the background</td><td>-</td><td>stays, and what it was to save stays unsaved</td><td>tried
 * again</td></tr>
 * </table>
 *
 * <p><b>Implementation note.</b> Invariants. (1) What a refused request has changed is not in a copy that goes on, or a
 * neighbour's commit would make it durable (rule 6): so <em>keep</em> is no for it unless the copy may be all there is
 * of what others were acknowledged; there what was refused is saved with the rest, which 503 allows. (2) What is kept
 * is owed before anybody else has the lock: each method here that is called under the lock of the copy has decided, and
 * done, all of it when it returns or throws. (3) A commit that may have been applied leaves its stamp with the copy
 * that stays, or its own work would look like another node's. What may be read meanwhile is said by {@link
 * OutageReads}. Proved by {@code OutagePolicyTest} and {@code BacklogSaverTest}.
 */
public final class OutagePolicy {
    private final ProtocolContext context;
    private final WriteBacklog backlog;
    private final CopyRescue salvage;
    private final boolean serve;
    private final OutageReads reads;

    public OutagePolicy(ProtocolContext context, WriteBacklog backlog, CopyRescue salvage) {
        this.context = context;
        this.backlog = backlog;
        this.salvage = salvage;
        // Who roams trusts no copy: there is nothing to serve, and the next request goes to another node.
        this.serve = context.options().outage() == SessionOptions.Outage.SERVE
                && !context.options().roaming();
        this.reads = new OutageReads(context, serve);
    }

    // ---- what failed

    /** A look-up failed: the copy in memory, where it may be served without the store. */
    public Lookup afterLookup(RequestContext scope, NearCopy copy, StoreUnavailableException failure) {
        ContainerSession held = reads.serve(scope, copy, failure);
        return held != null ? Lookup.of(held) : Lookup.unavailable(failure);
    }

    /**
     * A request did not get the lock in time, so that it could commit. Returns if it is acknowledged at risk.
     *
     * @param changes what it was to write
     * @throws SessionRefusedException if it is refused
     */
    public void afterQueue(
            RequestContext scope, RequestUse request, ChangeSet changes, StoreUnavailableException busy) {
        if (acknowledge(request, changes, busy)) {
            return;
        }
        if (!keep(request, busy)) {
            salvage.drop(request.copy(), busy);
        }
        throw refuse(scope, request.copy(), busy);
    }

    /**
     * The commit of a request has ended. Under the lock.
     *
     * @return true if its work is in the store, false if it is acknowledged at risk
     * @throws SessionRefusedException if it is refused
     */
    public boolean afterCommit(RequestContext scope, Commit commit, CommitResult result) {
        NearCopy copy = commit.copy();
        switch (result.end()) {
            case SAVED, NOTHING_LEFT -> {
                return true;
            }
            case UNANSWERED -> {
                afterSilence(scope, commit, result.failure());
                return false;
            }
            case UNSETTLED -> {
                StoreUnavailableException failure = result.failure();
                boolean stays = keep(commit.request(), failure);
                throw refuseUnderLock(scope, copy, stays, failure);
            }
            case UNENCODABLE -> throw afterUnencodable(scope, copy, result.cause());
            case CONFLICT -> throw scope.refuse(ConflictMerger.CONFLICT, result.message(), null);
            case GONE, RENAMED, CHANGED, CHANGED_TOO_OFTEN -> throw scope.refuse(result.message(), null);
        }
        throw new IllegalStateException(result.end().name());
    }

    private void afterSilence(RequestContext scope, Commit commit, StoreUnavailableException failure) {
        RequestUse request = commit.request();
        boolean acknowledged = acknowledge(request, commit.changes(), failure);
        boolean stays = acknowledged || keep(request, failure);
        if (stays) {
            commit.staysUnsaved(failure);
        }
        if (!acknowledged) {
            throw refuseUnderLock(scope, commit.copy(), stays, failure);
        }
    }

    /**
     * A saving in the background has ended: whatever came of it, nobody is refused, and what is left is tried again.
     * Under the lock.
     *
     * @throws StoreUnavailableException if the store has not answered
     */
    static BacklogSaver.Saved afterSaving(Commit commit, CommitResult result) {
        switch (result.end()) {
            case SAVED, NOTHING_LEFT -> {
                return BacklogSaver.Saved.YES;
            }
            case UNANSWERED -> {
                commit.staysUnsaved(result.failure());
                throw result.failure();
            }
            case UNSETTLED -> throw result.failure();
            default -> {
                return BacklogSaver.notNow(commit.copy());
            }
        }
    }

    /** A value of the request cannot be encoded, now or ever. With the lock or without. */
    public SessionRefusedException afterUnencodable(RequestContext scope, NearCopy copy, @Nullable Exception cause) {
        salvage.drop(copy, null);
        String why = cause == null ? "" : cause.getMessage();
        return scope.refuse("Session " + copy.id() + " cannot be saved: " + why, cause);
    }

    /** The epoch could not be moved for a request of which nothing is unsaved. */
    public SessionRefusedException afterRenewal(
            RequestContext scope, NearCopy copy, StoreUnavailableException failure) {
        return refuse(scope, copy, failure);
    }

    /** The session could not be ended. Without the lock. */
    public void afterEnd(NearCopy copy, StoreUnavailableException failure) {
        if (failure.maybeApplied()) {
            context.copies().drop(copy); // whether there is a session is to be asked (rule 6)
        }
    }

    /**
     * A request was refused, for whatever reason, and is over: what it left in a copy goes with the copy.
     *
     * @param failure what it was refused for; null if the store is not to blame
     */
    public void afterRefusal(RequestUse request, @Nullable StoreUnavailableException failure) {
        NearCopy copy = request.copy();
        if (keep(request, failure)) {
            return;
        }
        ContainerSession local = copy.local();
        boolean changed = copy.stored().base().equals(StateVersion.NONE)
                || !copy.id().equals(copy.stored().id())
                || (local != null && local.maxInactiveSeconds() != copy.stored().maxInactiveSeconds());
        if (changed || request.usedAny()) {
            salvage.drop(copy, failure);
        }
    }

    /**
     * Whether a copy that owes takes over what a request wants to save of which nobody knows whether it was applied.
     */
    public boolean keepsUnsaved(RequestUse request) {
        return keep(request, null);
    }

    private static SessionRefusedException refuse(
            RequestContext scope, NearCopy copy, StoreUnavailableException cause) {
        return scope.refuse(
                "Session " + copy.id() + " cannot be saved: " + cause.getMessage()
                        + " The response is 503, the change is not acknowledged"
                        + (cause.maybeApplied() ? ", it may or may not be in the store" : "")
                        + (copy.owed().isOwing() ? "." : "; this node dropped its copy."),
                cause);
    }

    /** As {@link #refuse}, and the copy goes unless it is to stay. */
    private SessionRefusedException refuseUnderLock(
            RequestContext scope, NearCopy copy, boolean stays, StoreUnavailableException cause) {
        if (!stays && !context.rules().keepsRefusedWork()) {
            salvage.dropUnderLock(copy, cause);
        }
        return refuse(scope, copy, cause);
    }

    // ---- what is decided

    /**
     * A commit failed, or could not begin: acknowledges the request at risk if that is allowed. It is, if the store is
     * away; and if the request did nothing but read what others were acknowledged before.
     *
     * @param changes what was to be written
     * @return false if the request is to be refused
     */
    private boolean acknowledge(RequestUse request, ChangeSet changes, StoreUnavailableException failure) {
        NearCopy copy = request.copy();
        ContainerSession local = copy.local();
        List<String> used = request.committedFields(context.rules());
        if (!serve || local == null || backlog.isStopped() || copy.trust().isStale() || copy.isIdChanging()) {
            return false;
        }
        if (request.admitted() == null
                || context.rules()
                        .mustRenew(
                                request.answer(),
                                request.admitted(),
                                copy.trust().epoch())) {
            return false;
        }
        boolean away = failure.reason() == StoreUnavailableException.Reason.AWAY;
        if (!away && !copy.owed().isNothingNew(used, changes, local.maxInactiveSeconds())) {
            return false;
        }
        // What was refused is not to become acknowledged because somebody has read it since.
        if (copy.values().hasRefused(used) || !backlog.hasRoomFor(copy) || !backlog.owe(request)) {
            return false;
        }
        copy.acknowledged(used, changes, local.maxInactiveSeconds());
        if (request.acknowledgedAtRisk()) {
            context.counters().atRisk.increment();
        }
        backlog.tellOfRisk();
        return true;
    }

    /**
     * A request is refused. Where the copy owes what others were acknowledged, or the store is away or says nothing,
     * the copy is all there is: it stays, and what the refused request left in it is saved with the rest, which 503
     * allows.
     *
     * @param failure what the request was refused for; null if the store is not to blame
     * @return false if the copy is to be dropped as ever
     */
    private boolean keep(RequestUse request, @Nullable StoreUnavailableException failure) {
        NearCopy copy = request.copy();
        ContainerSession local = copy.local();
        // Where the store lost its data, this copy may be all there is, whatever becomes of requests in an outage.
        boolean lost = failure != null && failure.reason() == StoreUnavailableException.Reason.UNSETTLED;
        if (!(serve || lost) || local == null || !copy.isServing() || copy.isIdChanging()) {
            return false;
        }
        // What was refused before must not become a debt: the store has another state, in whose way it would be.
        List<String> used = request.committedFields(context.rules());
        boolean refusedBefore = copy.values().hasRefused(used);
        if (copy.owed().isOwing()) {
            return refusedBefore || backlog.owe(request);
        }
        if (failure == null
                || !(lost || isLacking(request, failure))
                || copy.stored().base().equals(StateVersion.NONE)) {
            return false;
        }
        try {
            ChangeSet unsaved = ChangeSet.of(copy.values(), local, used, context.codec());
            boolean changed = !unsaved.isEmpty()
                    || local.maxInactiveSeconds() != copy.stored().maxInactiveSeconds();
            return !changed || refusedBefore || backlog.owe(request);
        } catch (UnencodableAttributeException e) {
            return false; // and so would it be for the next request
        }
    }

    /** Whether the store is away, or on the way there: the first that meet its silence do not know yet. */
    private boolean isLacking(RequestUse request, StoreUnavailableException failure) {
        return isLacking(failure) || request.metALack() || context.store().isAway();
    }

    static boolean isLacking(StoreUnavailableException failure) {
        return switch (failure.reason()) {
            case NONE, FOREIGN -> false;
            case UNSETTLED, SILENT, CROWDED, AWAY -> true;
        };
    }

    /**
     * Whether the id of a session can be changed now.
     *
     * @return null if so
     */
    public @Nullable StoreUnavailableException whyNoNewId(NearCopy copy) {
        if (!serve
                || !copy.mayBeStored()
                || !(copy.owed().isOwing() || context.store().isAway())) {
            return null;
        }
        return new StoreUnavailableException(
                "the store is away, or what was changed meanwhile is not saved yet.",
                false,
                StoreUnavailableException.Reason.AWAY,
                null);
    }
}
