package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request's hold on one session: the epoch it was admitted under, what it used, and the epoch that its answer must
 * carry.
 *
 * <p>Open from its first use of the copy until it has answered with nothing unsaved. Safe for use by the request's
 * threads.
 */
public final class RequestUse extends OpenRequest {
    private final NearCopy copy;

    /** One bit for each {@link Step}. */
    @GuardedBy("this")
    private int steps;

    @GuardedBy("this")
    private @Nullable Epoch admitted;

    @GuardedBy("this")
    private @Nullable Epoch answer;

    @GuardedBy("this")
    private long movedAt;

    @GuardedBy("this")
    private boolean moved;

    @GuardedBy("this")
    private boolean atRisk;

    @GuardedBy("this")
    private boolean withoutStore;

    @GuardedBy("this")
    private boolean metALack;

    /** Null unless somebody asks. */
    @GuardedBy("this")
    private @Nullable Set<String> inspected;

    public RequestUse(NearCopy copy, long began) {
        super(began);
        this.copy = copy;
    }

    /** What a request did with its session that was more than to read it from memory. */
    public enum Step {
        CREATED(1),
        LOADED(2),
        /** It used what another request had just loaded. */
        SHARED(4),
        TAKEN_OVER(8),
        MERGED(16),
        SAVED(32),
        ENDED(64),
        /** It was served, or acknowledged, without the store. */
        OUTAGE(128);

        private static final Step[] ALL = values();

        private final int bit;

        Step(int bit) {
            this.bit = bit;
        }
    }

    public synchronized void did(Step step) {
        steps |= step.bit;
    }

    /** What was done, as in {@code loaded+taken-over+saved}; {@code trusted} if nothing was. */
    synchronized String steps() {
        if (steps == 0) {
            return "trusted";
        }
        StringBuilder text = new StringBuilder();
        for (Step step : Step.ALL) {
            if ((steps & step.bit) != 0) {
                text.append(text.isEmpty() ? "" : "+")
                        .append(step.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            }
        }
        return text.toString();
    }

    public NearCopy copy() {
        return copy;
    }

    /** Takes everything that is alive or was written for read. */
    public void usedAll() {
        ContainerSession local = copy.local();
        Set<String> fields = new HashSet<>(copy.values().unsaved().keySet());
        if (local != null) {
            fields.addAll(local.fields());
        }
        readAll(fields);
    }

    /** The request is acknowledged though nothing is stored. False if it was before. */
    public synchronized boolean acknowledgedAtRisk() {
        boolean first = !atRisk;
        did(Step.OUTAGE);
        atRisk = true;
        return first;
    }

    /**
     * The copy is served though the store did not say that it may be.
     *
     * @param lacking whether the store was away, or said nothing; false if it refused
     */
    public synchronized void servedWithoutStore(boolean lacking) {
        withoutStore = true;
        did(Step.OUTAGE);
        metALack = lacking;
    }

    public synchronized boolean metALack() {
        return metALack;
    }

    public synchronized boolean isWithoutStore() {
        return withoutStore;
    }

    /** Whether it was acknowledged at risk. */
    public synchronized boolean isAtRisk() {
        return atRisk;
    }

    /** Whether this was not asked before about a field. */
    public synchronized boolean isFirstLook(String field) {
        if (inspected == null) {
            inspected = new HashSet<>();
        }
        return inspected.add(field);
    }

    /** Null if the commit must move the epoch in any case. */
    public synchronized @Nullable Epoch admitted() {
        return admitted;
    }

    /** Epoch that the answer carries; null if the request carried the current one. */
    public synchronized @Nullable Epoch answer() {
        return answer;
    }

    public synchronized void admit(@Nullable Epoch epoch, @Nullable Epoch inAnswer) {
        admitted = epoch;
        answer = inAnswer;
    }

    /** The session came here, from another node or from none, under an epoch that the answer is to carry. */
    public synchronized void tookOver(@Nullable Epoch epoch, long now) {
        did(Step.TAKEN_OVER);
        admit(epoch, epoch);
        movedAt(now);
    }

    /**
     * The epoch moved, or a load that this request shares moved it, and the previous holder may not have heard of it
     * yet.
     */
    public synchronized void movedAt(long now) {
        moved = true;
        movedAt = now;
    }

    public synchronized boolean hasMoved() {
        return moved;
    }

    public synchronized long movedAt() {
        return movedAt;
    }
}
