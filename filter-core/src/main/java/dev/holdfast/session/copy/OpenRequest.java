package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.Fields;
import java.util.List;
import java.util.Set;

/**
 * What a copy knows of a request that is inside: since when, and what it used of the session (rule 5). Safe for use by
 * many threads.
 */
abstract class OpenRequest {
    private final long began;

    @GuardedBy("this")
    private final UsedFields used = new UsedFields();

    @GuardedBy("this")
    private boolean namesRead;

    @GuardedBy("this")
    private boolean usedSinceSave = true;

    @GuardedBy("this")
    private boolean endedIt;

    @GuardedBy("this")
    private int waiting;

    OpenRequest(long began) {
        this.began = began;
    }

    /** Ticker time at which the request began. */
    public final long began() {
        return began;
    }

    final synchronized void read(String field) {
        used.read(field);
        usedSinceSave = true;
    }

    final synchronized void readNames() {
        namesRead = true;
        usedSinceSave = true;
    }

    final synchronized void wrote(String field) {
        used.wrote(field);
        usedSinceSave = true;
    }

    final synchronized boolean hasWritten(String field) {
        return used.hasWritten(field);
    }

    /** The request has ended the session: what it had changed is not to be kept. */
    public final synchronized void endsSession() {
        endedIt = true;
    }

    final synchronized boolean hasEndedSession() {
        return endedIt;
    }

    /** From here to {@link #endWaiting} it waits for other requests of the session, and changes nothing itself. */
    public final synchronized void beginWaiting() {
        waiting++;
    }

    public final synchronized void endWaiting() {
        waiting--;
    }

    /** Whether the request may be changing the value of a field now. Threads of its own beside it are not known. */
    final synchronized boolean mayBeChanging(String field) {
        return waiting == 0
                && (used.hasRead(field) || used.hasWritten(field) || (namesRead && field.startsWith(Fields.ATTRIBUTE)));
    }

    /** Whether the session was used after the last save had begun. */
    public final synchronized boolean usedSinceSave() {
        return usedSinceSave;
    }

    /** What is used from here on, the save may not see any more. */
    public final synchronized void saveBegins() {
        usedSinceSave = false;
    }

    public final synchronized void saved() {
        used.readWritten(); // it is not blind any more: the request may hold the value, and change it inside
    }

    /** Takes some fields, and the list of the names, for read. */
    final synchronized void readAll(Set<String> fields) {
        fields.forEach(used::read);
        namesRead = true;
    }

    /** Whether a change of the field by another node is in the way of this request (rule 5). */
    final synchronized boolean uses(String field, Rules rules) {
        return (namesRead && field.startsWith(Fields.ATTRIBUTE))
                || rules.isUse(used.hasRead(field), used.hasWritten(field));
    }

    /** Whether the request read or wrote anything. */
    public final synchronized boolean usedAny() {
        return namesRead || !used.isEmpty();
    }

    public final synchronized boolean namesRead() {
        return namesRead;
    }

    /** The fields whose live values must be in the store before this request answers (rule 4), each once. */
    public final synchronized List<String> committedFields(Rules rules) {
        return used.committed(rules);
    }
}
