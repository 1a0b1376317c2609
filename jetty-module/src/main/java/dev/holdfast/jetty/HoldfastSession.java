package dev.holdfast.jetty;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Fields;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.request.Activations;
import dev.holdfast.session.request.RequestScope;
import dev.holdfast.session.request.SessionEnd;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.session.ManagedSession;
import org.eclipse.jetty.util.thread.AutoLock;
import org.jspecify.annotations.Nullable;

/**
 * Jetty's own session object, which reports what is read and written, and decodes stored values when they are first
 * asked for.
 *
 * <p>All that the Servlet specification asks of a session (listeners, times, validity) is {@link ManagedSession}'s. No
 * clock and no timer of Jetty's ends it: the coordinator asks the store first.
 */
final class HoldfastSession extends ManagedSession implements ContainerSession {
    private static final Logger LOG = System.getLogger(HoldfastSession.class.getName());

    private final HoldfastSessionCache cache;
    private final LiveAttributes live;
    /**
     * Plain values of the container's state that were decoded; what they stand for in Jetty's attributes is made when
     * it is asked for.
     */
    private final Map<String, Object> reserved = new ConcurrentHashMap<>(2);

    private final Activations activations = new Activations();
    private @Nullable SessionAccess copy;
    private final SessionEnd end = new SessionEnd();
    /** Its end is told and its values are taken out, one by one: from now on none comes back. */
    private volatile boolean emptying;

    private HoldfastSession(HoldfastSessionCache cache, LiveAttributes live) {
        super(cache.getSessionManager(), live);
        this.cache = cache;
        this.live = live;
        setResident(true);
        setExtendedId(cache.presentable(live.getId()));
    }

    /** A session that a request creates. */
    static HoldfastSession created(HoldfastSessionCache cache, SessionId id, long nowMillis, long maxInactiveMillis) {
        return new HoldfastSession(cache, new LiveAttributes(id.value(), nowMillis, nowMillis, maxInactiveMillis));
    }

    /** A session that was loaded: valid, not new, and nobody is told that it was created. */
    static HoldfastSession restored(
            HoldfastSessionCache cache,
            SessionId id,
            SessionAccess copy,
            SessionSnapshot snapshot,
            long sinceUseMillis) {
        long used = used(sinceUseMillis);
        LiveAttributes live = new LiveAttributes(id.value(), snapshot.createdMillis(), 0, 0);
        HoldfastSession session = new HoldfastSession(cache, live);
        session._newSession = false;
        session.attach(copy);
        session.take(snapshot, used);
        return session;
    }

    void attach(SessionAccess nearCopy) {
        copy = nearCopy;
    }

    SessionAccess copy() {
        SessionAccess attached = copy;
        if (attached == null) {
            throw new IllegalStateException("This session was not made by Holdfast's cache");
        }
        return attached;
    }

    // ---- attributes

    /** Attributes that Jetty puts there for itself: they stay on this node. */
    private static boolean isLocal(String name) {
        return name.startsWith("org.eclipse.jetty.");
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        checkValid("getAttribute");
        if (!LoginState.fieldsOf(name).isEmpty()) {
            return loginAttribute(name);
        }
        if (isLocal(name)) {
            return live.getAttribute(name);
        }
        copy().noteRead(Fields.attribute(name));
        decode(name);
        Object value = live.getAttribute(name);
        if (value != null) {
            activations.await(name);
        }
        return value;
    }

    /** Puts a stored value into its place, unless there is a live one. */
    private void decode(String name) {
        String field = Fields.attribute(name);
        if (!emptying && live.getAttribute(name) == null && copy().isUndecoded(field)) {
            cache.inApplication(() -> {
                copy().decode(
                                field,
                                value -> activations.publish(name, value, () -> live.putIfAbsent(name, value)),
                                value -> {
                                    live.remove(name, value);
                                    activations.retract(name);
                                });
                activations.tell(name, value -> tellActivated(name, value));
            });
        }
    }

    private void tellActivated(String name, Object value) {
        try {
            getSessionManager().onSessionActivation(new SessionView(this, Map.of(name, value)));
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A listener failed that was told that its session is active", e);
        }
    }

    private void decodeAll() {
        copy().undecodedAttributes().forEach(this::decode);
    }

    @Override
    public @Nullable Object setAttribute(String name, @Nullable Object value) {
        checkValid(value == null ? "removeAttribute" : "setAttribute");
        if (!LoginState.fieldsOf(name).isEmpty()) {
            return setLoginAttribute(name, value);
        }
        if (isLocal(name)) {
            return super.setAttribute(name, value);
        }
        if (value != null) {
            copy().check(name, value);
        }
        decode(name);
        return copy().write(Set.of(Fields.attribute(name)), () -> super.setAttribute(name, value));
    }

