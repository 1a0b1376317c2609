package dev.holdfast.redis.client;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Lack;
import dev.holdfast.session.WaitBudget;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * Sends round trips until they are answered, or until their time is over. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> A round trip is sent again at most once after an unknown outcome (a time-out or a
 * break after its first byte), with the same arguments: scripts recognise their own stamp. That second attempt takes no
 * connection that was idle, because a firewall that forgot one forgot them all; it begins when nothing came or went on
 * the first for half of the time, and from then on the answer of either does: a Redis that is merely slow would be as
 * slow again. What was refused before anything ran, for a reason that passes or because a cluster has it elsewhere, is
 * tried again until the time is over, and so is connecting; the round trip then goes out whole, as after an unknown
 * outcome, so that all of it ran on one connection. Proved by {@code RedisServerIT} and {@code ClusterIT}.
 */
final class CommandExecutor {
    private static final int MAX_UNKNOWN = 2;
    private static final int MAX_BROKEN = 3;
    private static final int MAX_REDIRECTS = 5;
    private static final long RENEWAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

    /** What was refused is tried again while this part of the time is left. */
    private static final int LEAST_PART = 8;

    /** A pause of this process that is worth a word. */
    private static final long STOOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Topology topology;
    private volatile long renewed = OwnTime.now() - RENEWAL_NANOS;

    CommandExecutor(Topology topology) {
        this.topology = topology;
    }

    /**
     * Sends one to the primary of its slots.
     *
     * @param end of its time, by {@link OwnTime}
     * @param budget for messages, and whether a request waits
     * @throws StoreUnavailableException if there was no answer in time, or none is to be expected: that primary is
     *     away, or too many wait for it
     */
    Replies run(Pipeline pipeline, List<Integer> slots, long end, WaitBudget budget) {
        return new Execution(pipeline, slots, end, budget, topology.known(slots.get(0))).run();
    }

    /** One round trip, until it is answered. */
    private final class Execution {
        private final long began = OwnTime.now();
        private final long stoodBefore = OwnTime.stood();
        private final Pipeline pipeline;
        private final List<Integer> slots;
        private final long end;
        private final WaitBudget budget;
        /** Where the attempt goes. */
        private RedisNode node;
        /** What waits for it there. */
        private Waiter waiter;
        /** Where the next attempt goes, for this once; null for the owner of the slots. */
        private @Nullable RedisNode asking;

        /** What was sent first, if nothing has come yet. */
        private @Nullable Sent silent;

        /** Where what is refused is tried again, if it is. */
        private @Nullable RedisNode triesAgainAt;

        /** What Redis refused last, if it did: a redirection only where nothing else was heard. */
        private @Nullable List<@Nullable Object> refused;

        /** What was heard last that was no silence. */
        private @Nullable ConnectionFailure told;

        private int unknown;
        private int broken;
        /** Since anything else was heard. */
        private int redirects;

        private boolean ranInPart;

        private Execution(Pipeline pipeline, List<Integer> slots, long end, WaitBudget budget, RedisNode node) {
            this.pipeline = pipeline;
            this.slots = slots;
            this.end = end;
            this.budget = budget;
            this.node = node;
            this.waiter = enter(node);
        }

        private Waiter enter(RedisNode there) {
            // From the beginning of the whole wait, so that who waited for all of the time saw all of the silence.
            long from = Math.min(began, end - budget.remainingNanos());
            List<String> keys = pipeline.calls().get(0).keys();
            Waiter entered =
                    there.gate().enter(from, budget.isBackground(), slots.get(0), keys.isEmpty() ? null : keys.get(0));
            if (entered == null) {
                throw there.gate().isAway() ? away(there) : tooMany(there);
            }
            return entered;
        }

        private StoreUnavailableException away(RedisNode there) {
            return new StoreUnavailableException(
                    "Cannot " + pipeline.what() + ": Redis " + there + " was not asked, it has been away for "
                            + there.gate().awayMillis()
                            + "ms. "
                            + (unknown > 0 ? "It may or may not be applied. " : "")
                            + "HF-402: The log says what it did, by the code HF-105.",
                    unknown > 0,
                    Lack.AWAY,
                    null);
        }

