package dev.holdfast.session.testing;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import org.jspecify.annotations.Nullable;

/** A cookie jar: what an answer brings counts when it is received, in whatever order that is. */
public final class Browser {
    private @Nullable SessionId id;
    private @Nullable Epoch epoch;

    public @Nullable SessionId id() {
        return id;
    }

    public @Nullable Epoch epoch() {
        return epoch;
    }

    /** Sends a request to a node, wherever the cookie says. */
    public Exchange send(TestNode node) {
        return new Exchange(node, id, epoch);
    }

    public void receive(Answer answer) {
        if (answer.epoch() != null) {
            epoch = answer.epoch();
        }
        if (answer.id() != null) {
            id = answer.id();
        }
    }

    /** A whole request that begins a session with {@code x=1} and {@code y=1}. */
    public void begin(TestNode node) {
        begin(node, SessionId.random());
    }

    public void begin(TestNode node, SessionId wanted) {
        Exchange request = new Exchange(node, null, null);
        request.create(wanted);
        request.write("x", "1");
        request.write("y", "1");
        receive(request.answer());
    }

    /** A whole request that reads. */
    public @Nullable String read(TestNode node, String name) {
        Exchange request = send(node);
        String value = request.read(name);
        receive(request.answer());
        return value;
    }

    /** A whole request that writes without reading. */
    public Answer write(TestNode node, String name, Object value) {
        Exchange request = send(node);
        request.write(name, value);
        Answer answer = request.answer();
        receive(answer);
        return answer;
    }

    /** Moves to a node and comes back there, so that its mark is confirmed. */
    public void settleOn(TestNode node) {
        read(node, "x");
        read(node, "x");
    }
}
