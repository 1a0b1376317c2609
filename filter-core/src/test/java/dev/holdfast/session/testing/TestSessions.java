package dev.holdfast.session.testing;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.ContainerSessions;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The container of one node, as small as it can be. */
public final class TestSessions implements ContainerSessions {
    private final List<TestSession> expired = new CopyOnWriteArrayList<>();

    private final Map<SessionId, RuntimeException> failing = new ConcurrentHashMap<>();

    private volatile Runnable onExpired = () -> {};

    /** What each session that was not held here runs when its end is told. */
    public void onExpired(Runnable action) {
        onExpired = action;
    }

    /** The next time that no object can be made for the end of this session. */
    public void failToRestoreExpired(SessionId id, RuntimeException failure) {
        failing.put(id, failure);
    }

    @Override
    public ContainerSession restore(SessionId id, SessionAccess access, SessionSnapshot snapshot, long sinceUseMillis) {
        TestSession session = new TestSession();
        session.setMaxInactive(snapshot.maxInactiveSeconds());
        session.attach(access);
        return session;
    }

    @Override
    public ContainerSession restoreExpired(
            SessionId id, SessionAccess access, SessionSnapshot snapshot, long sinceUseMillis) {
        RuntimeException failure = failing.remove(id);
        if (failure != null) {
            throw failure;
        }
        TestSession session = (TestSession) restore(id, access, snapshot, sinceUseMillis);
        session.onExpired(onExpired);
        expired.add(session);
        return session;
    }

    /** What the listeners of this node were told of sessions that it did not hold. */
    public List<String> told() {
        List<String> all = new ArrayList<>();
        expired.forEach(session -> all.addAll(session.events()));
        return all;
    }
}