        private StoreUnavailableException tooMany(RedisNode there) {
            there.gate().sayTooMany();
            return new StoreUnavailableException(
                    "Cannot " + pipeline.what() + ": Redis " + there
                            + " says nothing, and as many requests as may wait for it do. "
                            + (unknown > 0 ? "It may or may not be applied. " : "")
                            + "HF-453: See HF-131; nothing is to be done here.",
                    unknown > 0,
                    Lack.CROWDED,
                    null);
        }

        Replies run() {
            try {
                return untilAnswered();
            } finally {
                node.gate().unanswered(waiter, ""); // if it has not left
                if (triesAgainAt != null) {
                    triesAgainAt.refusals().leave();
                }
                if (silent != null) {
                    silent.node().pool().giveUp(silent.connection());
                }
            }
        }

        private Replies untilAnswered() {
            long pause = PAUSE_NANOS;
            for (int number = 1; ; number++) {
                long start = OwnTime.now();
                Attempt attempt = isAnsweredAfterAll() ? answerAfterAll() : attempt();
                if (attempt.unknown()) {
                    unknown++;
                }
                if (attempt.replies() == null && isHeardAfterAll()) {
                    attempt = answerAfterAll();
                }
                long took = OwnTime.now() - start;
                ConnectionFailure before = told;
                remember(attempt);
                boolean pauses = attempt.next() == Next.AFTER_A_PAUSE
                        || (attempt.next() == Next.AT_ONCE && ++broken >= MAX_BROKEN);
                boolean wantsAgain = attempt.next() != Next.NOTHING && unknown < MAX_UNKNOWN && passes(attempt);
                boolean hasTime = end - OwnTime.now() > (pauses ? leastTime(attempt, pause) : 0);
                if (wantsAgain && pauses) {
                    stay(hasTime ? OwnTime.now() + pause : end);
                    pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
                }
                if (wantsAgain && (hasTime || isAnsweredAfterAll()) && !waiter.mustLeave()) {
                    continue;
                }
                if (attempt.replies() == null && mayBeAnsweredAfterAll() && late() != HeardSocket.Late.ENDED) {
                    waiter.alsoListens(this::isHeardAfterAll);
                    stay(end);
                    attempt = isHeardAfterAll() ? answerAfterAll() : attempt;
                }
                if (attempt.replies() != null && (refused == null || !attempt.redirected())) {
                    return answered(attempt.replies());
                }
                if (refused != null && (unknown == 0 || attempt.replies() != null)) {
                    // What Redis said tells more than where it sent us, or that there was no time to hear it again.
                    return answered(refused);
                }
                throw unanswered(attempt, number, took < half() ? before : null);
            }
        }

        private void remember(Attempt attempt) {
            if (attempt.replies() == null) {
                told = attempt.problem().isHeard() ? attempt.problem() : told;
                return;
            }
            if (refused == null || !attempt.redirected()) {
                refused = attempt.replies();
                told = attempt.replies().get(0) instanceof JedisDataException error
                        ? ConnectionFailure.refused(error)
                        : told;
            }
            if (!attempt.redirected()) {
                redirects = 0;
            }
        }

        /** Whether it is worth trying again what was refused; all else is, as far as this is concerned. */
        private boolean passes(Attempt attempt) {
            RedisError refusal = attempt.refusal();
            if (refusal == null || !refusal.isPassingAnswer()) {
                return true;
            }
            if (refusal.mayLast() && node.refusals().isLasting()) {
                return false;
            }
            if (triesAgainAt == null && node.refusals().enter()) {
                triesAgainAt = node;
            }
            return triesAgainAt != null;
        }

        /** For the pause and the try: one that is cut short would make an unknown outcome of a refusal. */
        private long leastTime(Attempt attempt, long pause) {
            return pause + (attempt.replies() == null ? pause : Math.max(pause, (end - began) / LEAST_PART));
        }

        /**
         * Whether the first attempt may have an answer that counts: what another primary than today's says is too late.
         */
        private boolean mayBeAnsweredAfterAll() {
            return silent != null
                    && silent.connection().mayBeAnswered()
                    && silent.connection().runId() != null
                    && silent.node().pool().leadsToThePrimary(silent.connection())
                    && silent.node().equals(node)
                    && slots.stream().allMatch(slot -> topology.known(slot).equals(node))
                    && pipeline.wanted().getAsBoolean();
        }

