package dev.holdfast.redis;

import dev.holdfast.session.Base;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** The sessions of one application in Redis or Valkey. Safe for use by many threads. */
public final class RedisSessionStore implements SessionStore, AutoCloseable {
    private static final long LONG_MILLIS = Lifetimes.LONG.toMillis();

    private final RedisServer server;
    private final RedisKeys keys;
    private final Warnings warnings = new Warnings();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /**
     * @param server outlives this store
     * @param app name of the application, the same on all its nodes: {@code [A-Za-z0-9._#-]{1,64}}
     * @throws IllegalArgumentException if the name is another
     */
    public RedisSessionStore(RedisServer server, String app) {
        if (!app.matches("[A-Za-z0-9._#-]{1,64}")) {
            throw new IllegalArgumentException(
                    "holdfast.app is \"" + app + "\": must be 1 to 64 letters, digits or characters of \"._#-\".");
        }
        this.server = server;
        this.keys = new RedisKeys(app);
    }

    /** Takes the store's listeners from the server, which stays open for other applications. */
    @Override
    public void close() {
        listeners.forEach(server.pool()::forget);
    }

    @Override
    public CommitReply create(Create c, WaitBudget budget) {
        List<Object> arguments = header(c.generation());
        arguments.add(c.id().value());
        arguments.add(c.stamp());
        arguments.add(c.epoch().text());
        arguments.add(c.internalId());
        arguments.add(c.createdMillis());
        arguments.add((long) c.maxInactiveSeconds());
        arguments.add(c.useAgeMillis());
        arguments.add(Lifetimes.deadlineMillis(c.maxInactiveSeconds()));
        arguments.add(Lifetimes.keyMillis(c.maxInactiveSeconds()));
        addValues(arguments, Base.NONE.next(c.stamp()), c.values());
        return committed("create", c.id(), budget, Call.script(Script.CREATE, keysOf(c.id()), arguments));
    }

    @Override
    public CommitReply commit(Commit c, WaitBudget budget) {
        SessionId newId = c.newId();
        List<Object> arguments = header(c.generation());
        arguments.add(c.id().value());
        arguments.add(newId == null ? "" : newId.value());
        arguments.add(c.base().version());
        arguments.add(c.base().stamp());
        arguments.add(c.stamp());
        arguments.add(textOf(c.admitted()));
        arguments.add(c.fresh().text());
        arguments.add((long) c.maxInactiveSeconds());
        arguments.add(c.useAgeMillis());
        arguments.add(Lifetimes.deadlineMillis(c.maxInactiveSeconds()));
        arguments.add(Lifetimes.keyMillis(c.maxInactiveSeconds()));
        arguments.add(Lifetimes.tombstoneMillis(c.maxInactiveSeconds()));
        arguments.add((long) c.writes().size());
        addValues(arguments, c.base().next(c.stamp()), c.writes());
        arguments.addAll(c.removes());
        List<String> used = new ArrayList<>(keysOf(c.id()));
        if (newId != null) {
            if (newId.shard() != c.id().shard()) {
                throw new IllegalArgumentException("The new id " + newId + " is not in the shard of " + c.id() + ".");
            }
            used.add(keys.session(newId));
        }
        return committed("commit", c.id(), budget, Call.script(Script.COMMIT, used, arguments));
    }

    private CommitReply committed(String verb, SessionId id, WaitBudget budget, Call call) {
        String what = verb + " session " + id.shortened();
        Replies replies = server.run(what, budget, List.of(call));
        ScriptReply reply = scriptReply(what, id, replies, 0);
        Epoch epoch = reply.outcome() == Outcome.OK ? epochOf(what, id, reply.text(0)) : null;
        return new CommitReply(reply.outcome(), reply.tail(), epoch, replies.repeated());
    }

