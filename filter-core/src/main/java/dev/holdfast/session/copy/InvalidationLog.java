package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.LogEntry;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What this node has heard of the ended log of each shard (rule 8 of the protocol): how old the last good answer is, up
 * to which entry it has read, and whether it missed anything.
 *
 * <p><b>Implementation note.</b> Invariant: while {@link #fresh} says yes for a copy, every entry about its id that was
 * written before the last good question was sent has been handed to the listener, or was not above the sequence with
 * which the copy was loaded. An error only lets the age run: the next question reads from the same entry. A gap,
 * another primary or another generation may have swallowed entries, so all copies of the shard lose their trust
 * ({@code era} moves on) until a load that was <em>sent</em> after the next good answer. Ages count from the sending,
 * or an answer that was long on its way would prolong trust past an end that happened meanwhile. The log of a shard
 * that lost its data is read on for the ends in it, that is, those that nodes tell again: a copy that is still served
 * from memory must hear of them as soon as of others (P5). Proved by {@code ShardRecoveryTest}. A reply whose newest
 * entry is older than the one already read was overtaken: entries between the two were handed out before the copy was
 * there to hear them, so that copy is not to be trusted.
 */
public final class InvalidationLog {
    private final SessionStore store;
    private final Ticker ticker;
    private final Rules rules;
    private final ShardStates shards;

    public InvalidationLog(SessionStore store, Ticker ticker, Rules rules, ShardStates shards) {
        this.store = store;
        this.ticker = ticker;
        this.rules = rules;
        this.shards = shards;
    }

    /**
     * What was true of a shard when a call was sent.
     *
     * @param era number of losses of trust so far
     * @param good whether there was a good answer since the last one
     * @param at ticker time of the sending
     * @param told newest entry that the log must have, by a reply that came before; empty if that is known to have been
     *     read
     */
    public record Sent(long era, boolean good, long at, String generation, String told) {}

    /** To be called before a command to the shard is sent. */
    public Sent sending(int shard) {
        ShardStates.State s = shards.of(shard);
        synchronized (s) {
            String generation = s.generation;
            if (generation.isEmpty() && (s.unsettled || !shards.isAlone())) {
                generation = SessionStore.UNSEEN;
            }
            return new Sent(s.era, s.good, ticker.nanos(), generation, s.told);
        }
    }

    /**
     * Takes the tail of a reply.
     *
     * @return the era in which a copy with this reply's state may be trusted, -1 if in none
     */
    public long heard(int shard, Sent sent, ShardTail tail) {
        ShardStates.State s = shards.of(shard);
        synchronized (s) {
            if (s.generation.isEmpty()) {
                s.generation = tail.generation();
            }
            if (s.position == null) {
                s.position = tail.newestEntry();
                s.goodSentAt = rules.agesFrom(sent.at(), ticker.nanos());
            }
            if (sent.era() == s.era && LogEntry.sequenceOf(tail.newestEntry()) > sequenceKnown(s)) {
                s.told = tail.newestEntry();
            }
            boolean overtaken = LogEntry.sequenceOf(tail.newestEntry()) < LogEntry.sequenceOf(s.position);
            return rules.mayTrustAfter(sent.good(), sent.era(), s.era) && !overtaken ? s.era : -1;
        }
    }

    @GuardedBy("s")
    private static long sequenceKnown(ShardStates.State s) {
        return Math.max(LogEntry.sequenceOf(s.told), s.position == null ? 0 : LogEntry.sequenceOf(s.position));
    }

    /** Clause (c) of rule 1 for a copy that may be trusted in this era. */
    public boolean fresh(int shard, long era) {
        ShardStates.State s = shards.of(shard);
        synchronized (s) {
            return era == s.era && s.position != null && rules.isLogFresh(ticker.nanos() - s.goodSentAt);
        }
    }

    /**
     * Asks for the shards in which this node has copies; stops following the others.
     *
     * @param followed whether the node has copies in a shard
     * @param listener gets each new entry with its shard
     */
    public void ask(IntPredicate followed, BiConsumer<Integer, LogEntry> listener) {
        List<SessionStore.ShardQuestion> questions = new ArrayList<>();
        List<Sent> sent = new ArrayList<>();
        for (int i = 0; i < SessionId.SHARDS; i++) {
            ShardStates.State s = shards.of(i);
            synchronized (s) {
                if (!followed.test(i)) {
                    if (s.position != null) {
                        s.era++; // a load that is under way now must not be trusted: entries from here on are not read
                    }
                    s.position = null;
                    s.told = "";
                    s.good = true;
                } else if (s.position != null) {
                    questions.add(new SessionStore.ShardQuestion(i, s.unsettled ? s.reread : s.position, s.generation));
                    sent.add(new Sent(s.era, s.good, ticker.nanos(), s.generation, s.told));
                }
            }
        }
        if (questions.isEmpty()) {
            return;
        }
        List<SessionStore.@Nullable ShardAnswer> answers = store.ask(questions, WaitBudget.ofBackground());
        for (int i = 0; i < questions.size(); i++) {
            SessionStore.ShardAnswer answer = answers.get(i);
            int shard = questions.get(i).shard();
            if (shards.isUnsettled(shard)) {
                reread(shard, questions.get(i), sent.get(i), answer, listener);
            } else if (answer != null) {
                List<LogEntry> entries = accept(shard, questions.get(i), sent.get(i), answer);
                if (entries != null) {
                    entries.forEach(entry -> listener.accept(shard, entry));
                    // Only now: an answer gives trust when what it told has been acted upon. One that did not tell all
                    // gives none; the next question reads on from here.
                    if (!answer.more()) {
                        confirm(shard, sent.get(i));
                    }
                }
            }
        }
    }

    /** The new entries; null if the answer gives no trust. */
    private @Nullable List<LogEntry> accept(
            int shard, SessionStore.ShardQuestion question, Sent sent, SessionStore.ShardAnswer answer) {
        ShardStates.State s = shards.of(shard);
        List<String> members = answer.entries();
        synchronized (s) {
            if (s.era != sent.era() || !question.from().equals(s.position)) {
                return null; // lost or reset meanwhile: the next question starts from what is now known
            }
            if (s.generation.isEmpty()) {
                s.generation = answer.generation();
            }
            if (answer.generation().isEmpty() || !answer.generation().equals(s.generation)) {
                s.position = lastOf(members);
                shards.other(shard, s, answer.generation());
                return null;
            }
            boolean toldLater =
                    answer.more() && LogEntry.sequenceOf(sent.told()) > LogEntry.sequenceOf(lastOf(members));
            if (rules.isGap(question.from(), toldLater ? "" : sent.told(), members)) {
                s.position = lastOf(members);
                shards.missed(shard);
                shards.lose(s);
                return null;
            }
            List<LogEntry> entries = new ArrayList<>();
            boolean known = !members.isEmpty() && members.get(0).equals(question.from());
            for (String member : known ? members.subList(1, members.size()) : members) {
                LogEntry entry = LogEntry.parse(member);
                if (entry != null) {
                    entries.add(entry);
                }
            }
            String newest = members.isEmpty() ? question.from() : members.get(members.size() - 1);
            s.position = newest;
            if (LogEntry.sequenceOf(s.told) <= LogEntry.sequenceOf(newest)) {
                s.told = "";
            }
            return entries;
        }
    }

    /**
     * Hands out the ends that the log of an unsettled shard tells of, and nothing else: it gives no trust, and what
     * moved before the loss is not in it. An end is one in whatever history.
     */
    private void reread(
            int shard,
            SessionStore.ShardQuestion question,
            Sent sent,
            SessionStore.@Nullable ShardAnswer answer,
            BiConsumer<Integer, LogEntry> listener) {
        ShardStates.State s = shards.of(shard);
        synchronized (s) {
            s.silent = answer == null;
            if (answer == null || s.era != sent.era()) {
                return; // or the question was not asked for this
            }
            List<String> members = answer.entries();
            boolean goesOn = question.from().isEmpty()
                    || (!members.isEmpty() && members.get(0).equals(question.from()));
            // Lost again, or trimmed: all of it is read next time.
            s.reread = goesOn && !members.isEmpty() ? members.get(members.size() - 1) : "";
        }
        for (String member : answer.entries()) {
            LogEntry entry = LogEntry.parse(member);
            if (entry != null && entry.end() && !member.equals(question.from())) {
                listener.accept(shard, entry);
            }
        }
        if (!answer.more()) { // and only now, as with any answer
            synchronized (s) {
                s.goodSentAt = Math.max(s.goodSentAt, rules.agesFrom(sent.at(), ticker.nanos()));
            }
        }
    }

    /**
     * Whether an end that another node has told an unsettled shard again would have been heard of in time, or nobody
     * could be asked: only then is anything of it served from memory.
     */
    public boolean hearsOfEnds(int shard) {
        ShardStates.State s = shards.of(shard);
        synchronized (s) {
            return s.position == null || s.silent || rules.isLogFresh(ticker.nanos() - s.goodSentAt);
        }
    }

    private static String lastOf(List<String> members) {
        return members.isEmpty() ? "" : members.get(members.size() - 1);
    }

    private void confirm(int shard, Sent sent) {
        ShardStates.State s = shards.of(shard);
        synchronized (s) {
            if (s.era == sent.era()) {
                s.good = true;
                s.goodSentAt = Math.max(s.goodSentAt, rules.agesFrom(sent.at(), ticker.nanos()));
            }
        }
    }
}