    @Override
    public Set<String> getAttributeNameSet() {
        checkValid("getAttributeNames");
        copy().noteReadOfNames();
        // The undecoded ones first: what is decoded in between is in both.
        Set<String> names = copy().undecodedAttributes();
        makeLoginAttributes();
        names.addAll(live.getKeys());
        return names;
    }

    /** Jetty's own message has the whole id in it. */
    private void checkValid(String what) {
        if (isInvalid()) {
            throw invalid(what);
        }
    }

    private IllegalStateException invalid(String what) {
        return new IllegalStateException(what + ": Session " + copy().id() + " has already been invalidated");
    }

    /** Jetty looks once more, and a neighbour may have ended the session in between. */
    @Override
    protected void checkValidForRead() {
        if (_state == State.INVALID) {
            throw invalid("read");
        }
        super.checkValidForRead();
    }

    @Override
    protected void checkValidForWrite() {
        if (_state == State.INVALID) {
            throw invalid("write");
        }
        super.checkValidForWrite();
    }

    /** Unlike !isValid(): while the listeners are told of its end, a session can still be read. */
    private boolean isInvalid() {
        AutoLock lock = _lock.lock();
        try {
            return _state == State.INVALID;
        } finally {
            lock.close();
        }
    }

    @Override
    public long getCreationTime() {
        checkValid("getCreationTime");
        return super.getCreationTime();
    }

    @Override
    public long getLastAccessedTime() {
        checkValid("getLastAccessedTime");
        return super.getLastAccessedTime();
    }

    @Override
    public boolean isNew() {
        checkValid("isNew");
        return super.isNew();
    }

    // ---- login

    /**
     * Jetty's attributes of a login that was stored, and that nobody has asked for by name: listeners look at all of
     * them.
     */
    private void makeLoginAttributes() {
        LoginState.ATTRIBUTES.forEach(this::loginAttribute);
    }

    private @Nullable Object loginAttribute(String name) {
        if (emptying) {
            return live.getAttribute(name);
        }
        for (String field : LoginState.fieldsOf(name)) {
            copy().noteRead(field);
            decodeReserved(field);
        }
        Object value = live.getAttribute(name);
        if (value == null) {
            Request request = currentRequest();
            Object made = LoginState.attribute(name, reserved, request == null ? null : request.getHttpURI());
            if (made != null) {
                live.putIfAbsent(name, made);
                value = live.getAttribute(name);
            }
        }
        return value;
    }

    private void decodeReserved(String field) {
        if (!reserved.containsKey(field) && copy().isUndecoded(field)) {
            cache.inApplication(() -> copy().decode(
                            field,
                            value -> {
                                LoginState.check(field, value);
                                return reserved.putIfAbsent(field, value) == null;
                            },
                            value -> reserved.remove(field, value)));
        }
    }

    private static @Nullable Request currentRequest() {
        RequestScope scope = RequestScope.current();
        return scope != null && scope.owner() instanceof RequestHold hold ? hold.request() : null;
    }

    private @Nullable Object setLoginAttribute(String name, @Nullable Object value) {
        Set<String> siblings = new HashSet<>();
        LoginState.fieldsOf(name).forEach(field -> siblings.addAll(LoginState.attributesOf(field)));
        siblings.forEach(this::loginAttribute); // what they have in common is stored as one
        return copy().write(LoginState.fieldsOf(name), () -> {
            // The plain values first: a listener that looks at an attribute which was taken out must not bring it back.
            Map<String, Object> after = new HashMap<>(live.getAllAttributes());
            if (value == null) {
                after.remove(name);
            } else {
                after.put(name, value);
            }
            storeLogin(LoginState.fieldsOf(name), after);
            return super.setAttribute(name, value);
        });
    }

    private void storeLogin(Iterable<String> fields, Map<String, Object> attributes) {
        for (String field : fields) {
            Object stored = LoginState.stored(field, attributes, getId(), currentRequest(), cache::knownRoles);
            if (stored == null) {
                reserved.remove(field);
            } else {
                reserved.put(field, stored);
            }
        }
    }

    // ---- what the protocol asks

    @Override
    public @Nullable Object value(String field) {
        return field.startsWith(Fields.ATTRIBUTE)
                ? live.getAttribute(field.substring(Fields.ATTRIBUTE.length()))
                : reserved.get(field);
    }

    @Override
    public Set<String> fields() {
        Set<String> fields = new HashSet<>(reserved.keySet());
        for (String name : live.getKeys()) {
            if (!isLocal(name)) {
                fields.add(Fields.attribute(name));
            }
        }
        return fields;
    }

    @Override
    public int maxInactiveSeconds() {
        return getMaxInactiveInterval(); // Jetty has "never" as one millisecond less than none
    }

    @Override
    public long createdMillis() {
        return live.getCreated();
    }

