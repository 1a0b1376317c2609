package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.redis.client.Utf8;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * The sessions and nodes of one application as Redis has them, for whoever serves none of them: an operator. Needs the
 * rights of a node and no others. Confined to one thread.
 *
 * <p>All methods throw {@link StoreUnavailableException}, whose message says what to do, if Redis does not answer or
 * refuses.
 *
 * <p><b>Implementation note.</b> Sessions are found by the expiry index, never by a search through all keys of Redis:
 * one without timeout is found by its whole id alone.
 */
public final class OperatorView {
    /** So many members of an index at once, about 80 kB. */
    private static final int PAGE = 2000;

    /** Longer than any node trusts its memory without having read the log: L and a tenth, as in rule 10. */
    private static final long TRUSTED_MILLIS = Lifetimes.LOG_AGE.toMillis() * 11 / 10;

    /** In place of a generation: whichever there is, but none is made where the data is lost. */
    private static final String ANY_GENERATION = "?";

    private final RedisServer server;
    private final String app;
    private final RedisKeys keys;
    private final ReplyReader reader;
    private final Set<String> troubles = new LinkedHashSet<>();
    private final Supplier<WaitBudget> budgets;

    /**
     * @param server outlives this view
     * @param app name of the application, as of its {@link RedisSessionStore}
     * @param budgets for each call a new one
     */
    public OperatorView(RedisServer server, String app, Supplier<WaitBudget> budgets) {
        this.server = server;
        this.app = app;
        this.keys = new RedisKeys(app);
        this.reader = new ReplyReader(server, keys, server.notices());
        this.budgets = budgets;
    }

    /** What came of a wish to end a session. */
    public enum End {
        /** Nobody is served with it from within two seconds; a node tells its listeners. */
        CLAIMED,
        /** There is no such session, or it has ended already. */
        GONE,
        /** It goes on under another id, which Redis does not tell: nothing was done. */
        RENAMED,
        /** It was damaged, and is put aside: nobody is served with it any more, and nobody tells its listeners. */
        DAMAGED,
        /** Another version of Holdfast has written it: nothing was done. */
        OF_ANOTHER_VERSION,
        /** Redis has lost the data of its shard, and the nodes are sending it again: nothing was done. */
        IN_RECOVERY
    }

    /** The nodes of the application. */
    public RegistryView registry() {
        return new RegistryView(server, app, keys, reader, budgets);
    }

    /** How many sessions there are that can run out, in the shards that answer. */
    public long count() {
        Replies replies = askEach("count the sessions", shard -> RedisCommand.plain(Command.ZCARD, keys.expiry(shard)));
        long count = 0;
        for (int shard = 0; shard < SessionId.SHARDS; shard++) {
            count += isAnswered("count the sessions", replies, shard) ? replies.number(shard) : 0;
        }
        return count;
    }

    /** What could not be seen since the last call, a sentence for each reason; empty if all was. */
    public List<String> troubles() {
        List<String> all = List.copyOf(troubles);
        troubles.clear();
        return all;
    }

    /** Those sessions that run out last, which are those used last if all have one timeout; without their values. */
    public List<StoredSession> latest(int most) {
        String what = "list the sessions";
        Replies replies = askEach(
                what,
                shard -> RedisCommand.plain(Command.ZREVRANGE, keys.expiry(shard), 0L, (long) most - 1, "WITHSCORES"));
        record Entry(SessionId id, double deadline) {}
        List<Entry> entries = new ArrayList<>();
        for (int shard = 0; shard < SessionId.SHARDS; shard++) {
            List<String> texts = isAnswered(what, replies, shard) ? replies.texts(shard) : List.of();
            for (int i = 0; i + 1 < texts.size(); i += 2) {
                SessionId id = SessionId.parse(texts.get(i));
                if (id != null && id.shard() == shard) {
                    entries.add(new Entry(id, Double.parseDouble(texts.get(i + 1))));
                }
            }
        }
        return read(entries.stream()
                .sorted(Comparator.comparingDouble(Entry::deadline).reversed())
                .limit(most)
                .map(Entry::id)
                .toList());
    }

