package dev.holdfast.session;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What this node has heard of the ended log of each shard (rule 8 of the protocol): how old the last good answer is, up to which entry it
 * has read, and whether it missed anything.
 *
 * <p><b>Implementation note.</b> Invariant: while {@link #fresh} says yes for a copy, every entry about its id that was written before the
 * last good question was sent has been handed to the listener, or was not above the sequence with which the copy was loaded. An error
 * only lets the age run: the next question reads from the same entry. A gap, another primary or another generation may have swallowed
 * entries, so all copies of the shard lose their trust ({@code era} moves on) until a load that was <em>sent</em> after the next good
 * answer. Ages count from the sending, or an answer that was long on its way would prolong trust past an end that happened meanwhile.
 * A reply whose newest entry is older than the one already read was overtaken: entries between the two were handed out before the copy was
 * there to hear them, so that copy is not to be trusted.
 */
final class EndedLog {
    private static final Logger LOG = System.getLogger(EndedLog.class.getPackageName());

    private final SessionStore store;
    private final Ticker ticker;
    private final SessionCounters counters;
    private final Rules rules;
    private final Shard[] shards = new Shard[SessionId.SHARDS];

    EndedLog(SessionStore store, Ticker ticker, SessionCounters counters, Rules rules) {
        this.store = store;
        this.ticker = ticker;
        this.counters = counters;
        this.rules = rules;
        for (int i = 0; i < shards.length; i++) {
            shards[i] = new Shard();
        }
    }

    /**
     * What was true of a shard when a call was sent.
     *
     * @param era number of losses of trust so far
     * @param good whether there was a good answer since the last one
     * @param at ticker time of the sending
     * @param told newest entry that the log must have, by a reply that came before; empty if that is known to have been read
     */
    record Sent(long era, boolean good, long at, String generation, String told) {}

    private static final class Shard {
        private String generation = "";
        /** Newest entry read; empty if the log was empty then; null if the shard is not followed. */
        private @Nullable String position;

        /** Newest entry that a reply told of and no answer has shown yet; empty if there is none. */
        private String told = "";

        private long era;
        private boolean good = true;
        private long goodSentAt;
    }

    /** To be called before a command to the shard is sent. */
    Sent sending(int shard) {
        Shard s = shards[shard];
        synchronized (s) {
            return new Sent(s.era, s.good, ticker.nanos(), s.generation, s.told);
        }
    }

    /**
     * Takes the tail of a reply.
     *
     * @return the era in which a copy with this reply's state may be trusted, -1 if in none
     */
    long heard(int shard, Sent sent, ShardTail tail) {
        Shard s = shards[shard];
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

    private static long sequenceKnown(Shard s) {
        return Math.max(LogEntry.sequenceOf(s.told), s.position == null ? 0 : LogEntry.sequenceOf(s.position));
    }

    /** A script said that the shard's generation is missing or another than this node's. */
    void otherGeneration(int shard, String generation) {
        Shard s = shards[shard];
        synchronized (s) {
            if (!s.generation.equals(generation)) {
                s.generation = generation;
                lose(s);
            }
        }
    }

    /** All shards are at another primary than before, or may be. */
    void otherPrimary() {
        for (Shard s : shards) {
            synchronized (s) {
                lose(s);
            }
        }
    }

    private void lose(Shard s) {
        s.era++;
        s.told = "";
        if (s.position != null) {
            s.good = false;
            counters.gaps.increment();
        }
    }

    /** The era in which copies may now be trusted. */
    long era(int shard) {
        Shard s = shards[shard];
        synchronized (s) {
            return s.era;
        }
    }

    /** Clause (c) of rule 1 for a copy that may be trusted in this era. */
    boolean fresh(int shard, long era) {
        Shard s = shards[shard];
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
    void ask(IntPredicate followed, BiConsumer<Integer, LogEntry> listener) {
        List<SessionStore.ShardQuestion> questions = new ArrayList<>();
        List<Sent> sent = new ArrayList<>();
        for (int i = 0; i < shards.length; i++) {
            Shard s = shards[i];
            synchronized (s) {
                if (!followed.test(i)) {
                    if (s.position != null) {
                        s.era++; // a load that is under way now must not be trusted: entries from here on are not read
                    }
                    s.position = null;
                    s.told = "";
                    s.good = true;
                } else if (s.position != null) {
                    questions.add(new SessionStore.ShardQuestion(i, s.position, s.generation));
                    sent.add(new Sent(s.era, s.good, ticker.nanos(), s.generation, s.told));
                }
            }
        }
        if (questions.isEmpty()) {
            return;
        }
        List<SessionStore.@Nullable ShardAnswer> answers =
                store.ask(questions, new WaitBudget(Lifetimes.LOG_AGE.dividedBy(2)));
        for (int i = 0; i < questions.size(); i++) {
            SessionStore.ShardAnswer answer = answers.get(i);
            if (answer != null) {
                int shard = questions.get(i).shard();
                List<LogEntry> entries = accept(shard, questions.get(i), sent.get(i), answer);
                if (entries != null) {
                    entries.forEach(entry -> listener.accept(shard, entry));
                    // Only now: an answer gives trust when what it told has been acted upon.
                    confirm(shard, sent.get(i));
                }
            }
        }
    }

    /** The new entries; null if the answer gives no trust. */
    private @Nullable List<LogEntry> accept(
            int shard, SessionStore.ShardQuestion question, Sent sent, SessionStore.ShardAnswer answer) {
        Shard s = shards[shard];
        List<String> members = answer.entries();
        synchronized (s) {
            if (s.era != sent.era() || !question.from().equals(s.position)) {
                return null; // lost or reset meanwhile: the next question starts from what is now known
            }
            if (s.generation.isEmpty()) {
                s.generation = answer.generation();
            }
            if (!answer.generation().equals(s.generation)) {
                LOG.log(
                        Level.WARNING,
                        "Shard {0} has another generation: Redis lost data or was replaced. "
                                + "Sessions are read again before they are served from memory.",
                        shard);
                s.generation = answer.generation();
                s.position = members.isEmpty() ? "" : members.get(members.size() - 1);
                lose(s);
                return null;
            }
            if (rules.isGap(question.from(), sent.told(), members)) {
                s.position = members.isEmpty() ? "" : members.get(members.size() - 1);
                lose(s);
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

    private void confirm(int shard, Sent sent) {
        Shard s = shards[shard];
        synchronized (s) {
            if (s.era == sent.era()) {
                s.good = true;
                s.goodSentAt = Math.max(s.goodSentAt, rules.agesFrom(sent.at(), ticker.nanos()));
            }
        }
    }
}
