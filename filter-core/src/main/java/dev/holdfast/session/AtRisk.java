package dev.holdfast.session;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What happens while the store is away where {@code holdfast.outage} is {@code serve}: sessions are served from memory, and changes are
 * acknowledged at risk, until they can be saved. While it is there and refuses, or crawls, sessions are read from memory as well, and changes are
 * refused: nothing is at risk but for a store that is away. How they are saved is the {@link Backlog}'s.
 *
 * <p><b>Implementation note.</b> Served without an answer of the store is only who brings the copy's confirmed epoch: its browser has been
 * nowhere else since. No epoch moves and no mark is told meanwhile, because nobody could be told. Proved by {@code AtRiskTest} and
 * {@code OwedWorkTest}.
 */
final class AtRisk {
    private final Node node;
    private final Backlog backlog;
    private final boolean serve;

    AtRisk(Node node, Backlog backlog) {
        this.node = node;
        this.backlog = backlog;
        // Who roams trusts no copy: there is nothing to serve, and the next request goes to another node.
        this.serve = node.options.outage() == SessionOptions.Outage.SERVE && !node.options.roaming();
    }

    /**
     * Serves a request whose look-up failed, from the copy in memory. Why it failed makes no difference to what may be read: a store that
     * refuses this node (its disk is full, replicas are missing, the password is another), that crawls, or that cannot be reached, tells it
     * as little of other nodes as one that is away. What may be <em>changed</em> is another matter, see {@link #acknowledge}.
     *
     * <p>P5, and why its 2 seconds do not hold here: an end is told by the ended log, and the question about it is refused like the load. A
     * store that refuses <em>everybody's</em> changes takes no end either, so none is missed but one of the moment before. One that refuses
     * this node alone (its rights, its password, an address that leads to a replica), or does not answer it, may take ends from others: then
     * a browser that was logged out elsewhere, and comes back here with its old cookies, is served until max inactive has passed since the
     * last use that the store acknowledged. That is the limit of {@code serve}, the same as for a node that is cut off. Who cannot accept it
     * sets {@code refuse}: then nothing is served beyond rule 1, which lasts for those 2 seconds.
     *
     * @return null if it may not be served
     */
    @Nullable
    LocalSession serve(RequestScope scope, NearCopy copy, StoreUnavailableException failure) {
        LocalSession local = copy.local();
        // What the store has and this node cannot read may be newer. Of a session that owes, nothing was read yet.
        boolean other = failure.lack() == StoreUnavailableException.Lack.FOREIGN
                && !copy.owed().isOwing();
        if (!serve
                || local == null
                || other
                || mayHaveEnded(copy, failure)
                || !copy.mayServeWithoutStore(scope.presented(), node.ticker.nanos())) {
            return null;
        }
        RequestSession request = new RequestSession(copy, scope.began());
        request.admit(scope.presented(), null);
        request.servedWithoutStore(isLacking(failure) || copy.owed().isOwing());
        if (!copy.open(request)) {
            return null;
        }
        scope.add(request);
        node.counters.outageReads.increment();
        return local;
    }

    /**
     * Whether the session's end was heard of, or would not have been: a store that is there and only unsettled is asked for the ends that
     * others tell it again, and P5 counts its two seconds. Without any answer there is no such limit.
     */
    private boolean mayHaveEnded(NearCopy copy, StoreUnavailableException failure) {
        SessionId id = copy.storedId();
        return node.tombstones.contains(id)
                || (failure.lack() == StoreUnavailableException.Lack.UNSETTLED && !node.ended.hearsOfEnds(id.shard()));
    }

    /**
     * A commit failed, or could not begin: acknowledges the request at risk if that is allowed. It is, if the store is away; and if the
     * request did nothing but read what others were acknowledged before.
     *
     * @param changes what was to be written
     * @return false if the request is to be refused
     */
    boolean acknowledge(RequestSession request, Changes changes, StoreUnavailableException failure) {
        NearCopy copy = request.copy();
        LocalSession local = copy.local();
        Set<String> used = request.committedFields(node.rules);
        if (!serve || local == null || backlog.isStopped() || copy.trust().isStale() || isIdChanging(copy)) {
            return false;
        }
        if (request.admitted() == null || node.rules.mustRenew(request.answer(), request.admitted(), copy.epoch())) {
            return false;
        }
        boolean away = failure.lack() == StoreUnavailableException.Lack.AWAY;
        if (!away && !copy.owed().isNothingNew(used, changes, local.maxInactiveSeconds())) {
            return false;
        }
        // What was refused is not to become acknowledged because somebody has read it since.
        if (copy.values().hasRefused(used) || !backlog.hasRoomFor(copy) || !backlog.owe(request)) {
            return false;
        }
        copy.owed().acknowledged(used, changes, local.maxInactiveSeconds());
        if (request.acknowledgedAtRisk()) {
            node.counters.atRisk.increment();
        }
        backlog.tellOfRisk();
        return true;
    }

    /**
     * A request is refused. Where the copy owes what others were acknowledged, or the store is away or says nothing, the copy is all there
     * is: it stays, and what the refused request left in it is saved with the rest, which 503 allows.
     *
     * @param failure what the request was refused for; null if the store is not to blame
     * @return false if the copy is to be dropped as ever
     */
    boolean keep(RequestSession request, @Nullable StoreUnavailableException failure) {
        NearCopy copy = request.copy();
        LocalSession local = copy.local();
        // Where the store lost its data, this copy may be all there is, whatever becomes of requests in an outage.
        boolean lost = failure != null && failure.lack() == StoreUnavailableException.Lack.UNSETTLED;
        if (!(serve || lost) || local == null || !copy.isServing() || isIdChanging(copy)) {
            return false;
        }
        // What was refused before must not become a debt: the store has another state, in whose way it would be.
        boolean refusedBefore = copy.values().hasRefused(request.committedFields(node.rules));
        if (copy.owed().isOwing()) {
            return refusedBefore || backlog.owe(request);
        }
        if (failure == null
                || !(lost || isLacking(request, failure))
                || copy.base().equals(Base.NONE)) {
            return false;
        }
        try {
            boolean changed = !Changes.of(copy, local, request.committedFields(node.rules), node.codec)
                            .isEmpty()
                    || local.maxInactiveSeconds() != copy.savedMaxInactive();
            return !changed || refusedBefore || backlog.owe(request);
        } catch (UnencodableAttributeException e) {
            return false; // and so would it be for the next request
        }
    }

    /** Whether the store is away, or on the way there: the first that meet its silence do not know yet. */
    private boolean isLacking(RequestSession request, StoreUnavailableException failure) {
        return isLacking(failure) || request.metALack() || node.store.isAway();
    }

    private static boolean isLacking(StoreUnavailableException failure) {
        return switch (failure.lack()) {
            case NONE, FOREIGN -> false;
            case UNSETTLED, SILENT, CROWDED, AWAY -> true;
        };
    }

    /** The store knows the session by another id than the application: neither it nor other nodes could be told. */
    private static boolean isIdChanging(NearCopy copy) {
        return !copy.id().equals(copy.storedId()) && copy.mayBeStored();
    }

    /**
     * Whether the id of a session can be changed now.
     *
     * @return null if so
     */
    @Nullable
    StoreUnavailableException whyNoNewId(NearCopy copy) {
        if (!serve || !copy.mayBeStored() || !(copy.owed().isOwing() || node.store.isAway())) {
            return null;
        }
        return new StoreUnavailableException(
                "the store is away, or what was changed meanwhile is not saved yet.",
                false,
                StoreUnavailableException.Lack.AWAY,
                null);
    }
}