    @Override
    public LoadReply load(Load load, WaitBudget budget) {
        SessionId id = load.id();
        String what = "load session " + id.shortened();
        List<Object> arguments = header(load.generation());
        arguments.add(id.value());
        arguments.add(textOf(load.presented()));
        arguments.add(load.fresh().text());
        arguments.add(load.fresh().route());
        arguments.add(load.useAgeMillis());
        Base known = load.known();
        arguments.add(known == null ? "" : Long.toString(known.version()));
        arguments.add(known == null ? "" : known.stamp());
        Call script = Call.script(Script.LOAD, keysOf(id), arguments);
        Call all = Call.plain(Command.HGETALL, keys.session(id));

        Replies replies = server.run(what, budget, known == null ? List.of(script, all) : List.of(script));
        JedisDataException refused = replies.refusal(0);
        if (refused != null && Refusal.of(refused) == Refusal.OOM) {
            return readOnly(load, what, budget);
        }
        ScriptReply reply = scriptReply(what, id, replies, 0);
        if (reply.outcome() != Outcome.OK) {
            return new LoadReply(reply.outcome(), reply.tail(), null, false, 0, null);
        }
        Epoch epoch = epochOf(what, id, reply.text(0));
        boolean confirmed = reply.text(1).equals("1");
        long idle = Long.parseLong(reply.text(2));
        if (known != null && reply.text(3).equals("0")) {
            return new LoadReply(Outcome.OK, reply.tail(), epoch, confirmed, idle, null);
        }
        SessionHash hash =
                known == null ? hash(what, id, replies, 1) : hash(what, id, server.run(what, budget, List.of(all)), 0);
        // Another node may have ended it between the script and the reading.
        return hash.gone()
                ? new LoadReply(Outcome.GONE, reply.tail(), null, false, 0, null)
                : new LoadReply(Outcome.OK, reply.tail(), epoch, confirmed, idle, hash.snapshot());
    }

    /** Redis has no memory left for the load's writes: the session is served untrusted, and nothing moves. */
    private LoadReply readOnly(Load load, String what, WaitBudget budget) {
        SessionId id = load.id();
        int shard = id.shard();
        Replies replies = server.run(
                what,
                budget,
                List.of(
                        Call.plain(Command.HGETALL, keys.session(id)),
                        Call.plain(Command.PTTL, keys.session(id)),
                        Call.plain(Command.GET, keys.generation(shard)),
                        Call.plain(Command.ZREVRANGE, keys.log(shard), 0L, 0L)));
        requireAll(what, replies);
        String newest = replies.all().get(3) instanceof List<?> newestOne && !newestOne.isEmpty()
                ? Texts.of((byte[]) newestOne.get(0))
                : "";
        ShardTail tail = new ShardTail(replyText(replies.all().get(2)), newest);
        if (!load.generation().isEmpty() && !load.generation().equals(tail.generation())) {
            return new LoadReply(Outcome.OTHER_GENERATION, tail, null, false, 0, null);
        }
        SessionHash hash = hash(what, id, replies, 0);
        SessionHash.Meta meta = hash.meta();
        long left = (Long) replies.all().get(1);
        if (hash.gone() || meta == null || isPastDeadline(meta.maxInactiveSeconds(), left)) {
            return new LoadReply(Outcome.GONE, tail, null, false, 0, null);
        }
        long idle = Math.max(0, Lifetimes.keyMillis(meta.maxInactiveSeconds()) - left);
        return new LoadReply(
                Outcome.OK, tail, meta.epoch(), false, idle, meta.base().equals(load.known()) ? null : hash.snapshot());
    }

    private static boolean isPastDeadline(int maxInactiveSeconds, long keyMillisLeft) {
        long afterDeadline = Lifetimes.keyMillis(maxInactiveSeconds) - Lifetimes.deadlineMillis(maxInactiveSeconds);
        return maxInactiveSeconds > 0 && keyMillisLeft < afterDeadline;
    }

    @Override
    public List<TouchReply> touch(List<Touch> touches, WaitBudget budget) {
        if (touches.isEmpty()) {
            return List.of();
        }
        List<Call> calls = new ArrayList<>(touches.size());
        for (Touch touch : touches) {
            List<Object> arguments = header(touch.generation());
            arguments.add(touch.id().value());
            arguments.add(touch.useAgeMillis());
            calls.add(Call.script(Script.TOUCH, keysOf(touch.id()), arguments));
        }
        String what = "touch " + touches.size() + " sessions";
        Replies replies = server.run(what, budget, calls);
        List<TouchReply> answers = new ArrayList<>(touches.size());
        StoreUnavailableException last = null;
        for (int i = 0; i < touches.size(); i++) {
            SessionId id = touches.get(i).id();
            try {
                ScriptReply reply = scriptReply("touch session " + id.shortened(), id, replies, i);
                answers.add(new TouchReply(reply.outcome(), reply.tail()));
            } catch (StoreUnavailableException e) {
                last = e;
                answers.add(new TouchReply(null, ShardTail.EMPTY));
            }
        }
        if (last != null) {
            if (answers.stream().allMatch(answer -> answer.outcome() == null)) {
                throw last;
            }
            warnings.warn(last.getMessage());
        }
        return answers;
    }

