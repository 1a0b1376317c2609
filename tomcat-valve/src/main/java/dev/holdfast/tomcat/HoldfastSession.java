package dev.holdfast.tomcat;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Fields;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.request.Activations;
import dev.holdfast.session.request.RequestScope;
import dev.holdfast.session.request.SessionEnd;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionEvent;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.Principal;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.catalina.authenticator.Constants;
import org.apache.catalina.authenticator.SavedRequest;
import org.apache.catalina.session.StandardSession;
import org.apache.tomcat.util.ExceptionUtils;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's own session object, which reports what is read and written, and decodes stored values when they are first
 * asked for.
 *
 * <p>All that the Servlet specification asks of a session (listeners, times, validity) is {@link StandardSession}'s.
 * The local clock never ends it: {@link #isValid} does not, the coordinator asks the store first.
 */
final class HoldfastSession extends StandardSession implements ContainerSession {
    private static final long serialVersionUID = 1L;

    private final transient HoldfastManager holdfast;
    private transient @Nullable SessionAccess copy;
    private final transient SessionEnd end = new SessionEnd();
    private final transient Activations activations = new Activations();

    HoldfastSession(HoldfastManager manager) {
        super(manager);
        this.holdfast = manager;
    }

    void attach(SessionAccess nearCopy) {
        copy = nearCopy;
    }

    SessionAccess copy() {
        SessionAccess attached = copy;
        if (attached == null) {
            throw new IllegalStateException(
                    "This session was not created by its manager's createSession or findSession");
        }
        return attached;
    }

    // ---- id

    String plainId() {
        return id;
    }

    /**
     * What Tomcat writes into the session cookie and into URLs: with {@code affinity=suffix} it ends with the route.
     * Applications get {@link #getId}.
     */
    @Override
    public String getIdInternal() {
        return id == null ? super.getIdInternal() : holdfast.presentable(id);
    }

    @Override
    public void tellChangedSessionId(
            String newId, String oldId, boolean notifySessionListeners, boolean notifyContainerListeners) {
        SessionId old = SessionId.parsePresented(oldId);
        super.tellChangedSessionId(
                newId, old == null ? oldId : old.value(), notifySessionListeners, notifyContainerListeners);
    }

    // ---- attributes

    /** What Tomcat's filters against forged requests compare the next request with, wherever that goes. */
    private static final Set<String> TRAVELLING =
            Set.of("org.apache.catalina.filters.CSRF_NONCE", "org.apache.catalina.filters.CSRF_REST_NONCE");

    /** Attributes that Tomcat puts there for itself (a WebSocket's listener): they stay on this node. */
    static boolean isLocal(String name) {
        return (name.startsWith("org.apache.tomcat.") || name.startsWith("org.apache.catalina."))
                && !TRAVELLING.contains(name);
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        if (name != null && isValidInternal() && !isLocal(name)) {
            copy().noteRead(Fields.attribute(name));
            decode(name);
            Object value = super.getAttribute(name);
            if (value instanceof HttpSessionActivationListener) {
                activations.await(name);
            }
            return value;
        }
        return super.getAttribute(name);
    }

    /** Puts a stored value into its place, unless there is a live one. */
    private void decode(String name) {
        String field = Fields.attribute(name);
        if (!attributes.containsKey(name) && copy().isUndecoded(field)) {
            holdfast.inApplication(() -> {
                copy().decode(field, value -> publish(name, value), value -> retract(name, value));
                activations.tell(name, this::tellActivated);
                return null;
            });
        }
    }

    private boolean publish(String name, Object value) {
        return value instanceof HttpSessionActivationListener
                ? activations.publish(name, value, () -> attributes.putIfAbsent(name, value) == null)
                : attributes.putIfAbsent(name, value) == null;
    }

    private void retract(String name, Object value) {
        attributes.remove(name, value);
        activations.retract(name);
    }

    private void tellActivated(Object value) {
        try {
            ((HttpSessionActivationListener) value).sessionDidActivate(new HttpSessionEvent(getSession()));
        } catch (Throwable t) {
            ExceptionUtils.handleThrowable(t);
            manager.getContext().getLogger().error(sm.getString("standardSession.attributeEvent"), t);
        }
    }

    private void decode(String field, Predicate<Object> publish, Consumer<Object> retract) {
        holdfast.inApplication(() -> {
            copy().decode(field, publish, retract);
            return null;
        });
    }

    private void decodeAll() {
        copy().undecodedAttributes().forEach(this::decode);
    }

    @Override
    public void setAttribute(String name, @Nullable Object value, boolean notify) {
        if (name == null || value == null || isLocal(name)) {
            super.setAttribute(name, value, notify);
            return;
        }
        if (!isValidInternal()) {
            // Tomcat's own message has the whole id in it.
            throw new IllegalStateException("setAttribute: Session " + copy().id() + " has already been invalidated");
        }
        copy().check(name, value);
        decode(name);
        copy().write(Fields.attribute(name), () -> super.setAttribute(name, value, notify));
    }

    /** The codec decides, before Tomcat asks: it stores records that are not Serializable, too. */
    @Override
    public boolean isAttributeDistributable(String name, Object value) {
        return true;
    }

    @Override
    protected void removeAttributeInternal(String name, boolean notify) {
        if (name == null || isLocal(name)) {
            super.removeAttributeInternal(name, notify);
            return;
        }
        decode(name);
        copy().write(Fields.attribute(name), () -> super.removeAttributeInternal(name, notify));
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        if (isValidInternal()) {
            copy().noteReadOfNames();
        }
        // The undecoded ones first: what is decoded in between is in both.
        Set<String> names = copy().undecodedAttributes();
        names.addAll(Collections.list(super.getAttributeNames()));
        return Collections.enumeration(names);
    }

    @Override
    protected String[] keys() {
        Set<String> names = copy().undecodedAttributes();
        names.addAll(attributes.keySet());
        return names.toArray(EMPTY_ARRAY);
    }

    // ---- login

    @Override
    public @Nullable Principal getPrincipal() {
        if (copy != null) {
            copy().noteRead(Fields.PRINCIPAL);
            if (principal == null && copy().isUndecoded(Fields.PRINCIPAL)) {
                decode(
                        Fields.PRINCIPAL,
                        stored -> {
                            super.setPrincipal(LoginState.toPrincipal(stored));
                            return true;
                        },
                        stored -> super.setPrincipal(null));
            }
        }
        return super.getPrincipal();
    }

    @Override
    public void setPrincipal(@Nullable Principal principal) {
        if (copy != null && principal != null && LoginState.ofPrincipal(principal) == null) {
            holdfast.warnUnknownPrincipal(principal);
        }
        write(Fields.PRINCIPAL, () -> super.setPrincipal(principal));
    }

    @Override
    public @Nullable String getAuthType() {
        if (copy != null) {
            copy().noteRead(Fields.AUTH_TYPE);
            if (authType == null && copy().isUndecoded(Fields.AUTH_TYPE)) {
                decode(
                        Fields.AUTH_TYPE,
                        stored -> {
                            super.setAuthType(LoginState.toText(stored));
                            return true;
                        },
                        stored -> super.setAuthType(null));
            }
        }
        return super.getAuthType();
    }

    @Override
    public void setAuthType(@Nullable String authType) {
        write(Fields.AUTH_TYPE, () -> super.setAuthType(authType));
    }

    /** The reserved field of a note that must survive the node; null for all other notes, passwords above all. */
    private static @Nullable String reserved(String note) {
        return switch (note) {
            case Constants.FORM_REQUEST_NOTE -> Fields.SAVED_REQUEST;
            case Constants.SESSION_ID_NOTE -> Fields.EXPECTED_ID;
            default -> null;
        };
    }

    @Override
    public @Nullable Object getNote(String name) {
        String field = reserved(name);
        if (field != null && copy != null) {
            copy().noteRead(field);
            if (!notes.containsKey(name) && copy().isUndecoded(field)) {
                decode(
                        field,
                        stored -> {
                            Object note = field.equals(Fields.SAVED_REQUEST)
                                    ? LoginState.toRequest(stored)
                                    : LoginState.toText(stored);
                            return notes.putIfAbsent(name, note) == null;
                        },
                        stored -> notes.remove(name));
            }
        }
        return super.getNote(name);
    }

    @Override
    public void setNote(String name, Object value) {
        // Tomcat compares it with the id that a request came with, which has no route any more.
        Object kept = Constants.SESSION_ID_NOTE.equals(name) && getIdInternal().equals(value) ? plainId() : value;
        write(reserved(name), () -> super.setNote(name, kept));
    }

    @Override
    public void removeNote(String name) {
        write(reserved(name), () -> super.removeNote(name));
    }

    /** @param field null for what stays on this node */
    private void write(@Nullable String field, Runnable change) {
        if (field == null || copy == null) {
            change.run();
        } else {
            copy().write(field, change);
        }
    }

    // ---- what operators see: nothing is decoded for them, and nothing counts as read

    Set<String> shownNames() {
        return Set.of(keys());
    }

    /** Known here as soon as somebody has asked for the user on this node. */
    @Nullable
    Principal shownPrincipal() {
        return principal;
    }

    @Nullable
    String shownAuthType() {
        return authType;
    }

    // ---- what the protocol asks

    @Override
    public @Nullable Object value(String field) {
        if (field.startsWith(Fields.ATTRIBUTE)) {
            return attributes.get(field.substring(Fields.ATTRIBUTE.length()));
        }
        return switch (field) {
            case Fields.PRINCIPAL -> principal == null ? null : LoginState.ofPrincipal(principal);
            case Fields.AUTH_TYPE -> authType;
            case Fields.SAVED_REQUEST ->
                notes.get(Constants.FORM_REQUEST_NOTE) instanceof SavedRequest saved
                        ? LoginState.ofRequest(saved)
                        : null;
            case Fields.EXPECTED_ID -> notes.get(Constants.SESSION_ID_NOTE);
            default -> null;
        };
    }

    @Override
    public Set<String> fields() {
        Set<String> fields = new HashSet<>();
        for (String name : attributes.keySet()) {
            if (!isLocal(name)) {
                fields.add(Fields.attribute(name));
            }
        }
        for (String reserved :
                new String[] {Fields.PRINCIPAL, Fields.AUTH_TYPE, Fields.SAVED_REQUEST, Fields.EXPECTED_ID}) {
            if (value(reserved) != null) {
                fields.add(reserved);
            }
        }
        return fields;
    }

    @Override
    public int maxInactiveSeconds() {
        return maxInactiveInterval;
    }

    @Override
    public long createdMillis() {
        return creationTime;
    }

    /** A session that was loaded: valid, not new, and nobody is told that it was created. */
    void restore(SessionSnapshot snapshot, long used) {
        id = copy().id().value();
        isNew = false;
        isValid = true;
        take(snapshot, used);
    }

    @Override
    public void refresh(SessionSnapshot snapshot, long sinceUseMillis) {
        long used = used(sinceUseMillis);
        attributes.keySet().removeIf(name -> !isLocal(name));
        principal = null;
        authType = null;
        notes.remove(Constants.FORM_REQUEST_NOTE);
        notes.remove(Constants.SESSION_ID_NOTE);
        take(snapshot, used);
    }

    @Override
    public void merge(Set<String> fields, int maxInactiveSeconds) {
        for (String field : fields) {
            if (field.startsWith(Fields.ATTRIBUTE)) {
                attributes.remove(field.substring(Fields.ATTRIBUTE.length()));
                continue;
            }
            switch (field) {
                case Fields.PRINCIPAL -> principal = null;
                case Fields.AUTH_TYPE -> authType = null;
                case Fields.SAVED_REQUEST -> notes.remove(Constants.FORM_REQUEST_NOTE);
                case Fields.EXPECTED_ID -> notes.remove(Constants.SESSION_ID_NOTE);
                default -> {} // of another version of Holdfast: it has no live value here
            }
        }
        maxInactiveInterval = maxInactiveSeconds;
    }

    private void take(SessionSnapshot snapshot, long used) {
        creationTime = snapshot.createdMillis();
        maxInactiveInterval = snapshot.maxInactiveSeconds();
        lastAccessedTime = used;
        thisAccessedTime = used;
    }

    @Override
    public void usedElsewhere(long sinceUseMillis) {
        long used = used(sinceUseMillis);
        lastAccessedTime = Math.max(lastAccessedTime, used);
        thisAccessedTime = Math.max(thisAccessedTime, used);
    }

    /** By Tomcat's clock. */
    static long used(long sinceUseMillis) {
        return RequestScope.usedAt(System.currentTimeMillis(), sinceUseMillis);
    }

    @Override
    public void forgotten() {
        holdfast.forget(this);
    }

    @Override
    public void endedElsewhere() {
        holdfast.forget(this);
        end.heard();
        setValid(false);
    }

    @Override
    public void expired() {
        if (end.byStore()) {
            setValid(true); // until its listeners were told
        }
        holdfast.inApplication(() -> {
            expire(true);
            return null;
        });
    }

    // ---- life

    /**
     * A session that a request came for was used when the request began, whenever somebody asks for it; one that began
     * later may have been faster.
     */
    @Override
    public void access() {
        long before = thisAccessedTime;
        super.access();
        RequestScope scope = RequestScope.current();
        if (scope != null && !isNew) {
            thisAccessedTime = Math.max(before, thisAccessedTime - scope.sinceBeganMillis());
        }
    }

    /**
     * As {@link #isNew}, but answers also if the session has just ended: a neighbour or another node may do that at any
     * time.
     */
    boolean isNewHere() {
        return isNew;
    }

    /** What an application gets, by whatever getSession or event; Tomcat's own look-ups do without. */
    @Override
    public HttpSession getSession() {
        RequestScope scope = RequestScope.current();
        if (scope != null && scope.owner() instanceof RequestHold hold) {
            hold.sessionUsed();
        }
        return super.getSession();
    }

    /** The local clock ends no session: other nodes may have used it. */
    @Override
    public boolean isValid() {
        return isValidInternal();
    }

    @Override
    public void expire(boolean notify) {
        if (!isValidInternal() || expiring) {
            return;
        }
        if (copy != null) {
            if (!end.mayTell(holdfast.coordinator(), copy())) {
                return;
            }
            decodeAll();
        }
        super.expire(notify);
    }

    @Override
    public String toString() {
        SessionAccess near = copy;
        return "HoldfastSession[" + (near == null ? "" : near.id()) + "]";
    }

    private void writeObject(ObjectOutputStream stream) throws NotSerializableException {
        throw new NotSerializableException("Sessions are kept by Holdfast, not by Java serialization");
    }
}
