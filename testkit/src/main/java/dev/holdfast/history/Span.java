package dev.holdfast.history;

/**
 * The time from the sending of a request to the end of its answer.
 *
 * @param start nanoseconds of the run's clock, taken before the cookies of the request were read
 * @param end taken after the cookies of the answer were kept; {@link Long#MAX_VALUE} for what may take effect at any
 *     time after its start
 */
public record Span(long start, long end) {
    public Span {
        if (start > end) {
            throw new IllegalArgumentException("A request ended at " + end + ", before its start at " + start);
        }
    }

    /** Whether all of this lies before all of the other. */
    boolean before(Span other) {
        return end < other.start;
    }

    public boolean overlaps(Span other) {
        return !before(other) && !other.before(this);
    }
}