    @Override
    public EndReply end(End end, WaitBudget budget) {
        SessionId id = end.id();
        String what = "end session " + id.shortened();
        List<Object> arguments = header(end.generation());
        arguments.add(id.value());
        arguments.add(end.stamp());
        arguments.add(Lifetimes.tombstoneMillis(end.maxInactiveSeconds()));
        arguments.add(textOf(end.onlyIfIdle()));
        ScriptReply reply = scriptReply(
                what, id, server.run(what, budget, List.of(Call.script(Script.END, keysOf(id), arguments))), 0);
        return new EndReply(reply.outcome(), reply.tail());
    }

    @Override
    public boolean exists(SessionId id, WaitBudget budget) {
        String what = "look for session " + id.shortened();
        String key = keys.session(id);
        Replies replies = server.run(
                what,
                budget,
                List.of(
                        Call.plain(Command.HMGET, key, SessionHash.TOMBSTONE, SessionHash.CLAIM, SessionHash.META),
                        Call.plain(Command.PTTL, key)));
        requireAll(what, replies);
        List<?> fields = (List<?>) Objects.requireNonNull(replies.all().get(0));
        if (fields.get(0) != null || fields.get(1) != null || fields.get(2) == null) {
            return false;
        }
        SessionHash.Meta meta = SessionHash.Meta.parse(replyText(fields.get(2)));
        if (meta == null) {
            throw foreign(what, id, SessionHash.META);
        }
        return !isPastDeadline(meta.maxInactiveSeconds(), (Long)
                Objects.requireNonNull(replies.all().get(1)));
    }

    @Override
    public List<@Nullable ShardAnswer> ask(List<ShardQuestion> questions, WaitBudget budget) {
        List<@Nullable ShardAnswer> answers = new ArrayList<>(questions.size());
        if (questions.isEmpty()) {
            return answers;
        }
        String what = "ask " + questions.size() + " shards";
        try {
            Replies replies = server.run(
                    what,
                    budget,
                    questions.stream().flatMap(q -> question(q).stream()).toList());
            List<ShardQuestion> ungenerated = new ArrayList<>();
            for (int i = 0; i < questions.size(); i++) {
                ShardAnswer answer = answer(what, replies, i * QUESTION_CALLS);
                answers.add(answer);
                if (answer != null && answer.generation().isEmpty()) {
                    ungenerated.add(questions.get(i));
                }
            }
            if (!ungenerated.isEmpty()) {
                Replies second = server.run(
                        what,
                        budget,
                        ungenerated.stream()
                                .flatMap(q -> writeAndAsk(q).stream())
                                .toList());
                int next = 0;
                for (int i = 0; i < answers.size(); i++) {
                    ShardAnswer answer = answers.get(i);
                    if (answer != null && answer.generation().isEmpty()) {
                        answers.set(i, answer(what, second, next * (QUESTION_CALLS + 1) + 1));
                        next++;
                    }
                }
            }
            return answers;
        } catch (StoreUnavailableException e) {
            warnings.warn(e.getMessage());
            answers.clear();
            questions.forEach(q -> answers.add(null));
            return answers;
        }
    }

    private static final int QUESTION_CALLS = 4;

    // The generation first: it must not outlive the log. Both writes also prove that this is a primary.
    private List<Call> question(ShardQuestion question) {
        String generation = keys.generation(question.shard());
        String log = keys.log(question.shard());
        return List.of(
                Call.plain(Command.PEXPIRE, generation, LONG_MILLIS),
                Call.plain(Command.PEXPIRE, log, LONG_MILLIS),
                Call.plain(Command.GET, generation),
                Call.plain(Command.ZRANGEBYSCORE, log, Long.toString(sequenceOf(question.from())), "+inf"));
    }

    private List<Call> writeAndAsk(ShardQuestion question) {
        List<Call> calls = new ArrayList<>();
        calls.add(Call.plain(
                Command.SET, keys.generation(question.shard()), RandomToken.next(), "NX", "PX", LONG_MILLIS));
        calls.addAll(question(question));
        return calls;
    }

