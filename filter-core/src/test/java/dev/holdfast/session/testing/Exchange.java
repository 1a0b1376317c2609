package dev.holdfast.session.testing;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.request.RequestScope;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One request, step by step, as a container leads it through the protocol. */
public final class Exchange {
    private final TestNode node;
    private final @Nullable SessionId id;
    public final RequestScope scope;
    private @Nullable TestSession session;
    private @Nullable SessionId newId;

    public Exchange(TestNode node, @Nullable SessionId id, @Nullable Epoch epoch) {
        this.node = node;
        this.id = id;
        this.scope = node.coordinator.begin(epoch, this);
    }

    public @Nullable SessionId id() {
        return id;
    }

    /** As a container's own object names its request. */
    @Override
    public String toString() {
        return "GET /cart";
    }

    private <T> T in(Supplier<T> work) {
        RequestScope before = scope.enter();
        try {
            return work.get();
        } finally {
            RequestScope.leave(before);
        }
    }

    public void run(Runnable work) {
        in(() -> {
            work.run();
            return 0;
        });
    }

    public Lookup find() {
        return in(() -> id == null ? Lookup.NONE : scope.find(id, true));
    }

    /** Asks for the session; it must be there. */
    public Exchange open() {
        session();
        return this;
    }

    public TestSession session() {
        if (session == null) {
            Lookup lookup = find();
            if (!(lookup.session() instanceof TestSession found)) {
                throw new AssertionError("Expected a session, but was " + lookup.found() + " " + lookup.cause());
            }
            session = found;
        }
        return session;
    }

    public NearCopy copy() {
        return session().copy();
    }

    public TestSession create() {
        return create(SessionId.random());
    }

    public TestSession create(SessionId wanted) {
        TestSession created = new TestSession();
        run(() -> created.attach(node.coordinator.create(scope, wanted, created)));
        session = created;
        newId = wanted;
        return created;
    }

    public @Nullable String read(String name) {
        TestSession opened = session();
        return in(() -> {
            Object value = opened.get(name);
            return value == null ? null : value.toString();
        });
    }

    public void write(String name, Object value) {
        TestSession opened = session();
        run(() -> opened.set(name, value));
    }

    /** Changes the text of a value in place. */
    public void append(String name, String text) {
        TestSession opened = session();
        run(() -> ((StringBuilder) opened.get(name)).append(text));
    }

    public void remove(String name) {
        TestSession opened = session();
        run(() -> opened.remove(name));
    }

    public SessionId changeId() {
        TestSession opened = session();
        SessionId changed = opened.copy().id().sibling();
        run(() -> node.coordinator.changeId(opened.copy().access(), changed));
        newId = changed;
        return changed;
    }

    public void logout() {
        TestSession opened = session();
        run(() -> node.coordinator.end(opened.copy().access()));
    }

    public void save() {
        run(scope::save);
    }

    /** As a container that knows that the application is done with the request. */
    public void saveAtTheEnd() {
        run(scope::saveAtTheEnd);
    }

    public @Nullable Epoch sendHeaders() {
        return in(scope::sendEpoch);
    }

    public void finish() {
        run(scope::finish);
    }

    /** Saves, sends, and ends the request. */
    public Answer answer() {
        try {
            save();
        } catch (SessionRefusedException e) {
            finish();
            return new Answer(503, null, null);
        }
        Epoch epoch = sendHeaders();
        finish();
        return new Answer(200, epoch, newId);
    }
}