        /** Whether it has come, and is none that the second attempt may do better than. */
        private boolean isAnsweredAfterAll() {
            return late() == HeardSocket.Late.HEARD && mayBeAnsweredAfterAll();
        }

        private boolean isHeardAfterAll() {
            HeardSocket.Late late = late();
            return (late == HeardSocket.Late.HEARD || late == HeardSocket.Late.REFUSED) && mayBeAnsweredAfterAll();
        }

        private HeardSocket.Late late() {
            return silent == null
                    ? HeardSocket.Late.SILENT
                    : silent.connection().late();
        }

        private Attempt answerAfterAll() {
            Sent first = Objects.requireNonNull(silent);
            silent = null;
            waiter.alsoListens(() -> false);
            boolean done = false;
            boolean late = false;
            try {
                Attempt attempt = exchange(first, true);
                done = true;
                late = attempt.problem().isSilence();
                if (attempt.replies() != null) {
                    unknown--; // what became of it is known now
                }
                return attempt;
            } finally {
                giveBack(first, done, late);
            }
        }

        /** Waits, unless it makes no sense any more. */
        private void stay(long until) {
            for (long left = until - OwnTime.now();
                    left > 0 && !waiter.waitsInVain() && !Thread.currentThread().isInterrupted();
                    left = until - OwnTime.now()) {
                LockSupport.parkNanos(Math.min(left, MAX_PAUSE_NANOS));
            }
        }

        private Replies answered(List<@Nullable Object> all) {
            Replies replies = pipeline.replies(all, unknown > 0 || ranInPart);
            JedisDataException refused = replies.refusal(0);
            if (node.refusals().areAny() && pipeline.wasChange(replies)) {
                node.refusals().beginAnew();
            }
            if (refused == null || !RedisError.of(refused).isLack()) {
                node.gate().answered(waiter);
                return replies;
            }
            leave("said \"" + RedisError.words(refused) + "\"");
            return replies.asOf(node.gate().isAway());
        }

        /** Without an answer. Who has waited for nearly all that makes it away stays until that is decided. */
        private void leave(String what) {
            if (!what.isEmpty()) {
                stay(OwnTime.now() + node.gate().nearlyAway());
            }
            node.gate().unanswered(waiter, what);
        }

        /** @param before what was heard before it, if it had too little time to tell anything by its silence */
        private StoreUnavailableException unanswered(Attempt attempt, int number, @Nullable ConnectionFailure before) {
            ConnectionFailure problem = attempt.problem();
            ConnectionFailure earlier = problem.isSilence() || problem.isWithoutTime() ? before : null;
            boolean tooMany = waiter.isOneTooMany();
            boolean lacking = problem.lack() != Lack.NONE || unknown > 0;
            if (problem.isAnswer()) {
                node.gate().answered(waiter);
            } else {
                leave(lacking && !tooMany ? problem.what() : "");
            }
            if (tooMany && !node.gate().isAway()) {
                return tooMany(node);
            }
            return new StoreUnavailableException(
                    "Cannot " + pipeline.what() + ": Redis " + node + " "
                            + problem.what() + " (attempt " + number + ", "
                            + node.pool().busy() + " of " + ConnectionPool.SIZE + " connections busy, budget "
                            + budget.whole().toMillis() + "ms). "
                            + (earlier == null ? "" : "Before that, it " + earlier.what() + ". ")
                            + (unknown > 0 ? "It may or may not be applied. " : "")
                            + standing(OwnTime.stood() - stoodBefore)
                            + (earlier == null ? problem : earlier).remedy(),
                    unknown > 0,
                    node.gate().isAway() ? Lack.AWAY : lacking || node.gate().isSilent() ? Lack.SILENT : Lack.NONE,
                    attempt.cause());
        }

        private String standing(long nanos) {
            return nanos < STOOD_NANOS
                    ? ""
                    : "This node itself stood still for " + TimeUnit.NANOSECONDS.toMillis(nanos)
                            + "ms meanwhile, which was not counted. "
                            + "HF-454: See its garbage collection and its share of the processor before you look at"
                            + " Redis. ";
        }

