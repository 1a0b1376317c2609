package dev.holdfast.session.testing;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.copy.Rules;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of the store that the promises rest on, as {@link Rules} has those of a node. In Redis they stand in
 * the scripts; the store in memory asks here, so that the checker can take one away.
 */
public class StoreRules {
    /** The rules of the product, all of them. */
    public static final StoreRules ALL = new StoreRules();

    /** Rule 4: a commit is written on the very state that its sender's copy is based on. */
    public boolean isBase(StateVersion stored, StateVersion sent, Epoch storedEpoch, @Nullable Epoch admitted) {
        return stored.equals(sent);
    }

    /** Rule 9: a change of the id is a commit like any other. */
    public boolean isBaseOfChangedId(StateVersion stored, StateVersion sent) {
        return stored.equals(sent);
    }

    /** Rule 4: nobody is refused for not being the holder; the epoch moves to whoever commits. */
    public boolean mayCommit(Epoch stored, @Nullable Epoch admitted) {
        return true;
    }

    /** Rule 12: a load of a node that roams takes the session from its holder. */
    public boolean endsHolding(Epoch stored, Epoch fresh) {
        return fresh.hasHolder() || stored.hasHolder();
    }

    /** Rule 8: a move of the epoch is told by the log. */
    public boolean logsMoves() {
        return true;
    }

    /** Rule 7: nothing is sent again before all nodes have told the ends that they know of. */
    public boolean waitsForAllEnds() {
        return true;
    }

    /** Rule 7: nobody builds on what was sent again before all nodes have sent theirs. */
    public boolean waitsForAllCopies() {
        return true;
    }

    /** Rule 7: a tombstone always wins. */
    public boolean leavesDead(boolean ended) {
        return ended;
    }

    /** Rule 7: of several states that are sent again the newest stays. */
    public boolean isOlder(StateVersion stored, StateVersion sent, Collection<StateVersion> history) {
        return stored.version() < sent.version() || history.contains(stored);
    }

    /** Rule 8: an end leaves a tombstone. */
    public boolean leavesTombstone() {
        return true;
    }

    /** Rule 8: what is not there is gone for ever, and no commit makes it again. */
    public boolean isGoneForEver() {
        return true;
    }

    /** Rule 11: a claimed session is gone for everyone. */
    public boolean isGoneWhileClaimed() {
        return true;
    }

    /** Rule 11: a claim stands until its lease ends. */
    public boolean isLeased(long now, long until) {
        return now <= until;
    }

    /** Rule 11: before the deadline only the holder may claim. */
    public boolean isHolder(Epoch stored, String claimer) {
        return stored.owner().equals(claimer);
    }

    /** Rule 11: how long after max inactive the deadline is, so that uses may be told late. */
    public long deadlineMillis(int maxInactiveSeconds) {
        return Lifetimes.deadlineMillis(maxInactiveSeconds);
    }
}
