package dev.holdfast.session.model;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.request.RequestScope;
import dev.holdfast.session.testing.TestSession;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request of a {@link ModelWorld}: where it is, what it saw, and what it answered. */
final class ModelRequest {
    /** Where a request is, as the browser may know. */
    enum Status {
        UNSENT,
        /** On its way to a node. */
        SENT,
        RUNNING,
        /** Acknowledged; the response is on its way. */
        ANSWERED,
        /** Acknowledged, and the browser knows. */
        RECEIVED,
        /** 503, or the connection was closed. */
        REFUSED,
        /** The node died. */
        FAILED
    }

    /** One operation that was done: a read, or a write that read before it or did not, and the value that it saw. */
    record Done(char kind, String name, String value) {}

    final int number;
    final String program;
    final boolean beginsBefore;
    private final ModelWorld world;
    private final List<String> operations = new ArrayList<>();

    // What the browser and the judge know.
    Status status = Status.UNSENT;
    int node = -1;

    @Nullable
    Epoch presented;

    @Nullable
    SessionId presentedId;

    String presentedRoute = "";

    @Nullable
    Epoch answer;

    @Nullable
    SessionId newId;

    boolean foundNone;
    /** Acknowledged while its node had lost the store. */
    boolean atRisk;
    /** Served though its node had lost the store. */
    boolean withoutStore;
    /** Requests whose answers the browser had when it sent this one, one bit each. */
    int receivedBefore;

    long sentAt;
    long arrivedAt;
    final List<Done> done = new ArrayList<>();

    private @Nullable ModelStrand strand;
    private int next;
    private @Nullable RequestScope scope;

    ModelRequest(ModelWorld world, int number, String program) {
        this.world = world;
        this.number = number;
        this.program = program;
        this.beginsBefore = program.startsWith("!");
        for (int i = beginsBefore ? 1 : 0; i < program.length(); i += 2) {
            operations.add(program.substring(i, i + 2));
        }
    }

    boolean isOver() {
        return status == Status.RECEIVED || status == Status.REFUSED || status == Status.FAILED;
    }

    boolean isAcknowledged() {
        return status == Status.ANSWERED || status == Status.RECEIVED;
    }

    boolean changesId() {
        return operations.contains("Id");
    }

    boolean ends() {
        return operations.contains("Is");
    }

    /** The mark that its writes leave in a value. */
    String mark() {
        return String.valueOf(number + 1);
    }

    @Nullable
    ModelStrand strand() {
        return strand;
    }

    /** Arrives at its node. */
    ModelStrand arrive(ModelStrands strands) {
        status = Status.RUNNING;
        arrivedAt = world.now();
        strand = new ModelStrand(strands, this::run);
        return strand;
    }

    private void run() {
        RequestScope mine = world.coordinator(node).begin(presented, "");
        scope = mine;
        RequestScope before = mine.enter();
        Epoch told = null;
        try {
            if (beginsBefore) {
                told = mine.sendEpoch();
            }
            operate(mine);
            if (!beginsBefore) {
                pause("save");
                save(mine);
                told = mine.sendEpoch();
            }
            mine.finish();
        } catch (SessionRefusedException e) {
            refused(mine);
            return;
        } finally {
            RequestScope.leave(before);
        }
        atRisk = mine.isAtRisk();
        withoutStore = mine.isWithoutStore();
        world.answered(this, told, mine.hasSession());
    }

    /** The nodes' containers are not the same: every other one knows when the application is done with a request. */
    private void save(RequestScope mine) {
        if (node % 2 == 0) {
            mine.save();
        } else {
            mine.saveAtTheEnd();
        }
    }

    private void refused(RequestScope mine) {
        try {
            mine.finish();
        } catch (SessionRefusedException e) {
            // the same again
        }
        world.refused(this);
    }

    private void operate(RequestScope mine) {
        TestSession session = null;
        for (String operation : operations) {
            if (session == null && operation.charAt(0) == 'N') {
                pause(operation);
                session = world.create(mine, node);
                newId = ModelWorld.ID;
                next++;
                continue;
            }
            if (session == null) {
                Lookup lookup = presentedId == null ? Lookup.NONE : mine.find(presentedId, true);
                if (lookup.found() == Lookup.Found.UNAVAILABLE) {
                    throw mine.refuse("unavailable", lookup.cause());
                }
                if (lookup.found() == Lookup.Found.NONE) {
                    foundNone = true;
                    return;
                }
                session = (TestSession) lookup.session();
                world.opened(this);
            }
            pause(operation);
            operate(session, operation.charAt(0), operation.substring(1));
            next++;
        }
    }

    private void operate(TestSession session, char kind, String name) {
        switch (kind) {
            case 'R' -> done.add(new Done(kind, name, String.valueOf(session.get(name))));
            case 'U' -> {
                String value = String.valueOf(session.get(name));
                done.add(new Done(kind, name, value));
                session.set(name, value + "," + mark());
            }
            case 'W' -> {
                done.add(new Done(kind, name, ""));
                session.set(name, mark());
            }
            case 'I' -> {
                if (name.equals("d")) {
                    newId = ModelWorld.OTHER_ID;
                    world.coordinator(node).changeId(session.copy().access(), newId);
                } else {
                    world.coordinator(node).end(session.copy().access());
                }
            }
            default -> throw new IllegalArgumentException(program);
        }
    }

    private static void pause(String what) {
        ModelStrand mine = ModelStrand.current();
        if (mine == null) {
            throw new IllegalStateException("No strand");
        }
        mine.pauseAt(ModelStrand.Point.OPERATION, what);
    }

    void fingerprint(ModelFingerprint print) {
        print.add(status);
        if (status == Status.UNSENT) {
            return;
        }
        print.addNumber(node);
        print.add(done);
        print.addNumber((receivedBefore * 2L + (foundNone ? 1 : 0)) * 100 + next);
        print.addNumber((atRisk ? 1 : 0) + (withoutStore ? 2 : 0));
        if (isOver()) {
            return;
        }
        print.addNumber(sentAt);
        print.addNumber(arrivedAt);
        print.add(presented);
        print.add(presentedId);
        print.addText(presentedRoute);
        print.add(answer);
        print.add(newId);
        if (status == Status.RUNNING && strand != null) {
            print.add(scope);
            strand.fingerprint(print);
        }
    }
}
