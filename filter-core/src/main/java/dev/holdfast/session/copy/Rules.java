package dev.holdfast.session.copy;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LogEntry;
import dev.holdfast.session.StateVersion;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of the protocol that its promises rest on, one function each: what they decide about is handed in, and
 * nothing is kept.
 *
 * <p>Each was found necessary by an explicit-state check: with that one decided otherwise, a promise is broken. So the
 * tests' checker can take one away and see that it finds the trace. Decisions that the store makes (base and stamp
 * compared, GONE is final, the order of checks) are not here: they stand in its scripts.
 */
public class Rules {
    /** The rules of the product, all of them. */
    public static final Rules ALL = new Rules();

    // ---- epochs and trust (rules 1, 2, 3, 8 and 12)

    /**
     * Rule 2: the right to serve from memory is handed to one incarnation of a node, not to all that ever bear its
     * name. Rule 12: a roaming node takes the right away and gives it to nobody, not even to itself.
     */
    public String owner(String route, String incarnation, boolean roaming) {
        return roaming ? "" : Epoch.ownerOf(route, incarnation);
    }

    /** Rules 2 and 12: only a confirmed epoch gives trust, and a roaming node never trusts. */
    public boolean mayTrust(boolean confirmed, boolean roaming) {
        return confirmed && !roaming;
    }

    /**
     * Rule 2: a load confirms an epoch that comes back, a commit never does; it only leaves one that it does not move.
     */
    public boolean isConfirmedAfterCommit(boolean kept, boolean confirmedBefore) {
        return kept && confirmedBefore;
    }

    /** Rule 1 (c): how old the last answer about the ended log may be. */
    public boolean isLogFresh(long ageNanos) {
        return ageNanos <= Lifetimes.LOG_AGE.toNanos();
    }

    /** Rule 1: ages count from the sending of a question, or an end that happened meanwhile would be outlived. */
    public long agesFrom(long sent, long answered) {
        return sent;
    }

    /** Rule 1 (d): how old the use that the store last acknowledged may be. */
    public boolean isUseRecent(long ageNanos, int maxInactiveSeconds) {
        return ageNanos <= Lifetimes.graceMillis(maxInactiveSeconds) * 1_000_000L;
    }

    /** Rule 8: an entry about a session says something only about a copy that was loaded before it. */
    public boolean isNews(long entrySequence, long loadedSequence) {
        return entrySequence > loadedSequence;
    }

    /**
     * Rule 8: an answer that does not begin with the node's last entry has lost some, or is of another history; so is
     * one that lacks an entry that an earlier reply told of. Else what follows in the other history could pass for what
     * a copy was loaded with.
     */
    public boolean isGap(String from, String told, List<String> members) {
        if (!told.isEmpty() && !members.contains(told)) {
            return true;
        }
        return from.isEmpty()
                ? !members.isEmpty() && LogEntry.sequenceOf(members.get(0)) != 1
                : members.isEmpty() || !members.get(0).equals(from);
    }

    /**
     * Rule 8: after a gap, another primary or another generation a copy is trusted again by a load sent after the next
     * good answer.
     *
     * @param goodBefore whether there was a good answer between the last loss of trust and the sending
     */
    public boolean mayTrustAfter(boolean goodBefore, long eraSent, long eraNow) {
        return goodBefore && eraSent == eraNow;
    }

    /**
     * Rule 8: the first load or commit after trust was lost moves the epoch: Redis may have forgotten who holds the
     * session.
     */
    public boolean mustMove(long eraOfTrust, long eraNow) {
        return eraOfTrust != eraNow;
    }

    /**
     * Rule 8: a move to this very incarnation is told by its call's reply, one to any other says that the copy here is
     * no longer current.
     *
     * @param owner whom the entry names
     * @param own this incarnation
     */
    public boolean isOwnEntry(String owner, String own) {
        return owner.equals(own);
    }

    /** Rule 3: a reply is not installed for an id whose end was heard meanwhile. */
    public boolean mayInstall(CopyState state) {
        return state == CopyState.EMPTY || state == CopyState.SERVING;
    }