    @Override
    public void refresh(SessionSnapshot snapshot, long sinceUseMillis) {
        long used = used(sinceUseMillis);
        live.removeIf(name -> !isLocal(name) || LoginState.ATTRIBUTES.contains(name));
        reserved.clear();
        take(snapshot, used);
    }

    @Override
    public void merge(Set<String> fields, int maxInactiveSeconds) {
        for (String field : fields) {
            if (field.startsWith(Fields.ATTRIBUTE)) {
                live.remove(field.substring(Fields.ATTRIBUTE.length()));
            } else {
                reserved.remove(field);
                LoginState.attributesOf(field).forEach(live::remove);
            }
        }
        live.setMaxInactiveMs(maxInactiveSeconds * 1000L);
    }

    private void take(SessionSnapshot snapshot, long used) {
        live.setCreated(snapshot.createdMillis());
        live.setMaxInactiveMs(snapshot.maxInactiveSeconds() * 1000L);
        live.setLastAccessed(used);
        live.setAccessed(used);
    }

    @Override
    public void usedElsewhere(long sinceUseMillis) {
        long used = used(sinceUseMillis);
        live.setLastAccessed(Math.max(live.getLastAccessed(), used));
        live.setAccessed(Math.max(live.getAccessed(), used));
    }

    /** By Jetty's clock. */
    private static long used(long sinceUseMillis) {
        return RequestScope.usedAt(System.currentTimeMillis(), sinceUseMillis);
    }

    @Override
    public void forgotten() {
        // Jetty finds sessions through the protocol alone.
    }

    @Override
    public void endedElsewhere() {
        end.heard();
        setState(State.INVALID);
    }

    private void setState(State state) {
        AutoLock lock = _lock.lock();
        try {
            _state = state;
        } finally {
            lock.close();
        }
    }

    @Override
    public void expired() {
        if (end.byStore()) {
            setState(State.VALID); // until its listeners were told
        }
        cache.inApplication(this::end);
    }

    // ---- life

    /**
     * As {@link #isNew}, but answers also if the session has just ended: a neighbour or another node may do that at any
     * time.
     */
    boolean isNewHere() {
        return _newSession;
    }

    /** A request that began then uses it; one that began later may have been faster. */
    void accessed(long beganMillis) {
        access(Math.max(beganMillis, live.getAccessed()));
    }

    /** No clock of Jetty's ends a session: other nodes may have used it. */
    @Override
    public boolean isExpiredAt(long time) {
        return false;
    }

    @Override
    public void renewId(@Nullable Request request, @Nullable Response response) {
        if (response != null && response.isCommitted()) {
            throw new IllegalStateException(
                    "The id of session " + copy().id() + " cannot change: the response has begun");
        }
        checkValid("changeSessionId");
        SessionId before = copy().id();
        SessionId next = before.sibling();
        cache.coordinator().changeId(copy(), next);
        AutoLock lock = _lock.lock();
        try {
            live.setId(next.value());
            setExtendedId(cache.presentable(next.value()));
        } finally {
            lock.close();
        }
        if (reserved.containsKey(Fields.EXPECTED_ID)) {
            copy().write(Fields.EXPECTED_ID, () -> reserved.put(Fields.EXPECTED_ID, next.value()));
        }
        try {
            cache.inApplication(() -> getSessionManager().onSessionIdChanged(this, before.value()));
        } catch (RuntimeException e) {
            // As Jetty does: the browser must hear of the new id all the same.
            LOG.log(Level.WARNING, "A listener failed that was told that its session has another id", e);
        }
        if (request != null && response != null && getSessionManager().isUsingCookies()) {
            Response.putCookie(response, getSessionManager().getSessionCookie(this, request.isSecure()));
        }
    }

    @Override
    public void invalidate() {
        checkValid("invalidate");
        end();
    }

    private void end() {
        if (!isValid()) {
            return;
        }
        if (!end.mayTell(cache.coordinator(), copy())) {
            return;
        }
        decodeAll();
        makeLoginAttributes();
        if (!beginInvalidate()) {
            return;
        }
        try {
            getSessionManager().onSessionDestroyed(this);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A listener failed that was told that its session ends", e);
        } finally {
            emptying = true;
            empty();
        }
    }

    private void empty() {
        try {
            finishInvalidate();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A listener or value failed that was told that its session has ended", e);
        }
    }

    /** Tells the values that are in memory that this node lets go of them. */
    void passivate() {
        Map<String, Object> values = new HashMap<>(live.getAllAttributes());
        try {
            getSessionManager().onSessionPassivation(new SessionView(this, values));
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A listener failed that was told that its session becomes passive", e);
        }
    }

    @Override
    public String toString() {
        SessionAccess near = copy;
        return "HoldfastSession[" + (near == null ? "" : near.id()) + "]";
    }
}
