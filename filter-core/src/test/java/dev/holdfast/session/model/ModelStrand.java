package dev.holdfast.session.model;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A request or a node's second of background work in a {@link ModelWorld}, and where it pauses. */
final class ModelStrand extends ModelStrands.Strand {
    /** Where a strand pauses. */
    enum Point {
        /** Before an operation on the session. */
        OPERATION,
        /** A command is under way to the store. */
        SENT,
        /** A command was executed, its reply is under way. */
        EXECUTED,
        /** Another request's call is under way. */
        LOCK,
        /** Something is waited for that only time brings. */
        TIME
    }

    /** How a strand goes on. */
    enum Option {
        /** As it should. */
        GO,
        /** The command or the reply is lost, or the wait is given up. */
        LOST,
        /** The command is not answered in time and will be executed later. */
        LATE,
        /** The store answers that it does not execute the command. */
        REFUSED
    }

    /** A command to the store. */
    record Command(String name, Object arguments, Supplier<?> execution) {}

    private @Nullable Command underWay;
    private Point point = Point.OPERATION;
    private String label = "";
    private @Nullable Object @Nullable [] locals;
    private Option option = Option.GO;
    private @Nullable Semaphore permits;
    private long until;
    /** To the store in one operation: how often it began anew. */
    private int calls;

    ModelStrand(ModelStrands strands, Runnable body) {
        super(strands, body);
    }

    /** The strand whose thread calls; null if it is none. */
    static @Nullable ModelStrand current() {
        return (ModelStrand) ModelStrands.current();
    }

    /**
     * Lets others go on.
     *
     * @param seen what the code that pauses holds in its variables
     */
    Option pauseAt(Point where, String what, Object... seen) {
        if (where == Point.OPERATION) {
            calls = 0;
        }
        point = where;
        label = what;
        locals = seen;
        pause();
        locals = null;
        return option;
    }

    /** Pauses with a command under way to the store. */
    Option pauseWith(Command command, Object... seen) {
        underWay = command;
        calls++;
        Object[] all = Arrays.copyOf(seen, seen.length + 1);
        all[seen.length] = command.arguments();
        Option how = pauseAt(Point.SENT, command.name(), all);
        underWay = null;
        return how;
    }

    /** The command that is under way and not executed; null if there is none. */
    @Nullable
    Command underWay() {
        return underWay;
    }

    /** Waits for a permit; false if the wait was given up. */
    boolean awaitPermit(Semaphore wanted, Object... seen) {
        permits = wanted;
        Option how = pauseAt(Point.LOCK, "lock", seen);
        permits = null;
        return how == Option.GO && wanted.tryAcquire();
    }

    void awaitMoment(long moment) {
        until = moment;
        pauseAt(Point.TIME, "time");
    }

    /** To be called by the world before the strand goes on. */
    ModelStrand going(Option how) {
        option = how;
        return this;
    }

    Point point() {
        return point;
    }

    String label() {
        return label;
    }

    boolean mayGo(long now) {
        return switch (point) {
            case LOCK -> permits != null && permits.availablePermits() > 0;
            case TIME -> now >= until;
            case OPERATION, SENT, EXECUTED -> true;
        };
    }

    void fingerprint(ModelFingerprint print) {
        if (isDone()) {
            print.addNumber(0);
            return;
        }
        print.add(point);
        print.addText(label);
        print.addNumber(calls);
        print.addNumber(point == Point.TIME ? until : 0);
        List<@Nullable Object> seen = locals == null ? List.of() : Arrays.asList(locals);
        seen.forEach(print::add);
    }
}
