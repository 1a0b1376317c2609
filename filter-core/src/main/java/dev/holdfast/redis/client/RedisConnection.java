package dev.holdfast.redis.client;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** One connection to Redis, introduced and ready. Used by one thread at a time. */
final class RedisConnection implements AutoCloseable {
    private static final Pattern RUN_ID = Pattern.compile("(?m)^run_id:(\\w+)");

    private final BoundedSocket socket;
    private final HeardSocket heard;
    private final Wire wire;
    private final Endpoint endpoint;
    private @Nullable String runId;
    private PrimaryLocator.@Nullable Location location;
    private long restingSince;
    private boolean permitted;
    /** Whether something was sent whose replies have not all been read. */
    private boolean owes;

    /** Jedis' own, which can send what is to be sent before somebody reads. */
    private static final class Wire extends Connection {
        Wire(Socket socket) {
            super(() -> socket);
        }

        void sendAll() {
            flush();
        }
    }

    /**
     * @param socket what it stands on
     * @param safe the socket, or TLS over it
     */
    RedisConnection(Endpoint endpoint, BoundedSocket socket, Socket safe) {
        this.endpoint = endpoint;
        this.socket = socket;
        this.heard = new HeardSocket(socket, safe);
        this.wire = new Wire(heard);
    }

    /**
     * Logs in, and asks which server this is, in one round trip.
     *
     * @param user null for Redis' default user
     * @param password null for none
     * @throws JedisDataException if Redis refuses us
     */
    void introduce(@Nullable String user, @Nullable String password, int database) {
        List<CommandArguments> commands = new ArrayList<>();
        if (password != null) {
            CommandArguments auth = new CommandArguments(Command.AUTH);
            if (user != null) {
                auth.add(user);
            }
            commands.add(auth.add(password));
        }
        if (database != 0) {
            commands.add(new CommandArguments(Command.SELECT).add(database));
        }
        int mustSucceed = commands.size();
        commands.add(new CommandArguments(Command.CLIENT).add("SETNAME").add("holdfast"));
        commands.add(new CommandArguments(Command.INFO).add("server"));
        List<@Nullable Object> replies = exchange(commands);
        for (int i = 0; i < replies.size(); i++) {
            // A user without rights for the name or for INFO can still work; one that is not logged in cannot.
            if (replies.get(i) instanceof JedisDataException refused
                    && (i < mustSucceed || RedisError.of(refused) == RedisError.NOAUTH)) {
                throw refused;
            }
        }
        Matcher matcher = RUN_ID.matcher(replies.get(replies.size() - 1) instanceof byte[] info ? Utf8.of(info) : "");
        runId = matcher.find() ? matcher.group(1) : null;
    }

    /** Where it was found that it leads to; null if it is of no pool. */
    PrimaryLocator.@Nullable Location location() {
        return location;
    }

    void leadsTo(PrimaryLocator.Location where) {
        location = where;
    }

    private List<@Nullable Object> exchange(List<CommandArguments> commands) {
        owes = true;
        commands.forEach(wire::sendCommand);
        List<@Nullable Object> replies = new ArrayList<>(wire.getMany(commands.size()));
        owes = false;
        return replies;
    }

    /**
     * Sends all commands in one go and reads their replies, which are byte[], Long, List, null or, for a refused one,
     * JedisDataException.
     *
     * @param deadline by {@link OwnTime}
     * @throws JedisConnectionException if not all came in time; the connection is of no more use then
     */
    List<@Nullable Object> exchange(List<CommandArguments> commands, long deadline) {
        socket.endAt(deadline, Long.MAX_VALUE, null);
        return exchange(commands);
    }

    /**
     * Sends all commands in one go and waits for the beginning of the first reply.
     *
     * @param replicas so many are to have what this connection wrote, which is waited for in the same round trip; 0 for
     *     no such wait
     * @param patience for how long nothing may come or go, in nanoseconds
     * @param waiter hears what comes, and may give up before
     * @throws JedisConnectionException as {@link #exchange}; but where nothing came at all, {@link #receive} may still
     *     be called, see {@link #mayBeAnswered}
     */
    void send(List<CommandArguments> commands, int replicas, long deadline, long patience, @Nullable Waiter waiter) {
        long millis = TimeUnit.NANOSECONDS.toMillis((deadline - OwnTime.now()) * 4 / 5); // and a rest for the answer
        socket.endAt(deadline, patience, waiter);
        owes = true;
        commands.forEach(wire::sendCommand);
        if (replicas > 0) {
            wire.sendCommand(new CommandArguments(Command.WAIT).add(replicas).add(Math.max(1, millis)));
        }
        wire.sendAll();
        try {
            socket.awaitReply();
        } catch (IOException e) {
            throw new JedisConnectionException(e);
        }
    }

    /**
     * Reads the replies to what was sent.
     *
     * @param commands how many
     * @param replicas as {@link #send}
     * @return one reply more where replicas are waited for: the number of those that have it, 0 if that was not heard
     *     in time
     * @throws JedisConnectionException as {@link #exchange}
     */
    List<@Nullable Object> receive(int commands, int replicas, long deadline, long patience, @Nullable Waiter waiter) {
        socket.endAt(deadline, patience, waiter);
        List<@Nullable Object> replies = new ArrayList<>(wire.getMany(commands));
        if (replicas == 0) {
            owes = false;
            return replies;
        }
        socket.endAt(deadline, Long.MAX_VALUE, waiter);
        try {
            replies.addAll(wire.getMany(1));
            owes = false;
        } catch (JedisConnectionException e) {
            // What was asked for is answered. A server that is idle may notice late that a wait is over.
            replies.add(0L);
        }
        return replies;
    }

    long bytesSent() {
        return socket.bytesSent();
    }

    /** Whether the server has closed it while it was idle. */
    boolean hasEnded() {
        return socket.hasEnded();
    }

    /** What has become of it since no answer came in time. Does not wait. */
    HeardSocket.Late late() {
        return heard.late();
    }

    /** Whether all was sent, and nothing of a reply was read. */
    boolean mayBeAnswered() {
        return owes && !wire.isBroken();
    }

    /** When something came or went last, by {@link OwnTime}. */
    long movedAt() {
        return socket.movedAt();
    }

    /** Whether it is one of those that may be in use at a time. */
    boolean isPermitted() {
        return permitted;
    }

    void permit(boolean now) {
        permitted = now;
    }

    /** Nobody uses it from now on. */
    void restsSince(long now) {
        socket.endAt(now, Long.MAX_VALUE, null);
        restingSince = now;
    }

    /** When it was used last, by {@link OwnTime}. */
    long restingSince() {
        return restingSince;
    }

    /** Whether it is of no more use: an exchange on it failed, or a reply is still to come. */
    boolean isSpent() {
        return owes || wire.isBroken();
    }

    /** The server's random id of this run; null if it did not tell. */
    @Nullable
    String runId() {
        return runId;
    }

    /** Where it leads, in words. */
    String endpoint() {
        return endpoint.toString();
    }

    @Override
    public void close() {
        try {
            wire.forceDisconnect();
            socket.close();
        } catch (IOException e) {
            // It is of no use either way.
        }
    }
}