        private Attempt attempt() {
            long start = OwnTime.now();
            if (end - start <= 0) {
                return new Attempt(null, false, Next.NOTHING, ConnectionFailure.NO_TIME_LEFT, null);
            }
            // Where another try may lead elsewhere, one has to be over before the request's time is.
            long deadline = topology.moves() ? Math.min(end, start + half()) : end;
            RedisNode detour = asking;
            asking = null;
            RedisConnection connection;
            try {
                goTo(detour == null ? topology.find(slots.get(0), deadline) : detour);
                connection = take(deadline);
            } catch (TimeoutException | InterruptedException | IOException | JedisException e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                return notConnected(e, ConnectionFailure.whenConnecting(e, millisSince(start)));
            }
            Sent sent = new Sent(node, connection, detour == null ? pipeline : pipeline.asking(), OwnTime.now());
            boolean done = false;
            boolean late = false;
            try {
                if (detour == null) {
                    topology.goingTo(slots, connection);
                }
                if (!pipeline.wanted().getAsBoolean()) {
                    done = true;
                    return new Attempt(null, false, Next.NOTHING, ConnectionFailure.ANOTHER_PRIMARY, null);
                }
                Attempt attempt = exchange(sent, false);
                done = true;
                late = attempt.problem().isSilence();
                return attempt;
            } finally {
                if (!sent.equals(silent)) {
                    giveBack(sent, done, late);
                }
            }
        }

        private RedisConnection take(long deadline) throws IOException, InterruptedException, TimeoutException {
            if (silent == null) {
                return node.pool().take(deadline, unknown > 0 || broken > 0, waiter);
            }
            waiter.alsoListens(this::isAnsweredAfterAll);
            return node.equals(silent.node())
                    ? node.pool().takeAnother(silent.connection(), deadline, waiter)
                    : node.pool().take(deadline, true, waiter);
        }

        private void giveBack(Sent sent, boolean done, boolean late) {
            ConnectionPool pool = sent.node().pool();
            if (!done) {
                sent.connection().close(); // it may be in the middle of a reply
            }
            if (late) {
                pool.giveUp(sent.connection());
            } else {
                pool.giveBack(sent.connection());
            }
        }

        private long half() {
            return (end - began) / 2;
        }

        private void goTo(RedisNode next) {
            if (!next.equals(node)) {
                node.gate().unanswered(waiter, "");
                waiter = enter(next);
                node = next;
            }
        }

        private Attempt notConnected(Exception e, ConnectionFailure problem) {
            if (problem.isLackingAnswer()) {
                waiter.heardNothingOfUse();
            }
            boolean interrupted = Thread.currentThread().isInterrupted();
            boolean silent = e instanceof IOException || e instanceof JedisConnectionException;
            if (silent && topology.moves() && !interrupted) {
                // Also where a certificate is wrong: its address may be another server's by now.
                topology.doubt(node);
            }
            // What is gone is back soon, or has a successor. What the sentinels say, or Redis refuses for good, stays
            // as it is.
            boolean later = silent
                    ? !(e instanceof RedisConnectException told && !told.isSilence())
                    : e instanceof JedisDataException refused
                            && RedisError.of(refused).isPassing();
            boolean closed = node.pool().isClosed() && !topology.moves();
            return new Attempt(
                    null, false, later && !interrupted && !closed ? Next.AFTER_A_PAUSE : Next.NOTHING, problem, e);
        }

