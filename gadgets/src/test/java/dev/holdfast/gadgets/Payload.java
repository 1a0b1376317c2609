package dev.holdfast.gadgets;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.rmi.Remote;
import java.rmi.server.UnicastRemoteObject;
import java.util.List;
import java.util.function.Consumer;

/** Objects that do something as soon as they are read back. */
final class Payload implements AutoCloseable {
    /** Makes them. */
    interface Maker {
        Object make(Forge forge) throws Exception;
    }

    private final String title;
    private final List<String> libraries;
    private final Maker maker;
    private final Witness witness;
    private final Consumer<Forge> surroundings;
    private final boolean plain;

    private Payload(
            String title,
            List<String> libraries,
            Maker maker,
            Witness witness,
            Consumer<Forge> surroundings,
            boolean plain) {
        this.title = title;
        this.libraries = libraries;
        this.maker = maker;
        this.witness = witness;
        this.surroundings = surroundings;
        this.plain = plain;
    }

    /** One that rings the alarm of the application. */
    static Payload ringing(String title, List<String> libraries, Maker maker) {
        return new Payload(title, libraries, maker, Witness.ofAlarm(), forge -> {}, false);
    }

    Payload seenBy(Witness other) {
        return new Payload(title, libraries, maker, other, surroundings, plain);
    }

    /** What a thread of the container has on while it reads a session. */
    Payload within(Consumer<Forge> what) {
        return new Payload(title, libraries, maker, witness, what, plain);
    }

    /** All its parts are stored by their fields, so that Kryo can write them. */
    Payload plain() {
        return new Payload(title, libraries, maker, witness, surroundings, true);
    }

    boolean isPlain() {
        return plain;
    }

    Application application() {
        return new Application(libraries);
    }

    void surround(Application application) {
        surroundings.accept(new Forge(application));
    }

    Witness witness() {
        return witness;
    }

    /** The objects, made in this application; the witness has begun to look. */
    Object make(Application application) throws Exception {
        witness.begin();
        return maker.make(new Forge(application));
    }

    /** The same as the JDK writes them, without a trace of having been made. */
    byte[] stream() throws Exception {
        try (Application application = application()) {
            Object graph = make(application);
            byte[] stream = Stored.stream(graph);
            end(graph);
            return stream;
        }
    }

    /** Leaves nothing behind that listens. */
    void end(Object graph) throws IOException {
        if (graph instanceof UnicastRemoteObject) {
            UnicastRemoteObject.unexportObject((Remote) graph, true);
            await("the end of " + graph).until(() -> !witness.saw());
        }
    }

    @Override
    public void close() {
        witness.close();
    }

    @Override
    public String toString() {
        return title;
    }
}
