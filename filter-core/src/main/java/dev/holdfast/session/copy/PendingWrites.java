package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.Fields;
import dev.holdfast.session.StoredValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a copy owes the store: the work of finished requests that was acknowledged while the store was away. Safe for
 * use by many threads.
 *
 * <p><b>Implementation note.</b> Invariant: from the acknowledgement of such a request until its work is stored or
 * given up, everything that it read or wrote, blind or not, is in here. So it goes along with every commit of the copy,
 * and a change of it by another node is in the way, though nobody is inside any more: without that the node would
 * merge, and overwrite what another node had acknowledged to somebody who had not seen this (rule 5). A mark carries
 * the tick at which it was made: a commit whose values were encoded before that has not saved it. Proved by
 * {@code PendingWritesTest} and, in all orders, by {@code ModelTest}.
 */
public final class PendingWrites {
    /** Four probes a second may go unanswered on all copies together: more than one copy gets in minutes. */
    private static final int STAMPS = 1000;

    /** In place of a value; no encoded one is empty. */
    private static final Fingerprint REMOVED = Fingerprint.of(new byte[0]);

    /** Whether the work of a request was taken over. */
    public enum Taken {
        /** The copy serves nobody any more. */
        NOT,
        /** Nothing was owed before. */
        FIRST,
        MORE
    }

    /**
     * A commit whose outcome is not known.
     *
     * @param creates whether it creates the session
     * @param writes fields that it writes, if it is applied
     * @param removes fields that it removes
     * @param maxInactiveSeconds timeout that it sets
     */
    private record Unknown(
            String stamp, boolean creates, Set<String> writes, Set<String> removes, int maxInactiveSeconds) {}

    /**
     * What was owed at one moment.
     *
     * @param fields what requests used whose work is not stored
     * @param unsure fields that the store may have otherwise than this copy knows: they are to be written whatever they
     *     are
     * @param tick of the copy's values then: what is owed later has a newer mark
     */
    public record Seen(Set<String> fields, Set<String> unsure, long tick) {
        /** The same for a look that leaves out the fields: it pays nothing. */
        public Seen unexamined() {
            return new Seen(Set.of(), unsure, 0);
        }
    }

    /**
     * What a copy owed.
     *
     * @param acknowledged whether a browser was told that it is kept; if not, it is the rest of refused requests
     * @param newSession whether the store did not know the session when it began
     */
    public record Cleared(boolean acknowledged, boolean newSession) {}

    @GuardedBy("this")
    private final Map<String, Long> fields = new HashMap<>(4);
    /** What acknowledged requests used and found to be written. */
    @GuardedBy("this")
    private final Map<String, Fingerprint> told = new HashMap<>(4);

    @GuardedBy("this")
    private int toldMaxInactive;

    @GuardedBy("this")
    private final Set<String> changed = new HashSet<>(4);

    @GuardedBy("this")
    private final List<Unknown> unknown = new ArrayList<>(0);

    @GuardedBy("this")
    private boolean owing;

    @GuardedBy("this")
    private boolean acknowledged;

    @GuardedBy("this")
    private boolean newSession;

    @GuardedBy("this")
    private boolean forfeited;

    @GuardedBy("this")
    private boolean names;

    @GuardedBy("this")
    private long newest;

    @GuardedBy("this")
    private long since;

    /**
     * Takes over what a request used.
     *
     * @param allNames whether it read which attributes there are
     * @param nextTick of the copy's values: the mark is drawn under the monitor, or a look in between would take it for
     *     older than it is
     * @param isNew whether the store does not know the session
     */
    public synchronized Taken add(
            Collection<String> used, boolean allNames, LongSupplier nextTick, long now, boolean isNew) {
        long tick = nextTick.getAsLong();
        used.forEach(field -> fields.put(field, tick));
        names |= allNames;
        newest = tick;
        boolean first = !owing && !forfeited;
        if (first) {
            since = now;
            newSession = isNew;
        }
        owing |= first;
        return first ? Taken.FIRST : Taken.MORE;
    }

    /** What there was to save, for the message if it never is. */
    public synchronized void toSave(ChangeSet changes) {
        changed.addAll(changes.writes().keySet());
        changed.addAll(changes.removes());
    }

    /**
     * A request is acknowledged whose work is owed: its browser takes what it used for kept.
     *
     * @param used what it read or wrote; what is to be written for others may have been refused to them
     */
    public synchronized void acknowledged(Collection<String> used, ChangeSet changes, int maxInactiveSeconds) {
        toSave(changes);
        acknowledged = true;
        toldMaxInactive = maxInactiveSeconds;
        for (String field : used) {
            Fingerprint written = toWrite(field, changes);
            if (written == null) {
                told.remove(field);
            } else {
                told.put(field, written);
            }
        }
    }