        /** @param before whether it has been sent, and nothing was heard */
        private Attempt exchange(Sent sent, boolean before) {
            RedisConnection connection = sent.connection();
            long patience = unknown == 0 ? half() : Long.MAX_VALUE;
            long sentBefore = connection.bytesSent();
            boolean begins = !before;
            try {
                if (begins) {
                    sent.pipeline().send(connection, end, patience, waiter);
                    waiter.alsoListens(() -> false); // this one is being answered
                    begins = false;
                }
                List<@Nullable Object> replies = sent.pipeline().receive(connection, end, patience, waiter);
                JedisRedirectionException elsewhere =
                        slots.size() == 1 && topology.moves() ? redirection(replies) : null;
                if (elsewhere != null) {
                    return redirected(elsewhere, replies);
                }
                RedisError first = replies.get(0) instanceof JedisDataException refused ? RedisError.of(refused) : null;
                if (first != null && first.isLack()) {
                    waiter.heardNothingOfUse();
                }
                if (first == RedisError.READONLY || first == RedisError.MASTERDOWN) {
                    // The name may lead to the new primary by now, connections of before never will.
                    connection.close();
                    renew();
                }
                // One slot's move is no reason to send the calls about the others again.
                boolean passing = first != null && first.isPassing() && (slots.size() == 1 || !first.isElsewhere());
                return Attempt.answered(replies, passing);
            } catch (RuntimeException e) {
                // Whatever Jedis throws at a reply that is none: what was sent may be done.
                ConnectionFailure problem = ConnectionFailure.whenAsking(e, millisSince(sent.at()));
                if (!problem.isSilence()) {
                    connection.close();
                    waiter.heardNothingOfUse();
                }
                renewWhereItMayHelp();
                boolean left = connection.bytesSent() > sentBefore;
                if (begins && problem.isSilence() && silent == null && connection.mayBeAnswered()) {
                    silent = sent;
                }
                return new Attempt(null, left, Next.AT_ONCE, problem, e);
            }
        }

        private Attempt redirected(JedisRedirectionException elsewhere, List<@Nullable Object> replies) {
            RedisNode named = topology.named(elsewhere.getTargetNode(), node);
            if (elsewhere instanceof JedisMovedDataException) {
                topology.moved(slots.get(0), named);
            } else {
                asking = named;
            }
            ranInPart |= replies.stream().anyMatch(reply -> !(reply instanceof JedisDataException));
            return Attempt.redirected(replies, ++redirects <= MAX_REDIRECTS ? Next.ELSEWHERE : Next.AFTER_A_PAUSE);
        }

        // At most once a second: a primary that is merely slow is not helped by connections that are made anew.
        private void renewWhereItMayHelp() {
            long now = OwnTime.now();
            if (topology.moves() && now - renewed > RENEWAL_NANOS) {
                renewed = now;
                renew();
            }
        }

        private void renew() {
            topology.doubt(node);
            node.pool().closeIdle();
        }
    }

    private static @Nullable JedisRedirectionException redirection(List<@Nullable Object> replies) {
        for (Object reply : replies) {
            if (reply instanceof JedisMovedDataException || reply instanceof JedisAskDataException) {
                return (JedisRedirectionException) reply;
            }
        }
        return null;
    }

    private static long millisSince(long moment) {
        return TimeUnit.NANOSECONDS.toMillis(OwnTime.now() - moment);
    }

    /**
     * What goes out, and where.
     *
     * @param at when, by {@link OwnTime}
     */
    private record Sent(RedisNode node, RedisConnection connection, Pipeline pipeline, long at) {}

    private enum Next {
        NOTHING,
        AT_ONCE,
        ELSEWHERE,
        AFTER_A_PAUSE
    }

    /**
     * @param replies null if there were none
     * @param unknown true if it may have been applied
     * @param next what may help
     * @param redirected whether the replies tell no more than where it is to be tried next
     */
    private record Attempt(
            @Nullable List<@Nullable Object> replies,
            boolean unknown,
            Next next,
            ConnectionFailure problem,
            @Nullable Throwable cause,
            boolean redirected) {
        Attempt(
                @Nullable List<@Nullable Object> replies,
                boolean unknown,
                Next next,
                ConnectionFailure problem,
                @Nullable Throwable cause) {
            this(replies, unknown, next, problem, cause, false);
        }

        @Nullable
        RedisError refusal() {
            return replies != null && replies.get(0) instanceof JedisDataException refused
                    ? RedisError.of(refused)
                    : null;
        }

        static Attempt redirected(List<@Nullable Object> replies, Next next) {
            return new Attempt(replies, false, next, ConnectionFailure.NONE, null, true);
        }

        static Attempt answered(List<@Nullable Object> replies, boolean passing) {
            return new Attempt(
                    replies, false, passing ? Next.AFTER_A_PAUSE : Next.NOTHING, ConnectionFailure.NONE, null);
        }
    }
}
