package dev.holdfast.redis.client;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * What goes to Redis at once: some calls and, behind what has to be in replicas, the wait for them.
 *
 * <p><b>Implementation note.</b> WAIT covers what Redis had at the last <em>write of this connection</em>, and some
 * versions take that by the letter: behind a read, or behind a script that finds its work done by an attempt on another
 * connection, they would not wait for what that read showed. So a write goes in front of each wait. Proved by {@code
 * DurabilityIT}.
 *
 * @param what for messages, as in "load session 4f2a…"
 * @param waiting for replicas, behind the calls
 * @param toImporting true if each command must say that it was sent here though this is not the owner of its slot
 * @param wanted asked when a connection is there, before anything is sent
 */
record Pipeline(
        String what, List<RedisCommand> calls, ReplicaWait waiting, boolean toImporting, BooleanSupplier wanted) {
    Pipeline(String what, List<RedisCommand> calls, ReplicaWait waiting) {
        this(what, calls, waiting, false, () -> true);
    }

    /** Whether replies show that Redis takes changes. */
    boolean wasChange(Replies replies) {
        LuaScript first = calls.get(0).script();
        return first != null
                && first.isChange()
                && replies.all().get(0) instanceof List<?> reply
                && !reply.isEmpty()
                && Replies.text(reply.get(0)).equals("OK");
    }

    /** Whether replies show that a call changed something, or may have. */
    boolean hasRun(List<@Nullable Object> replies) {
        for (int i = 0; i < calls.size(); i++) {
            LuaScript script = calls.get(i).script();
            if (script != null && script.isChange() && !(replies.get(i) instanceof JedisDataException)) {
                return true;
            }
        }
        return false;
    }

    /** Where the first of the calls that a cluster has elsewhere is to be asked; null if there is none. */
    static @Nullable JedisRedirectionException redirection(List<@Nullable Object> replies) {
        for (Object reply : replies) {
            if (reply instanceof JedisRedirectionException elsewhere) {
                return elsewhere;
            }
        }
        return null;
    }

    /**
     * Whether of the plain calls some were answered and some have their key elsewhere: wherever it is asked as a whole,
     * something would be missing that is not. A script that has, Redis makes try again itself.
     */
    boolean isHalfRead(List<@Nullable Object> replies) {
        boolean read = false;
        boolean script = false;
        for (int i = 0; i < calls.size(); i++) {
            boolean plain = calls.get(i).script() == null;
            read |= plain && !(replies.get(i) instanceof JedisDataException);
            script |= !plain && replies.get(i) instanceof JedisAskDataException;
        }
        return read && !script;
    }

    /** As Redis says it to a script, in place of where a key may be. */
    List<@Nullable Object> tryAgain(List<@Nullable Object> replies) {
        List<@Nullable Object> all = new ArrayList<>(replies);
        all.replaceAll(reply -> reply instanceof JedisAskDataException asked
                ? new JedisDataException("TRYAGAIN Some keys are not here: " + RedisError.words(asked))
                : reply);
        return all;
    }

    /** Some of the calls. */
    Pipeline part(List<RedisCommand> some) {
        return new Pipeline(what, some, waiting, toImporting, wanted);
    }

    /** The same for a server that is only about to own the slot. */
    Pipeline asking() {
        return new Pipeline(what, calls, waiting, true, wanted);
    }

    /**
     * Sends all calls and waits for the beginning of their replies.
     *
     * @param deadline of it all, by {@link OwnTime}
     * @param patience for how long nothing may come or go, in nanoseconds, before the replies are there
     */
    void send(RedisConnection connection, long deadline, long patience, Waiter waiter) {
        connection.send(all(commands(calls)), waiting.replicas(), deadline, patience, waiter);
    }

    /** Reads the replies to what was sent, with a wait those to what belongs to it, too. */
    List<@Nullable Object> receive(RedisConnection connection, long deadline, long patience, Waiter waiter) {
        List<@Nullable Object> replies = replies(calls.size(), connection, deadline, patience, waiter);
        sendUnknownScripts(connection, replies, deadline, patience, waiter);
        return replies;
    }

    private static List<CommandArguments> commands(List<RedisCommand> calls) {
        List<CommandArguments> commands = new ArrayList<>(calls.size());
        for (RedisCommand call : calls) {
            commands.add(call.brief());
        }
        return commands;
    }

    /** What belongs to some commands, too. */
    private List<CommandArguments> all(List<CommandArguments> commands) {
        if (waiting.replicas() > 0) {
            commands.addAll(commands(beforeWait()));
        }
        return toImporting ? withAsking(commands) : commands;
    }

    private List<@Nullable Object> replies(
            int commands, RedisConnection connection, long deadline, long patience, Waiter waiter) {
        int all = commands + (waiting.replicas() > 0 ? beforeWait().size() : 0);
        List<@Nullable Object> replies =
                connection.receive(toImporting ? 2 * all : all, waiting.replicas(), deadline, patience, waiter);
        return toImporting ? withoutAsking(replies, all) : replies;
    }

    private static List<CommandArguments> withAsking(List<CommandArguments> commands) {
        return commands.stream()
                .flatMap(command -> Stream.of(new CommandArguments(Command.ASKING), command))
                .toList();
    }

    private static List<@Nullable Object> withoutAsking(List<@Nullable Object> replies, int commands) {
        List<@Nullable Object> rest = new ArrayList<>();
        for (int i = 0; i < replies.size(); i++) {
            if (i % 2 == 1 || i >= 2 * commands) {
                rest.add(replies.get(i));
            }
        }
        return rest;
    }

    private List<RedisCommand> beforeWait() {
        return waiting.before().apply(calls.get(0).keys().get(0));
    }

    /**
     * Sends scripts that Redis does not know once more with their text, and everything plain again, too: a read or a
     * wait that stands behind a script must have run behind it.
     */
    private void sendUnknownScripts(
            RedisConnection connection, List<@Nullable Object> replies, long deadline, long patience, Waiter waiter) {
        List<Integer> again = new ArrayList<>();
        boolean unknown = false;
        for (int i = 0; i < calls.size(); i++) {
            boolean noScript = replies.get(i) instanceof JedisDataException refused
                    && RedisError.of(refused) == RedisError.NOSCRIPT;
            unknown |= noScript;
            if (noScript || calls.get(i).script() == null) {
                again.add(i);
            }
        }
        if (!unknown) {
            return;
        }
        // The text of a script once: Redis knows it when the next command comes.
        Set<LuaScript> sent = new HashSet<>();
        List<CommandArguments> commands = new ArrayList<>();
        for (int index : again) {
            RedisCommand call = calls.get(index);
            commands.add(call.script() != null && sent.add(call.script()) ? call.whole() : call.brief());
        }
        int count = commands.size();
        connection.send(all(commands), waiting.replicas(), deadline, patience, waiter);
        List<@Nullable Object> late = replies(count, connection, deadline, patience, waiter);
        for (int i = 0; i < again.size(); i++) {
            replies.set(again.get(i), late.get(i));
        }
        for (int i = calls.size(); i < replies.size(); i++) {
            replies.set(i, late.get(again.size() + i - calls.size()));
        }
    }

    /** What became of it, of the replies of one exchange. */
    Replies replies(List<@Nullable Object> replies, boolean repeated) {
        if (waiting.replicas() == 0) {
            return new Replies(replies, repeated);
        }
        Object waited = replies.subList(calls.size(), replies.size()).stream()
                .filter(JedisDataException.class::isInstance)
                .findFirst()
                .orElse(replies.get(replies.size() - 1));
        return new Replies(
                replies.subList(0, calls.size()), repeated, new Replies.Replicas(waiting.replicas(), waited));
    }
}
