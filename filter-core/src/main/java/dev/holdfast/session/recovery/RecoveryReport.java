package dev.holdfast.session.recovery;

import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SettleStore.Waiting;
import dev.holdfast.session.StoreUnavailableException;
import java.util.concurrent.TimeUnit;

/** What operators are told of a recovery after data loss. */
final class RecoveryReport {
    private final RateLimitedLog log;

    RecoveryReport(RateLimitedLog log) {
        this.log = log;
    }

    void unavailable(StoreUnavailableException e) {
        log.warn(
                "HF-219",
                () -> "Redis cannot be asked whether it has lost data, nor be told again what it lost; it is"
                        + " tried again each second: "
                        + e.getMessage(),
                e);
    }

    void lost(int shards) {
        log.warn(
                "HF-222",
                () -> "Redis has lost the data of " + shards + " of " + SessionId.SHARDS
                        + " shards of the sessions, or was replaced. What needs them is answered 503 until"
                        + " all nodes have told it which sessions had ended, and have sent it those that"
                        + " they hold.",
                null);
    }

    /** @param what in the plural */
    void refused(String what) {
        log.warn(
                "HF-223",
                () -> "Redis lost data, and has not taken " + what + " that this node sends again for "
                        + TimeUnit.NANOSECONDS.toSeconds(LostShard.LONGEST)
                        + " seconds. What it lost of the shards concerned is settled without.",
                null);
    }

    /** @param next what is waited for no longer */
    void notComing(int nodes, Waiting next) {
        log.warn(
                "HF-217",
                () -> "Nodes that were there before Redis lost its data do not come back to settle it: "
                        + nodes
                        + " of them are waited for no longer. "
                        + (next == Waiting.FOR_THOSE_WHO_CAME
                                ? "They may know of sessions that ended, so no session that Redis lost is"
                                        + " sent again; new sessions begin."
                                : "Sessions that they alone held are lost."),
                null);
    }

    void unencodable(SessionId id, Exception e) {
        log.warn("HF-221", () -> "Session " + id + ", which Redis lost, cannot be sent again: " + e.getMessage(), null);
    }

    void settled(long sent) {
        log.warn(
                "HF-220",
                () -> "All shards whose data Redis lost are settled: this node has sent " + sent + " sessions again.",
                null);
    }
}
