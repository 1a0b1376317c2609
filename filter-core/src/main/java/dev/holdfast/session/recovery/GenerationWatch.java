package dev.holdfast.session.recovery;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.ShardStates;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store for the generations of shards from which no call of this node would hear that they are lost: of all
 * of them where there is a reason to, else of those that another node is recovering (rule 7).
 */
final class GenerationWatch {
    /** Shards in which nobody works are looked at as often, so that their generations live on. */
    private static final long QUIET = TimeUnit.HOURS.toNanos(1);

    private static final long ALL = -1L;

    private final ProtocolContext context;
    private final Membership membership;
    private final SettleStore store;
    private final ShardStates states;
    private final RecoveryReport report;
    private volatile long looked;
    private volatile boolean mustLook;
    /** At which primary all were last looked at, by its number. Used by the thread that looks. */
    private long lookedAt;

    GenerationWatch(ProtocolContext context, Membership membership, SettleStore store, RecoveryReport report) {
        this.context = context;
        this.membership = membership;
        this.store = store;
        this.states = context.shards();
        this.report = report;
        this.looked = context.ticker().nanos();
    }

    /** All shards are looked at with the next call. */
    void lookAtAll() {
        mustLook = true;
    }

    /**
     * Looks, with one call at most. By one thread.
     *
     * @param beat how the registry answered just before
     * @param primary number of the present one
     */
    void look(Membership.Heartbeat beat, long primary) {
        if (beat == Membership.Heartbeat.NO_ANSWER && context.store().isAway()) {
            return;
        }
        boolean all = mustLook
                || primary != lookedAt
                || beat == Membership.Heartbeat.UNKNOWN
                || context.ticker().nanos() - looked > QUIET;
        mustLook = all;
        try {
            if (look((all ? ALL : membership.unsettledOfOthers()) & ~states.unsettled()) && all) {
                mustLook = false;
                looked = context.ticker().nanos();
                lookedAt = primary;
            }
        } catch (StoreUnavailableException e) {
            report.unavailable(e);
        }
    }

    /** True if all of them answered. */
    private boolean look(long shards) {
        List<Integer> asked = new ArrayList<>();
        for (int shard = 0; shard < SessionId.SHARDS; shard++) {
            if ((shards >>> shard & 1) == 1) {
                asked.add(shard);
            }
        }
        if (asked.isEmpty()) {
            return true;
        }
        List<@Nullable String> generations = store.generations(asked, WaitBudget.ofBackground());
        boolean all = true;
        for (int i = 0; i < asked.size(); i++) {
            String generation = generations.get(i);
            all &= generation != null;
            if (generation != null) {
                states.found(asked.get(i), generation);
            }
        }
        return all;
    }
}