    /**
     * The sessions of some ids, in their order, without their values.
     *
     * @return what is there of them
     */
    public List<StoredSession> read(List<SessionId> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        String what = "read " + ids.size() + " sessions";
        long now = now(what);
        List<String> fields = List.of(SessionHash.TOMBSTONE, SessionHash.CLAIM, SessionHash.META);
        Replies replies = server.run(
                what,
                budgets.get(),
                ids.stream()
                        .map(id -> RedisCommand.plain(Command.HMGET, keys.session(id), fields.toArray()))
                        .toList());
        List<StoredSession> sessions = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            if (!isAnswered(what, replies, i)) {
                continue;
            }
            List<?> found = replies.list(i);
            Map<String, byte[]> hash = new TreeMap<>();
            for (int field = 0; field < fields.size(); field++) {
                if (found.get(field) instanceof byte[] value) {
                    hash.put(fields.get(field), value);
                }
            }
            if (!hash.isEmpty()) {
                sessions.add(StoredSession.of(ids.get(i), hash, now));
            }
        }
        return sessions;
    }

    /** One session with its values; null if there is nothing of that id. */
    public @Nullable StoredSession find(SessionId id) {
        String what = "read session " + id.shortened();
        long now = now(what);
        List<?> found = ask(what, List.of(RedisCommand.plain(Command.HGETALL, keys.session(id))))
                .list(0);
        Map<String, byte[]> hash = new TreeMap<>();
        for (int i = 0; i + 1 < found.size(); i += 2) {
            hash.put(Utf8.of((byte[]) found.get(i)), (byte[]) found.get(i + 1));
        }
        return hash.isEmpty() ? null : StoredSession.of(id, hash, now);
    }

    /**
     * The sessions that can run out and whose ids begin so.
     *
     * @param beginning of two or more characters, which name the shard
     * @param most so many of them
     */
    public List<SessionId> beginningWith(String beginning, int most) {
        SessionId first = SessionId.parse(beginning + "0".repeat(Math.max(0, SessionId.LENGTH - beginning.length())));
        if (first == null) {
            return List.of();
        }
        // By deadline, which only grows: what moves meanwhile is met once more, and nothing is left out.
        Set<SessionId> found = new LinkedHashSet<>();
        String from = "-inf";
        long beyond = 0;
        int size;
        do {
            List<String> page = ask(
                            "look for a session",
                            List.of(RedisCommand.plain(
                                    Command.ZRANGEBYSCORE,
                                    keys.expiry(first.shard()),
                                    from,
                                    "+inf",
                                    "WITHSCORES",
                                    "LIMIT",
                                    beyond,
                                    (long) PAGE)))
                    .texts(0);
            size = page.size() / 2;
            for (int i = 0; i < size; i++) {
                SessionId id = SessionId.parse(page.get(2 * i));
                if (id != null && id.value().startsWith(beginning)) {
                    found.add(id);
                }
            }
            String last = size == 0 ? from : page.get(2 * size - 1);
            beyond = last.equals(from) ? beyond + size : 0; // so many at one moment
            from = last;
        } while (size == PAGE && found.size() < most);
        return found.stream().limit(most).toList();
    }

    /**
     * Ends a session on all nodes: it is claimed as one whose time has come. The lease of the claim is as long as any
     * node may trust its memory; the next node that looks for idle sessions behind that tells its listeners, within
     * fifteen seconds or so. So no listener is told of a session that somebody still serves (P7).
     */
    public End end(SessionId id) {
        String what = "end session " + id.shortened();
        List<Object> arguments = Script.header(ANY_GENERATION);
        arguments.add(id.value());
        arguments.add(RandomToken.next());
        arguments.add(Lifetimes.LEASE.toMillis());
        arguments.add("");
        arguments.add(0L);
        arguments.add("");
        arguments.add("");
        arguments.add(TRUSTED_MILLIS);
        Replies replies = server.runReplicated(
                what, budgets.get(), List.of(RedisCommand.script(Script.CLAIM, keys.of(id), arguments)));
        return switch (reader.replicatedReply(what, id, replies, 0).outcome()) {
            case OK -> End.CLAIMED;
            case GONE, RENAMED -> howGone(id);
            case MISMATCH -> End.OF_ANOTHER_VERSION;
            case OTHER_GENERATION -> isInRecovery(id) ? End.IN_RECOVERY : End.GONE;
        };
    }

    private End howGone(SessionId id) {
        StoredSession session = find(id);
        StoredSession.State state = session == null ? StoredSession.State.ENDED : session.state();
        return switch (state) {
            case RENAMED -> End.RENAMED;
            case DAMAGED -> End.DAMAGED;
            default -> End.GONE;
        };
    }

    /** A shard in which no session ever began has no generation either. */
    private boolean isInRecovery(SessionId id) {
        return find(id) != null
                || registry().nodes().stream().anyMatch(node -> (node.node().unsettled() >>> id.shard() & 1) == 1);
    }

    /** Looks from now on at what the logs say. */
    public LogFollower follow() {
        return new LogFollower(this, keys);
    }

    /** One call for each shard. */
    Replies askEach(String what, IntFunction<RedisCommand> command) {
        List<RedisCommand> calls = new ArrayList<>();
        for (int shard = 0; shard < SessionId.SHARDS; shard++) {
            calls.add(command.apply(shard));
        }
        return server.run(what, budgets.get(), calls);
    }

    /** Whether one of several calls was; what is said of those that were not is in {@link #troubles}. */
    boolean isAnswered(String what, Replies replies, int index) {
        try {
            reader.requireDone(what, replies, index);
            return true;
        } catch (StoreUnavailableException e) {
            troubles.add(String.valueOf(e.getMessage()));
            return false;
        }
    }

    /** Milliseconds since 1970, by the clock of Redis. */
    public long now() {
        return now("ask for the time");
    }

    private long now(String what) {
        return ask(what, List.of(new RedisCommand(null, Command.TIME, List.of(), List.of())))
                .millis(0);
    }

    private Replies ask(String what, List<RedisCommand> calls) {
        Replies replies = server.run(what, budgets.get(), calls);
        reader.requireAll(what, replies);
        return replies;
    }
}