    private @Nullable ShardAnswer answer(String what, Replies replies, int first) {
        for (int i = first; i < first + QUESTION_CALLS; i++) {
            JedisDataException refused = replies.refusal(i);
            if (refused != null) {
                warnings.warn(refusal(what, refused).getMessage());
                return null;
            }
        }
        List<String> entries = new ArrayList<>();
        for (Object member : (List<?>) Objects.requireNonNull(replies.all().get(first + 3))) {
            entries.add(replyText(member));
        }
        return new ShardAnswer(replyText(replies.all().get(first + 2)), entries);
    }

    private static long sequenceOf(String entry) {
        int colon = entry.indexOf(':');
        return colon < 0 ? 0 : Long.parseLong(entry.substring(0, colon));
    }

    @Override
    public void onOtherPrimary(Runnable listener) {
        listeners.add(listener);
        server.pool().onOtherPrimary(listener);
    }

    private static List<Object> header(String generation) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(generation);
        arguments.add(generation.isEmpty() ? RandomToken.next() : "");
        arguments.add(LONG_MILLIS);
        return arguments;
    }

    private static void addValues(List<Object> arguments, Base writtenBy, Map<String, byte[]> values) {
        values.forEach((field, payload) -> {
            arguments.add(field);
            arguments.add(SessionHash.stored(writtenBy, payload));
        });
    }

    private List<String> keysOf(SessionId id) {
        return List.of(keys.generation(id.shard()), keys.log(id.shard()), keys.session(id), keys.expiry(id.shard()));
    }

    private SessionHash hash(String what, SessionId id, Replies replies, int index) {
        JedisDataException refused = replies.refusal(index);
        if (refused != null) {
            throw refusal(what, refused);
        }
        SessionHash hash =
                SessionHash.parse((List<?>) Objects.requireNonNull(replies.all().get(index)));
        if (hash.foreign() != null) {
            throw foreign(what, id, hash.foreign());
        }
        return hash;
    }

    private Epoch epochOf(String what, SessionId id, String text) {
        Epoch epoch = Epoch.parse(text);
        if (epoch == null) {
            throw foreign(what, id, SessionHash.META);
        }
        return epoch;
    }

    private ScriptReply scriptReply(String what, SessionId id, Replies replies, int index) {
        JedisDataException refused = replies.refusal(index);
        if (refused != null) {
            throw refusal(what, refused);
        }
        List<String> texts = new ArrayList<>();
        for (Object part : (List<?>) Objects.requireNonNull(replies.all().get(index))) {
            texts.add(replyText(part));
        }
        Outcome outcome = switch (texts.get(0)) {
            case "OK" -> Outcome.OK;
            case "GONE" -> Outcome.GONE;
            case "MISMATCH" -> Outcome.MISMATCH;
            case "OTHER" -> Outcome.OTHER_GENERATION;
            default -> throw foreign(what, id, texts.get(3));
        };
        return new ScriptReply(outcome, new ShardTail(texts.get(1), texts.get(2)), texts.subList(3, texts.size()));
    }

    private void requireAll(String what, Replies replies) {
        for (int i = 0; i < replies.all().size(); i++) {
            JedisDataException refused = replies.refusal(i);
            if (refused != null) {
                throw refusal(what, refused);
            }
        }
    }

    private StoreUnavailableException refusal(String what, JedisDataException refused) {
        return new StoreUnavailableException(
                "Cannot " + what + ": Redis " + server + " refused it: " + Refusal.words(refused) + " - "
                        + Refusal.of(refused).remedy(),
                false,
                null);
    }

    private StoreUnavailableException foreign(String what, SessionId id, String field) {
        return new StoreUnavailableException(
                "Cannot " + what + ": field \"" + field + "\" of key " + keys.shown(id) + " in Redis " + server
                        + " was not written by Holdfast, or by a newer version of it. Delete the key, or update this node.",
                false,
                null);
    }

    private static String textOf(@Nullable Epoch epoch) {
        return epoch == null ? "" : epoch.text();
    }

    private static String replyText(@Nullable Object reply) {
        return reply instanceof byte[] bytes ? Texts.of(bytes) : "";
    }

    /** @param more what the script says beyond its outcome and its shard */
    private record ScriptReply(Outcome outcome, ShardTail tail, List<String> more) {
        String text(int index) {
            return more.get(index);
        }
    }
}
