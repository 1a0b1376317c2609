package dev.holdfast.jetty;

import java.util.Set;
import org.eclipse.jetty.session.ManagedSession;
import org.eclipse.jetty.session.SessionCache;
import org.eclipse.jetty.session.SessionData;
import org.eclipse.jetty.session.SessionDataStore;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * A session cache that does nothing at moments of Jetty's own: it has no data store, evicts and expires nothing by
 * Jetty's timers, and the settings of Jetty's own caches change nothing.
 */
abstract class PassiveSessionCache extends AbstractLifeCycle implements SessionCache {
    // ---- what Jetty would do, and what it asks for other contexts of the server

    @Override
    public ManagedSession newSession(SessionData data) {
        throw new IllegalStateException("A stored session of Holdfast is restored by its coordinator");
    }

    @Override
    public void add(String id, ManagedSession session) {
        // Known since it was made.
    }

    @Override
    public void commit(ManagedSession session) {
        // CommitStream has it, before and with a way to refuse.
    }

    @Override
    public void release(ManagedSession session) {
        // The scope of the request ends with its stream.
    }

    /** Asked for the ids of other contexts' sessions only: none of them is one of this application. */
    @Override
    public boolean exists(String id) {
        return false;
    }

    /** As {@link #exists}: sessions of this application end by themselves. */
    @Override
    public @Nullable ManagedSession delete(String id) {
        return null;
    }

    /** As {@link #exists}: sessions of this application change their id by themselves. */
    @Override
    public @Nullable ManagedSession renewSessionId(
            String oldId, String newId, String oldExtendedId, String newExtendedId) {
        return null;
    }

    @Override
    public Set<String> checkExpiration(Set<String> candidates) {
        return Set.of();
    }

    @Override
    public void checkInactiveSession(ManagedSession session) {
        // Copies are forgotten by the coordinator.
    }

    @Override
    public void setSessionDataStore(SessionDataStore store) {
        // The store is the coordinator's.
    }

    @Override
    public @Nullable SessionDataStore getSessionDataStore() {
        return null;
    }

    // ---- settings, none of which means anything here, so each is answered with what is done

    @Override
    public void setEvictionPolicy(int policy) {}

    @Override
    public int getEvictionPolicy() {
        return NEVER_EVICT;
    }

    @Override
    public void setSaveOnInactiveEviction(boolean saveOnEvict) {}

    @Override
    public boolean isSaveOnInactiveEviction() {
        return false;
    }

    @Override
    public void setSaveOnCreate(boolean saveOnCreate) {}

    @Override
    public boolean isSaveOnCreate() {
        return false;
    }

    @Override
    public void setRemoveUnloadableSessions(boolean removeUnloadableSessions) {}

    @Override
    public boolean isRemoveUnloadableSessions() {
        return false;
    }

    @Override
    public void setFlushOnResponseCommit(boolean flushOnResponse) {}

    @Override
    public boolean isFlushOnResponseCommit() {
        return true;
    }

    @Override
    public void setInvalidateOnShutdown(boolean invalidateOnShutdown) {}

    @Override
    public boolean isInvalidateOnShutdown() {
        return false;
    }
}
