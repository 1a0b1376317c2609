package dev.holdfast.session.expiry;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.InvalidationLog;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.ShardStates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Uses that changed nothing, joined: at most one touch per session and flush, all of a flush in one round trip.
 *
 * <p>Trust ends F after the last <em>acknowledged</em> use, so a flush that fails or comes late costs a round trip and
 * never a session.
 */
public final class TouchBatcher {
    private static final int BATCH = 500;

    /**
     * So many go with one flush of each second, and no more once it has taken half of one: behind an outage there are
     * as many as sessions, and the questions of all applications of the server, on which trust hangs, come after them
     * on the same thread.
     */
    private static final int MOST = 20 * BATCH;

    private static final long TIME = TimeUnit.MILLISECONDS.toNanos(500);

    /** So long a node that stops goes on. */
    private static final long LAST = TimeUnit.SECONDS.toNanos(5);

    private final SessionStore store;
    private final Ticker ticker;
    private final InvalidationLog log;
    private final ShardStates shards;
    private final Map<NearCopy, Long> uses = new ConcurrentHashMap<>();

    public TouchBatcher(ProtocolContext context) {
        this.store = context.store();
        this.ticker = context.ticker();
        this.log = context.ended();
        this.shards = context.shards();
    }

    public void note(NearCopy copy, long use) {
        uses.merge(copy, use, Math::max);
    }

    /** Whether a use of this session is still to be told. */
    public boolean isQueued(NearCopy copy) {
        return uses.containsKey(copy);
    }

    /**
     * Sends what was noted, as much as a flush of each second may: first of those sessions of whose uses the store
     * knows least.
     *
     * @param gone gets the copies whose session is gone from the store, and the id that was touched: it may have
     *     changed since
     * @return how many touches were sent
     */
    public int flush(BiConsumer<NearCopy, SessionId> gone) {
        List<Map.Entry<NearCopy, Long>> due = new ArrayList<>(uses.entrySet());
        if (due.size() > MOST) {
            due.sort(Comparator.comparingLong(entry -> entry.getKey().trust().acknowledgedUse()));
        }
        return send(due.subList(0, Math.min(due.size(), MOST)), gone, TIME);
    }

    /** Sends all that was noted, or what it can in some seconds, for a node that has no later flush. */
    public int flushAll() {
        return send(new ArrayList<>(uses.entrySet()), (copy, id) -> {}, LAST);
    }

    /** @param time when it has passed, no batch is begun any more */
    private int send(List<Map.Entry<NearCopy, Long>> due, BiConsumer<NearCopy, SessionId> gone, long time) {
        long end = ticker.nanos() + time;
        int sent = 0;
        for (int from = 0; from < due.size() && (from == 0 || ticker.nanos() - end < 0); from += BATCH) {
            List<Map.Entry<NearCopy, Long>> batch = due.subList(from, Math.min(due.size(), from + BATCH));
            sent += send(batch, gone);
        }
        return sent;
    }

    private int send(List<Map.Entry<NearCopy, Long>> batch, BiConsumer<NearCopy, SessionId> gone) {
        List<NearCopy> copies = new ArrayList<>();
        List<Long> times = new ArrayList<>();
        List<SessionStore.Touch> touches = new ArrayList<>();
        long now = ticker.nanos();
        for (Map.Entry<NearCopy, Long> entry : batch) {
            NearCopy copy = entry.getKey();
            long use = entry.getValue();
            uses.remove(copy, use);
            ContainerSession local = copy.local();
            if (local == null || !copy.isServing() || !copy.trust().needsTouch(use)) {
                continue; // a load or commit that came later has told the store, or nobody needs to
            }
            if (copy.stored().base().equals(StateVersion.NONE)) {
                continue; // the store does not know it yet, and will be told of the last use when it is
            }
            copies.add(copy);
            times.add(use);
            touches.add(new SessionStore.Touch(
                    copy.stored().id(),
                    log.sending(copy.stored().id().shard()).generation(),
                    copy.stored().maxInactiveSeconds(),
                    Math.max(0, (now - use) / 1_000_000)));
        }
        if (touches.isEmpty()) {
            return 0;
        }
        List<SessionStore.TouchReply> replies;
        try {
            replies = store.touch(touches, WaitBudget.ofBackground());
        } catch (StoreUnavailableException e) {
            for (int i = 0; i < copies.size(); i++) {
                note(copies.get(i), times.get(i));
            }
            throw e;
        }
        for (int i = 0; i < copies.size(); i++) {
            NearCopy copy = copies.get(i);
            SessionStore.Outcome outcome = replies.get(i).outcome();
            if (outcome == SessionStore.Outcome.OK) {
                copy.trust().touched(times.get(i));
            } else if (outcome == SessionStore.Outcome.GONE) {
                gone.accept(copy, touches.get(i).id());
            } else if (outcome != SessionStore.Outcome.RENAMED) { // the log tells of that, and the copy goes then
                if (outcome == SessionStore.Outcome.OTHER_GENERATION) {
                    shards.otherGeneration(
                            copy.stored().id().shard(), replies.get(i).tail().generation());
                }
                note(copy, times.get(i));
            }
        }
        return touches.size();
    }
}
