package dev.holdfast.session.copy;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.StateVersion;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A session in this node's memory: the container's live object, the state it was last equal to, and what decides
 * whether it may be served without asking the store.
 *
 * <p><b>Implementation note.</b> Two guards. The <em>lock</em> (one permit) makes loads and commits of a session one at
 * a time: {@link #stored} changes only while it is held. The monitor is that of {@link #admission}, and guards who is
 * admitted and inside; what has to be one step for those takes it, and it is never held across a call to the
 * store, the codec or application code. Order: lock, then monitor, then a request's or the trust's own.
 */
public final class NearCopy extends CopyContent {
    private final ProtocolContext context;
    public final Semaphore lock = new Semaphore(1, true);

    private volatile SessionId id;
    private volatile @Nullable ContainerSession local;
    private final Trust trust;
    private final SessionAccess access;

    /** The copy that the protocol knows by this. */
    public static NearCopy of(SessionAccess access) {
        return ((CopyAccess) access).copy();
    }

    public NearCopy(ProtocolContext context, SessionId id) {
        super(id, context.rules());
        this.context = context;
        this.id = id;
        this.trust = new Trust(context.rules());
        this.access = new CopyAccess(this, context);
    }

    @Override
    ProtocolContext context() {
        return context;
    }

    /** The public id, as the container and the application know it. */
    public SessionId id() {
        return id;
    }

    /** The container's object; null while the session is loaded for the first time. */
    public @Nullable ContainerSession local() {
        return local;
    }

    /** What the container's object has of this copy. */
    public SessionAccess access() {
        return access;
    }

    void changeId(SessionId newId) {
        id = newId;
    }

    /** Whether the store knows, or may know, the session by another id than the application. */
    public boolean isIdChanging() {
        return mayBeStored() && !id.equals(stored().id());
    }

    // ---- its life

    /** Whether requests may still be served from this object. */
    public boolean isServing() {
        return admission().isServing();
    }

    /** Whether it serves nobody any more, for whatever reason. */
    public boolean isOrphan() {
        return admission().isOrphan();
    }

    /** Whether the session is known to have ended, here or elsewhere. */
    public boolean isOver() {
        return admission().isOver();
    }

    /** The first content of a copy that was created here. */
    public void create(ContainerSession created, Epoch born, boolean bornConfirmed, long now) {
        stored().named(RandomToken.next());
        local = created;
        trust.born(born, bornConfirmed);
        admission().begin(now);
    }

    /** For a session that the store knows and that no request uses through this copy. */
    public void standIn(ContainerSession object) {
        local = object;
        stored().unseen();
        admission().begin(0);
    }

    public void serve(ContainerSession object) {
        local = object;
        admission().serve();
    }

    /** Opens a request on this copy; false if it no longer serves. */
    public boolean open(RequestUse request) {
        return admission().open(request);
    }

    /**
     * Ends the session here.
     *
     * @param alone whether what was ended is for certain the state that this copy was last equal to, and its requests
     *     stand on
     */
    public void end(boolean alone) {
        admission().end(alone);
        context.events().ended(this);
    }

    @Override
    void allPaid(PendingWrites.Cleared was) {
        context.events().paid(was);
    }

    @Override
    void leftUnowned() {
        context.events().unowned(this, "");
    }

    // ---- whether it is served without asking

    /** What decides whether this copy is served without asking. */
    public Trust trust() {
        return trust;
    }

    /** Rule 1: whether a request that carries this epoch is served without asking. */
    public boolean trusts(@Nullable Epoch presented) {
        return isServing()
                && local != null
                && trust.covers(
                        presented,
                        context.options().roaming(),
                        id.shard(),
                        stored().maxInactiveSeconds(),
                        context.ended(),
                        context.ticker().nanos());
    }

    /** Whether the next call must move the epoch because the log was interrupted since the last one (rule 8). */
    public boolean mustMove(long era) {
        return isServing() && !stored().base().equals(StateVersion.NONE) && trust.mustMove(era);
    }
}
