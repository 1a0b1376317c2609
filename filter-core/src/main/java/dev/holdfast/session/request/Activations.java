package dev.holdfast.session.request;

import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.WaitBudget;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Values of one session that were just loaded and want to be told so: each is told once, by the thread that loaded it,
 * and whoever meets it meanwhile waits. Safe for use by many threads.
 *
 * <p>To be used with {@link SessionAccess#decode}: {@link #publish} and {@link #retract} within its calls,
 * {@link #tell} after it, and {@link #await} by whoever reads such a value.
 */
public final class Activations {
    /** Of a thread that works for no request; one that does may wait as long as its request may wait for the store. */
    private static final long MOST = TimeUnit.SECONDS.toNanos(2);

    private final Map<String, Activation> waiting = new ConcurrentHashMap<>(2);

    private record Activation(Object value, Thread teller, CountDownLatch told) {}

    /**
     * Puts a value that wants to be told into its place.
     *
     * @param put false if there is a value already
     * @return what put answered
     */
    public boolean publish(String name, Object value, BooleanSupplier put) {
        Activation activation = new Activation(value, Thread.currentThread(), new CountDownLatch(1));
        waiting.put(name, activation);
        if (put.getAsBoolean()) {
            return true;
        }
        waiting.remove(name, activation);
        activation.told().countDown();
        return false;
    }

    /** The value was replaced before it was told. */
    public void retract(String name) {
        Activation activation = waiting.remove(name);
        if (activation != null) {
            activation.told().countDown();
        }
    }

    /**
     * Tells a value that this thread has published. Holding nothing: what the application does there may take any time
     * and any lock.
     */
    public void tell(String name, Consumer<Object> listener) {
        Activation activation = waiting.get(name);
        if (activation == null || activation.teller() != Thread.currentThread()) {
            return;
        }
        try {
            listener.accept(activation.value());
        } finally {
            waiting.remove(name, activation);
            activation.told().countDown();
        }
    }

    /** A value that another thread has published may not have been told so yet. */
    public void await(String name) {
        Activation activation = waiting.get(name);
        if (activation == null || activation.teller() == Thread.currentThread()) {
            return;
        }
        RequestScope scope = RequestScope.current();
        WaitBudget budget = scope == null ? null : scope.budget();
        long start = System.nanoTime();
        try {
            // The listener may need a lock that the waiting thread has: better untold than for ever.
            activation.told().await(budget == null ? MOST : budget.remainingNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (budget != null) {
                budget.spend(System.nanoTime() - start);
            }
        }
    }
}
