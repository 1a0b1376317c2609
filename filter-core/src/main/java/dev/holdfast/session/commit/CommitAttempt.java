package dev.holdfast.session.commit;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Fields;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.InvalidationLog;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a commit sends now: which changes, on which state of the store, under which stamp. Under the copy's lock.
 *
 * <p><b>Implementation note.</b> A step to another state makes the next attempt a commit of its own, with a new stamp;
 * only a re-sent one, whose first attempt the store may have lost, keeps it.
 */
final class CommitAttempt {
    private final ProtocolContext context;
    private final RequestUse request;
    private final ContainerSession local;
    private ChangeSet changes;
    private StateVersion base;
    private String stamp;
    private boolean create;
    /** Whether an earlier attempt to create the session went unanswered. */
    private boolean again;
    /** Whether the store has an older state, and nothing but this tells it so. */
    private boolean whole;

    /** Epoch that the session gets if it has to move; another one each time that it is sent. */
    private @Nullable Epoch fresh;

    private int maxInactive;

    CommitAttempt(ProtocolContext context, RequestUse request, ContainerSession local, ChangeSet changes) {
        this.context = context;
        this.request = request;
        this.local = local;
        this.changes = changes;
        this.base = copy().stored().base();
        this.create = base.equals(StateVersion.NONE);
        String unanswered = create ? copy().owed().createStamp() : null;
        this.again = unanswered != null;
        this.stamp = unanswered != null ? unanswered : RandomToken.next();
    }

    private NearCopy copy() {
        return request.copy();
    }

    ChangeSet changes() {
        return changes;
    }

    boolean isCreation() {
        return create;
    }

    /** Whether the epoch moved to the one that was drawn for this. */
    boolean hasMovedTo(Epoch epoch) {
        return epoch.equals(fresh);
    }

    /** Drawn when it was sent. */
    Epoch fresh() {
        return Objects.requireNonNull(fresh);
    }

    // ---- what is sent

    SessionStore.Write command(Initiator initiator, InvalidationLog.Sent sent) {
        Epoch drawn = Epoch.fresh(context.owner());
        fresh = drawn;
        maxInactive = local.maxInactiveSeconds();
        return create ? creation(initiator, sent) : commit(sent, copy().mustMove(sent.era()), drawn);
    }

    private SessionStore.Create creation(Initiator initiator, InvalidationLog.Sent sent) {
        Epoch born = copy().trust().epoch();
        if (born == null) {
            throw new IllegalStateException("A session without epoch");
        }
        // An attempt that went unanswered may have created it: under the same id again, and a change of it goes with
        // the next commit.
        if (!again && !copy().id().equals(copy().stored().id())) {
            copy().stored().renamed(copy().id());
        }
        context.counters().creates.increment();
        return new SessionStore.Create(
                copy().stored().id(),
                sent.generation(),
                stamp,
                born,
                copy().stored().internalId(),
                local.createdMillis(),
                maxInactive,
                // A request that makes a session uses it now: it may have begun longer ago than the session may be
                // idle.
                initiator == Initiator.BACKGROUND ? context.age(request.began()) : 0,
                changes.writes());
    }

    private SessionStore.Commit commit(InvalidationLog.Sent sent, boolean mustMove, Epoch drawn) {
        context.counters().commits.increment();
        return new SessionStore.Commit(
                copy().stored().id(),
                sent.generation(),
                base,
                stamp,
                mustMove
                        ? null
                        : context.rules()
                                .committedUnder(
                                        request.admitted(), copy().trust().epoch()),
                drawn,
                maxInactive,
                context.age(request.began()),
                changes.writes(),
                changes.removes(),
                copy().id().equals(copy().stored().id()) ? null : copy().id());
    }

    // ---- what came of it

    /**
     * The store has taken it, and the copy does so.
     *
     * @return false if all is to be written again
     */
    boolean saved() {
        StateVersion saved = base.next(stamp);
        if (!again) {
            copy().saved(saved, maxInactive, changes);
            return true;
        }
        Set<String> perhapsStored = copy().owed().created();
        perhapsStored.addAll(changes.writes().keySet());
        copy().created(saved, maxInactive, perhapsStored);
        return false;
    }

    /**
     * What this was to save stays with the copy, though there was no usable answer: it is saved later, and where it may
     * have been applied its stamp is known for this node's own then.
     */
    void staysUnsaved(StoreUnavailableException failure) {
        copy().toSave(changes);
        if (failure.maybeApplied() || whole) {
            copy().owed().unanswered(stamp, changes, create, maxInactive);
        }
    }

    /** The copy takes over what this was to save, and its stamp is known for this node's own. */
    void takeOver() {
        copy().toSave(changes);
        copy().owed().unanswered(stamp, changes, create, maxInactive);
    }

    // ---- the next one

    /** Two sessions of one id: the one that is stored is not the one that this copy created, or tries to. */
    boolean isAnother(SessionSnapshot stored) {
        return create && !stored.internalId().equals(copy().stored().internalId());
    }

    /** What is stored was merged under the copy: the next attempt is on that. */
    void merged() {
        create = false;
        again = false;
        base = copy().stored().base();
        stamp = RandomToken.next();
        copy().window().open();
    }

    /** What is left to write then. */
    void writes(ChangeSet left) {
        changes = left;
    }

    /**
     * The session was created by an attempt that is not known, and so with values that are not known: all of them are
     * written again.
     */
    void writeAll() throws UnencodableAttributeException {
        merged();
        changes = ChangeSet.whole(copy().values(), local, Set.of(), context.codec());
    }

    /** The store has an older state: it gets the whole session. */
    void takeWhole(SessionSnapshot stored) throws UnencodableAttributeException {
        context.counters().resends.increment();
        context.log()
                .warn(
                        "HF-206",
                        () -> "Session " + copy().id()
                                + " is older in Redis than on this node: Redis lost data. It is sent again.",
                        null);
        whole = true;
        base = stored.base();
        copy().window().open();
        changes = ChangeSet.whole(copy().values(), local, stored.values().keySet(), context.codec());
    }

    /** No earlier attempt may have been applied. */
    void drawStamp() {
        stamp = RandomToken.next();
    }

    /** What it is to change, for a message. */
    String names() {
        Set<String> names = new TreeSet<>();
        changes.writes().keySet().forEach(field -> names.add(Fields.shown(field)));
        changes.removes().forEach(field -> names.add(Fields.shown(field)));
        return names.isEmpty() ? "id or timeout" : String.join(", ", names);
    }
}
