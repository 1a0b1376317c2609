package dev.holdfast.session.commit;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Fields;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a state that another node wrote meets a copy in use: it is merged, or the copy is dropped (rules 3 and 5).
 *
 * <p><b>Implementation note.</b> All under the copy's lock. Checked are the uses of every open request, not only of the
 * one whose call met the change: a neighbour that had read the old value would otherwise commit what it derived from it
 * on the new base, and overwrite what it never saw ({@code ModelTracesTest}, A1).
 *
 * <p>A round that saves what is owed may wait, where a request may not. Invariant: a conflict that is left has changed
 * nothing. The store refused the commit, the copy keeps its base and values, and the debt is owed as before; so whoever
 * is inside meets the same conflict with what it wants to save itself, and is refused then. Nobody is served from the
 * copy for longer either: its trust follows from the browser's epoch and the ended log, not from this. What is left can
 * be saved as soon as those are outside that have used what another node changed, and only as long as the debt itself
 * stands on none of it. Proved by {@code BacklogSaverTest}.
 */
public final class ConflictMerger {
    /** Code of the line that tells of a conflict, also where it is told as the reason of a refusal. */
    public static final String CONFLICT = "HF-202";

    private final ProtocolContext context;
    private final Function<String, @Nullable String> routeOf;
    private final boolean waits;

    /**
     * For calls that a request waits for.
     *
     * @param routeOf the route of a node that this one has seen, by what epochs call it
     */
    public ConflictMerger(ProtocolContext context, Function<String, @Nullable String> routeOf) {
        this(context, routeOf, false);
    }

    private ConflictMerger(ProtocolContext context, Function<String, @Nullable String> routeOf, boolean waits) {
        this.context = context;
        this.routeOf = routeOf;
        this.waits = waits;
    }

    /** For savings that come again: what only requests inside are in the way of is left as it is. */
    public ConflictMerger inRounds() {
        return new ConflictMerger(context, routeOf, true);
    }

    /**
     * Merges, or drops the copy; or leaves it as it is, where a round meets a request inside.
     *
     * @param own the request whose call met the change
     * @param writer the session's epoch before this node's call: names the node that wrote; null if it is not known
     * @return null if merged; else what to tell, for the log and the request. Where the copy still serves, nothing is
     *     decided
     */
    @Nullable
    public String merge(
            NearCopy copy, ContainerSession local, RequestUse own, SessionSnapshot stored, @Nullable Epoch writer) {
        Set<String> used = copy.merge(stored, local, own, null);
        if (used.isEmpty()) {
            context.counters().merges.increment();
            own.did(RequestUse.Step.MERGED);
            return null;
        }
        String what = "Session " + copy.id() + ": " + nameOf(writer) + " changed " + shown(used)
                + " while a request on node " + context.options().route() + " was using it";
        Set<String> kept =
                context.options().conflict() == SessionOptions.Conflict.OVERWRITE ? changedHere(copy, local) : null;
        if (kept == null || !kept.containsAll(changeable(local, used))) {
            if (waits && !copy.owesOn(used)) {
                return what + "; what is owed waits for its end.";
            }
            context.counters().conflicts.increment();
            context.copies().drop(copy);
            return what + "; what requests here changed is not kept. The client may try again.";
        }
        copy.merge(stored, local, own, kept);
        context.counters().conflicts.increment();
        context.counters().overwrites.increment();
        context.log()
                .warn("HF-205", () -> what + "; what was changed here is kept (holdfast.conflict=overwrite).", null);
        return null;
    }

    /** Logs a conflict that no request is refused for at once. */
    public void tell(String conflict) {
        context.log().warn(CONFLICT, () -> conflict, null);
    }

    /**
     * Of fields in use, those whose value may still be changed inside by a request that has read it: nobody would
     * notice if it were replaced.
     */
    private Set<String> changeable(ContainerSession local, Set<String> used) {
        Set<String> changeable = new HashSet<>();
        for (String field : used) {
            Object live = local.value(field);
            if (live != null
                    && !field.startsWith(Fields.RESERVED)
                    && !context.codec().isImmutable(live)) {
                changeable.add(field);
            }
        }
        return changeable;
    }

    /** What open requests changed inside of values and did not save yet; null if that cannot be told. */
    private @Nullable Set<String> changedHere(NearCopy copy, ContainerSession local) {
        try {
            ChangeSet changes = ChangeSet.of(copy.values(), local, copy.openFields(), context.codec());
            Set<String> changed = new HashSet<>(changes.writes().keySet());
            changes.locals().keySet().stream().filter(changes::setsLocal).forEach(changed::add);
            return changed;
        } catch (UnencodableAttributeException e) {
            return null;
        }
    }

    /** By its route; what an epoch has of that may be cut off. */
    private String nameOf(@Nullable Epoch writer) {
        if (writer == null || !writer.hasHolder() || writer.owner().equals(context.owner())) {
            return "another node";
        }
        String route = routeOf.apply(writer.owner());
        return "node " + (route != null ? route : writer.route());
    }

    private static String shown(Set<String> fields) {
        StringBuilder names = new StringBuilder();
        for (String field : fields) {
            names.append(names.isEmpty() ? "" : ", ")
                    .append('"')
                    .append(Fields.shown(field))
                    .append('"');
        }
        return names.toString();
    }
}
