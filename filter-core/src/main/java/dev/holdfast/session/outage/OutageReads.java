package dev.holdfast.session.outage;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestContext;
import dev.holdfast.session.copy.RequestUse;
import dev.holdfast.session.copy.StoredState;
import org.jspecify.annotations.Nullable;

/**
 * Which copies are read while the store does not answer, or refuses: the part of {@link OutagePolicy} for look-ups.
 *
 * <p><b>Implementation note.</b> Invariant: served without an answer of the store is only who brings the copy's
 * confirmed epoch: its browser has been nowhere else since. No epoch moves and no mark is told meanwhile, because
 * nobody could be told.
 */
final class OutageReads {
    private final ProtocolContext context;
    private final boolean serve;

    /** @param serve whether anything may be served at all */
    OutageReads(ProtocolContext context, boolean serve) {
        this.context = context;
        this.serve = serve;
    }

    /**
     * Serves a request whose look-up failed, from the copy in memory. Why it failed makes no difference to what may be
     * read: a store that refuses this node (its disk is full, replicas are missing, the password is another), that
     * crawls, or that cannot be reached, tells it as little of other nodes as one that is away. What may be
     * <em>changed</em> is another matter, see {@link OutagePolicy}.
     *
     * <p>P5, and why its 2 seconds do not hold here: an end is told by the ended log, and the question about it is
     * refused like the load. A store that refuses <em>everybody's</em> changes takes no end either, so none is missed
     * but one of the moment before. One that refuses this node alone (its rights, its password, an address that leads
     * to a replica), or does not answer it, may take ends from others: then a browser that was logged out elsewhere,
     * and comes back here with its old cookies, is served until max inactive has passed since the last use that the
     * store acknowledged. That is the limit of {@code serve}, the same as for a node that is cut off. Who cannot accept
     * it sets {@code refuse}: then nothing is served beyond rule 1, which lasts for those 2 seconds.
     *
     * @return null if it may not be served
     */
    @Nullable
    ContainerSession serve(RequestContext scope, NearCopy copy, StoreUnavailableException failure) {
        ContainerSession local = copy.local();
        // What the store has and this node cannot read may be newer. Of a session that owes, nothing was read yet.
        boolean other = failure.reason() == StoreUnavailableException.Reason.FOREIGN
                && !copy.owed().isOwing();
        if (!serve
                || local == null
                || other
                || mayHaveEnded(copy, failure)
                || !isCovered(copy, local, scope.presented())) {
            return null;
        }
        RequestUse request = new RequestUse(copy, scope.began());
        request.admit(scope.presented(), null);
        request.servedWithoutStore(
                OutagePolicy.isLacking(failure) || copy.owed().isOwing());
        if (!copy.open(request)) {
            return null;
        }
        scope.add(request);
        context.counters().outageReads.increment();
        return local;
    }

    /**
     * Whether the session's end was heard of, or would not have been: a store that is there and only unsettled is asked
     * for the ends that others tell it again, and P5 counts its two seconds. Without any answer there is no such limit.
     */
    private boolean mayHaveEnded(NearCopy copy, StoreUnavailableException failure) {
        SessionId id = copy.stored().id();
        return context.tombstones().contains(id)
                || (failure.reason() == StoreUnavailableException.Reason.UNSETTLED
                        && !context.ended().hearsOfEnds(id.shard()));
    }

    /** Whether its browser was here last, and the session lives, by all that this node knows. */
    private boolean isCovered(NearCopy copy, ContainerSession local, @Nullable Epoch presented) {
        if (!copy.isServing() || !copy.trust().coversWithoutStore(presented)) {
            return false;
        }
        // The store ends it by the timeout that it knows; the application may have set a shorter one since.
        long now = context.ticker().nanos();
        StoredState stored = copy.stored();
        return isWithin(local.maxInactiveSeconds(), now - copy.admission().lastUse())
                && (stored.base().equals(StateVersion.NONE)
                        || isWithin(
                                stored.maxInactiveSeconds(), now - copy.trust().acknowledgedUse()));
    }

    private static boolean isWithin(long maxInactiveSeconds, long ageNanos) {
        return maxInactiveSeconds <= 0 || ageNanos <= maxInactiveSeconds * 1_000_000_000L;
    }
}
