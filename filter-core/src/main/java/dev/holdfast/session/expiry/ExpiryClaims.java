package dev.holdfast.session.expiry;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.ExpiryStore;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.NearCopies;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The two calls by which a session expires, in batches: the claim before its listeners are told, and the finish. Safe
 * for use by many threads.
 */
public final class ExpiryClaims {
    private final ProtocolContext context;
    private final ExpiryStore store;
    private final NearCopies copies;
    /** Copies whose claim is under way: the entry of their own end in the log is none of another. */
    private final Set<NearCopy> underWay = ConcurrentHashMap.newKeySet();

    public ExpiryClaims(ProtocolContext context) {
        this.context = context;
        this.store = context.store();
        this.copies = context.copies();
    }

    /** @param copy this node's copy, its lock held and its admission stopped; null if there is none */
    record Target(SessionId id, @Nullable NearCopy copy) {
        void release() {
            if (copy != null) {
                copy.lock.release();
            }
        }
    }

    /**
     * A session that is this node's to tell of.
     *
     * @param token of the claim; empty for a session that the store never knew
     * @param sentAt ticker time at which the claim was sent
     */
    public record Claimed(SessionId id, String token, int maxInactiveSeconds, ContainerSession local, long sentAt) {}

    /**
     * Says that the store could not be asked, or told.
     *
     * @param what came of that
     */
    void unavailable(String what, StoreUnavailableException e) {
        context.log().warn("HF-212", () -> what + ": " + e.getMessage(), e);
    }

    /** Whether an end that the log tells of may be this node's own claim, whose reply is under way. */
    public boolean isUnderWay(NearCopy copy) {
        return underWay.contains(copy);
    }

    /**
     * Claims all that may be claimed.
     *
     * @param owner this node as epochs name it, to claim before the deadline what it holds; else empty
     * @param reachedMillis how long the primary of a shard has been answering
     * @return what is this node's to tell of; its copies have ended, those of the others serve on or were dropped
     * @throws StoreUnavailableException if the store does not say; all copies then serve on
     */
    List<Claimed> claim(List<Target> targets, String owner, IntToLongFunction reachedMillis, WaitBudget budget) {
        if (targets.isEmpty()) {
            return List.of();
        }
        long now = context.ticker().nanos();
        List<ExpiryStore.Claim> claims = new ArrayList<>();
        for (Target target : targets) {
            NearCopy copy = target.copy();
            if (copy != null) {
                underWay.add(copy);
            }
            claims.add(new ExpiryStore.Claim(
                    target.id(),
                    context.ended().sending(target.id().shard()).generation(),
                    RandomToken.next(),
                    owner,
                    reachedMillis.applyAsLong(target.id().shard()),
                    copy == null ? null : copy.stored().base()));
        }
        try {
            List<ExpiryStore.ClaimReply> replies = store.claim(claims, budget);
            List<Claimed> claimed = new ArrayList<>();
            for (int i = 0; i < targets.size(); i++) {
                Claimed session = takeOrLeave(targets.get(i), claims.get(i), replies.get(i), now);
                if (session != null) {
                    claimed.add(session);
                }
            }
            return claimed;
        } finally {
            for (Target target : targets) {
                letGo(target.copy());
            }
        }
    }

    /** What cannot be made of one session costs its neighbours nothing: its lease ends, and it is tried again. */
    private @Nullable Claimed takeOrLeave(
            Target target, ExpiryStore.Claim claim, ExpiryStore.ClaimReply reply, long sentAt) {
        try {
            if (reply.outcome() == SessionStore.Outcome.MISMATCH) {
                dropIfUsedElsewhere(target.copy(), claim.reachedMillis());
            }
            return take(target, claim.token(), reply, sentAt);
        } catch (RuntimeException | Error e) {
            context.log()
                    .warn(
                            "HF-230",
                            () -> "The idle session " + target.id()
                                    + " cannot be made ready for its listeners, another node tries it in half a minute",
                            e);
            return null;
        }
    }

