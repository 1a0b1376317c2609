package dev.holdfast.jetty;

import dev.holdfast.session.SessionId;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.session.HouseKeeper;
import org.eclipse.jetty.session.SessionIdManager;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * The ids of one application's sessions: Holdfast's own, without Jetty's worker name, and known to no other context of
 * the server.
 *
 * <p>Jetty's own one serves all contexts of a server, renews an id by a delete and a store, and looks for idle
 * sessions; here the protocol does all of that.
 */
final class HoldfastIdManager extends AbstractLifeCycle implements SessionIdManager {
    private final HoldfastSessionCache cache;

    HoldfastIdManager(HoldfastSessionCache cache) {
        this.cache = cache;
    }

    @Override
    public boolean isIdInUse(String id) {
        return false; // ids are drawn of 128 random bits
    }

    @Override
    public void expireAll(String id) {
        // A session ends where it ends: no other context of this server has one of its id.
    }

    @Override
    public void invalidateAll(String id) {
        // As with expireAll.
    }

    /** An id that a client chose is never taken. */
    @Override
    public String newSessionId(@Nullable Request request, @Nullable String requestedId, long created) {
        cache.creatingFor(request);
        return SessionId.random().value();
    }

    /** A route is added where browsers are told of an id, and is no part of it. */
    @Override
    public String getWorkerName() {
        return "";
    }

    @Override
    public String getId(String qualifiedId) {
        SessionId id = SessionId.parsePresented(qualifiedId);
        return id == null ? qualifiedId : id.value();
    }

    @Override
    public String getExtendedId(String id, @Nullable Request request) {
        return cache.presentable(id);
    }

    @Override
    public String renewSessionId(String oldId, String oldExtendedId, Request request) {
        throw new IllegalStateException("A session of Holdfast renews its id itself");
    }

    @Override
    public void scavenge() {
        // The store knows which sessions are idle.
    }

    @Override
    public void setSessionHouseKeeper(HouseKeeper houseKeeper) {
        // None is used.
    }

    @Override
    public @Nullable HouseKeeper getSessionHouseKeeper() {
        return null;
    }
}
