package dev.holdfast.redis.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Which run of a server the last command about each slot of a cluster went to. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> Invariant: no command about a slot is sent to another run of a server than the last
 * one before the listeners have been told, whether the slot moved, its primary was replaced, or started again. All
 * shards then lose trust, not only that slot's: there are 64 of ours among 16,384, so it is rare. Proved by {@code
 * ClusterIT}.
 */
final class SlotRuns {
    /** Written under the monitor, read without. */
    private final AtomicReferenceArray<@Nullable String> runs;

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    SlotRuns(int slots) {
        this.runs = new AtomicReferenceArray<>(slots);
    }

    /**
     * To be called before the first of some commands is sent.
     *
     * @param run that they are sent to
     */
    void goingTo(List<Integer> slots, String run) {
        if (slots.stream().allMatch(slot -> run.equals(runs.get(slot)))) {
            return;
        }
        synchronized (this) {
            boolean other = false;
            for (int slot : slots) {
                String before = runs.get(slot);
                other |= before != null && !before.equals(run);
            }
            if (other) {
                tell();
            }
            // Only now: whoever finds it set goes on, and the listeners have to have been told.
            slots.forEach(slot -> runs.set(slot, run));
        }
    }

    /** The next command goes to another run, whatever it is about. */
    void tell() {
        listeners.forEach(Runnable::run);
    }

    /** The listener must be quick and send nothing. */
    void onOther(Runnable listener) {
        listeners.add(listener);
    }

    void forget(Runnable listener) {
        listeners.remove(listener);
    }
}