    /**
     * Whether a request has done nothing that an acknowledged one had not done before: it only read what is owed.
     *
     * @param used what the request read or wrote
     * @param changes what is to be written, by this request or others
     */
    public synchronized boolean isNothingNew(Collection<String> used, ChangeSet changes, int maxInactiveSeconds) {
        if (!owing || !acknowledged || maxInactiveSeconds != toldMaxInactive) {
            return false;
        }
        for (String field : used) {
            if (!isTold(field, changes)) {
                return false;
            }
        }
        return true;
    }

    @GuardedBy("this")
    private boolean isTold(String field, ChangeSet changes) {
        Fingerprint now = toWrite(field, changes);
        return now == null || now.equals(told.get(field));
    }

    /** Null if nothing is to be done. */
    private static @Nullable Fingerprint toWrite(String field, ChangeSet changes) {
        return changes.removes().contains(field)
                ? REMOVED
                : changes.fingerprints().get(field);
    }

    /** What is owed now, to be asked before the first value is looked at; the tick is read under the monitor, too. */
    public synchronized Seen seen(LongSupplier tick) {
        Set<String> unsure = unknown.isEmpty() ? Set.of() : new HashSet<>();
        for (Unknown commit : unknown) {
            unsure.addAll(commit.writes());
            unsure.addAll(commit.removes());
        }
        return new Seen(fields(), unsure, tick.getAsLong());
    }

    /** A commit with this stamp went unanswered: it was applied, or may still be. */
    public synchronized void unanswered(String stamp, ChangeSet changes, boolean create, int maxInactiveSeconds) {
        if (unknown.size() < STAMPS) {
            unknown.add(new Unknown(
                    stamp,
                    create,
                    Set.copyOf(changes.writes().keySet()),
                    Set.copyOf(changes.removes()),
                    maxInactiveSeconds));
        }
    }

    /**
     * Whether a commit on the copy's present base went unanswered: the store may have what no value here tells, and
     * only a commit finds out.
     */
    public synchronized boolean isUnanswered() {
        return !unknown.isEmpty();
    }

    /** Whether a commit that went unanswered sets this timeout. */
    synchronized boolean isMyTimeout(int maxInactiveSeconds) {
        return unknown.stream().anyMatch(commit -> commit.maxInactiveSeconds() == maxInactiveSeconds);
    }

    public synchronized boolean isOwing() {
        return owing;
    }

    /** Ticker time since which something has been owed. */
    public synchronized long since() {
        return since;
    }

    /** Whether a change of the field by another node is in the way. */
    synchronized boolean uses(String field) {
        return owing && (fields.containsKey(field) || (names && field.startsWith(Fields.ATTRIBUTE)));
    }

    synchronized Set<String> fields() {
        return owing ? new HashSet<>(fields.keySet()) : Set.of();
    }

    /** The names of what there was to save; empty if that is the session's timeout alone. */
    public synchronized Set<String> shown() {
        Set<String> shown = new TreeSet<>();
        changed.forEach(field -> shown.add(Fields.shown(field)));
        return shown;
    }

    /** Whether a field was written, or removed, by a commit of this node that went unanswered. */
    synchronized boolean isMine(String field, @Nullable StoredValue stored) {
        for (Unknown commit : unknown) {
            if (stored == null
                    ? commit.removes().contains(field)
                    : stored.writtenBy().stamp().equals(commit.stamp())) {
                return true;
            }
        }
        return false;
    }

    /** The stamp of a creation that went unanswered; null if there was none. */
    public synchronized @Nullable String createStamp() {
        for (Unknown commit : unknown) {
            if (commit.creates()) {
                return commit.stamp();
            }
        }
        return null;
    }

    /** All fields that creations which went unanswered may have written. */
    public synchronized Set<String> created() {
        Set<String> created = new HashSet<>();
        for (Unknown commit : unknown) {
            if (commit.creates()) {
                created.addAll(commit.writes());
            }
        }
        return created;
    }

    /**
     * The copy stands on another state of the store now: what went unanswered on the former one is applied, or never
     * will be.
     */
    synchronized void baseMoved() {
        unknown.clear();
    }

    /**
     * The copy is given up, or the session has ended: nothing will be saved any more.
     *
     * @return what was owed; null if nothing was
     */
    public synchronized @Nullable Cleared forfeit() {
        Cleared was = owing ? new Cleared(acknowledged, newSession) : null;
        owing = false;
        forfeited = true;
        return was;
    }

    /**
     * What was looked at is in the store.
     *
     * @param tick of the copy's values when the first of it was looked at
     * @return what was owed, if nothing is any more; else null
     */
    public synchronized @Nullable Cleared paid(long tick) {
        if (!owing) {
            return null;
        }
        fields.values().removeIf(mark -> mark <= tick);
        if (newest > tick) {
            return null;
        }
        Cleared was = new Cleared(acknowledged, newSession);
        names = false;
        owing = false;
        acknowledged = false;
        changed.clear();
        told.clear();
        return was;
    }
}
