package dev.holdfast.session.copy;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Fields;
import dev.holdfast.session.LocalSession;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request's hold on one session: the epoch it was admitted under, what it used, and the epoch that its answer must
 * carry.
 *
 * <p>Open from its first use of the copy until it has answered with nothing unsaved. Safe for use by the request's
 * threads.
 */
public final class RequestUse {
    private final NearCopy copy;
    private final long began;
    private final Set<String> read = new HashSet<>(4);
    private final Set<String> written = new HashSet<>(4);
    private boolean namesRead;
    private boolean usedSinceSave = true;
    private boolean endedIt;
    private @Nullable Epoch admitted;
    private @Nullable Epoch answer;
    private long movedAt;
    private boolean moved;
    private boolean atRisk;
    private boolean withoutStore;
    private boolean metALack;

    public RequestUse(NearCopy copy, long began) {
        this.copy = copy;
        this.began = began;
    }

    public NearCopy copy() {
        return copy;
    }

    /** Ticker time at which the request began. */
    public long began() {
        return began;
    }

    synchronized void read(String field) {
        read.add(field);
        usedSinceSave = true;
    }

    synchronized void readNames() {
        namesRead = true;
        usedSinceSave = true;
    }

    synchronized void wrote(String field) {
        written.add(field);
        usedSinceSave = true;
    }

    synchronized boolean hasWritten(String field) {
        return written.contains(field);
    }

    /** Whether the session was used after the last save. */
    public synchronized boolean usedSinceSave() {
        return usedSinceSave;
    }

    public synchronized void saved() {
        usedSinceSave = false;
        read.addAll(written); // it is not blind any more: the request may hold the value, and change it inside
    }

    /** The request has ended the session: what it had changed is not to be kept. */
    public synchronized void endsSession() {
        endedIt = true;
    }

    synchronized boolean hasEndedSession() {
        return endedIt;
    }

    /** Takes everything that is alive or was written for read. */
    public void usedAll(NearCopy adopted) {
        LocalSession local = adopted.local();
        Set<String> fields = new HashSet<>(adopted.values().unsaved().keySet());
        if (local != null) {
            fields.addAll(local.fields());
        }
        synchronized (this) {
            read.addAll(fields);
            namesRead = true;
        }
    }

    /** Whether a change of the field by another node is in the way of this request (rule 5). */
    synchronized boolean uses(String field, Rules rules) {
        return (namesRead && field.startsWith(Fields.ATTRIBUTE))
                || rules.isUse(read.contains(field), written.contains(field));
    }

    /** Whether the request read or wrote anything. */
    public synchronized boolean usedAny() {
        return namesRead || !read.isEmpty() || !written.isEmpty();
    }

    public synchronized boolean namesRead() {
        return namesRead;
    }

    /** The request is acknowledged though nothing is stored. False if it was before. */
    public synchronized boolean acknowledgedAtRisk() {
        boolean first = !atRisk;
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

    /** The fields whose live values must be in the store before this request answers (rule 4). */
    public synchronized Set<String> committedFields(Rules rules) {
        Set<String> fields = new HashSet<>(read);
        fields.addAll(written);
        fields.removeIf(field -> !rules.isCommitted(read.contains(field), written.contains(field)));
        return fields;
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