    /**
     * Rule 3: what a request that shares another's load answers with: no mark stands in two answers, unless it is
     * nobody's.
     */
    public Epoch inSharedAnswer(Epoch loaded, String owner) {
        return loaded.hasHolder() || !owner.isEmpty() ? Epoch.fresh(owner) : loaded;
    }

    /** Rule 12: a mark without holder is told to every browser that does not carry it. */
    @Nullable
    public Epoch withoutHolder(Epoch unheld, @Nullable Epoch presented) {
        return unheld.equals(presented) ? null : unheld;
    }

    /**
     * While the store is away, only a confirmed epoch shows that the browser was nowhere else since this copy was
     * current.
     */
    public boolean mayServeWithoutStore(@Nullable Epoch presented, @Nullable Epoch ofCopy, boolean confirmed) {
        return confirmed && presented != null && presented.equals(ofCopy);
    }

    // ---- what must be in the store before an answer (rules 4, 6 and 10)

    /**
     * Rule 4: a commit compares the epoch that the request was admitted under, not the copy's, which a neighbour may
     * have moved.
     */
    @Nullable
    public Epoch committedUnder(@Nullable Epoch admitted, @Nullable Epoch ofCopy) {
        return admitted;
    }

    /**
     * Rule 4: a request that writes nothing and answers with no epoch renews, if the one it was admitted under is no
     * longer the copy's.
     */
    public boolean mustRenew(@Nullable Epoch answer, @Nullable Epoch admitted, @Nullable Epoch ofCopy) {
        return answer == null && admitted != null && !admitted.equals(ofCopy);
    }

    /** Rule 4: whoever reads a neighbour's unsaved value commits it before the answer, as if it had written it. */
    public boolean isCommitted(boolean read, boolean written) {
        return read || written;
    }

    /** Rule 6: what was refused goes with the copy, or a neighbour's commit would make it durable. */
    public boolean keepsRefusedWork() {
        return false;
    }

    /**
     * Rule 6: a retry never merges. Its first attempt may have been applied, and been overwritten by somebody who saw
     * it.
     */
    public boolean mayMerge(boolean repeated) {
        return !repeated;
    }

    /** Rule 10: until when an answer waits whose headers could not tell that the epoch moved. */
    public long oldTrustEnds(long movedAt) {
        return movedAt + Lifetimes.LOG_AGE.toNanos() * 11 / 10;
    }

    // ---- a state that another node wrote (rules 3, 5 and 7)

    /**
     * Rule 5: a field has changed if another commit wrote it; versions repeat after a failover, stamps do not. Null:
     * not there.
     */
    public boolean isChanged(@Nullable StateVersion here, @Nullable StateVersion stored) {
        return !Objects.equals(here, stored);
    }

    /** Rule 5: what was read was used, written afterwards or not; what was set and read by nobody was not. */
    public boolean isUse(boolean read, boolean written) {
        return read;
    }

    /**
     * Rule 5: what a request used that was acknowledged at risk stays used until it is saved, by a blind write, too.
     */
    public boolean isUseOfTheAcknowledged(boolean owed) {
        return owed;
    }

    /** What a commit of this node wrote, whose answer was lost when the store went away, was changed by no other. */
    public boolean isOwnWork(boolean mine) {
        return mine;
    }

    /**
     * Rules 3 and 5: the uses of all open requests of a copy count, not only those of the one whose call met the
     * change.
     */
    public boolean isChecked(boolean ownRequest) {
        return true;
    }

    /** Rule 5: a drop dooms every request inside that did, or saw, what is not in the store. */
    public boolean isDoomed(boolean unsaved) {
        return unsaved;
    }

    /** Rule 7 (a): the ends go before the copies. */
    public boolean tellsEndsFirst() {
        return true;
    }

    /**
     * Rule 7: the store has an older state of this copy's own history: it lost data, and the copy re-sends what it
     * holds.
     */
    public boolean mayResend(StateVersion stored, Collection<StateVersion> history) {
        return history.contains(stored);
    }
}