    /**
     * The store has a session that is past its deadline by all that is known here, and says that it is not: somebody
     * uses it elsewhere, and what the log said of that move was in a gap. Without this the copy would be asked for with
     * each sweep, as long as the session lives.
     */
    private void dropIfUsedElsewhere(@Nullable NearCopy copy, long reachedMillis) {
        if (copy == null) {
            return;
        }
        int maxInactive = copy.stored().maxInactiveSeconds();
        long deadline = TimeUnit.MILLISECONDS.toNanos(Lifetimes.deadlineMillis(maxInactive));
        if (reachedMillis > Lifetimes.graceMillis(maxInactive)
                && context.ticker().nanos() - copy.admission().lastUse() > deadline) {
            copies.drop(copy);
        }
    }

    private @Nullable Claimed take(Target target, String token, ExpiryStore.ClaimReply reply, long sentAt) {
        NearCopy copy = target.copy();
        if (reply.outcome() == SessionStore.Outcome.OTHER_GENERATION) {
            context.shards().otherGeneration(target.id().shard(), reply.tail().generation());
        }
        if (reply.outcome() == SessionStore.Outcome.GONE && copy != null) {
            copies.endedElsewhere(copy);
        }
        if (reply.outcome() != SessionStore.Outcome.OK) {
            return null;
        }
        SessionSnapshot snapshot = reply.snapshot();
        // Nobody sends again what was idle for so long, so this is in time.
        context.tombstones()
                .made(
                        target.id(),
                        token,
                        Tombstone.How.EXPIRED,
                        snapshot != null
                                ? snapshot.maxInactiveSeconds()
                                : copy == null ? 0 : copy.stored().maxInactiveSeconds());
        ContainerSession local = copy == null ? null : copy.local();
        if (snapshot == null && copy != null && local != null) {
            copy.end(true);
            copies.forget(copy);
            return new Claimed(target.id(), token, copy.stored().maxInactiveSeconds(), local, sentAt);
        }
        if (snapshot == null) {
            throw new IllegalStateException("The store left out the session that it has claimed");
        }
        if (copy != null) {
            copies.drop(copy); // another node has changed the session since
        }
        NearCopy last = new NearCopy(context, target.id());
        last.install(snapshot);
        ContainerSession restored =
                context.sessions().restoreExpired(target.id(), last.access(), snapshot, reply.sinceUseMillis());
        last.serve(restored);
        last.end(true);
        return new Claimed(target.id(), token, snapshot.maxInactiveSeconds(), restored, sentAt);
    }

    /**
     * After a claim that was not granted, the copy serves on, unless it was heard meanwhile that others went on with
     * the session.
     */
    private void letGo(@Nullable NearCopy copy) {
        if (copy == null) {
            return;
        }
        if (copy.trust().isStale() || context.options().roaming()) {
            copies.drop(copy);
        } else {
            copy.admission().resume();
        }
        underWay.remove(copy);
    }

    /**
     * Leaves nothing but tombstones of claimed sessions.
     *
     * @return the outcome of each that the store has decided about
     * @throws StoreUnavailableException if the store does not say
     */
    Map<Claimed, SessionStore.Outcome> finish(List<Claimed> claimed, WaitBudget budget) {
        Map<Claimed, SessionStore.Outcome> outcomes = new LinkedHashMap<>();
        List<Claimed> sent = new ArrayList<>();
        List<ExpiryStore.Finish> commands = new ArrayList<>();
        for (Claimed session : claimed) {
            if (session.token().isEmpty()) {
                outcomes.put(session, SessionStore.Outcome.OK);
            } else {
                sent.add(session);
                commands.add(new ExpiryStore.Finish(
                        session.id(),
                        context.ended().sending(session.id().shard()).generation(),
                        session.token(),
                        session.maxInactiveSeconds()));
            }
        }
        if (sent.isEmpty()) {
            return outcomes;
        }
        List<ExpiryStore.FinishReply> replies = store.finish(commands, budget);
        for (int i = 0; i < sent.size(); i++) {
            SessionStore.Outcome outcome = replies.get(i).outcome();
            if (outcome == SessionStore.Outcome.OTHER_GENERATION) {
                context.shards()
                        .otherGeneration(
                                sent.get(i).id().shard(), replies.get(i).tail().generation());
            } else if (outcome != null) {
                outcomes.put(sent.get(i), outcome);
            }
        }
        return outcomes;
    }
}
