package dev.holdfast.redis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** One connection to Redis, introduced and ready. Used by one thread at a time. */
final class RedisConnection implements AutoCloseable {
    private static final Pattern RUN_ID = Pattern.compile("(?m)^run_id:(\\w+)");

    private final BoundedSocket socket;
    private final Connection wire;
    private final @Nullable String runId;

    private RedisConnection(BoundedSocket socket, Connection wire, @Nullable String runId) {
        this.socket = socket;
        this.wire = wire;
        this.runId = runId;
    }

    /**
     * Connects, logs in, and asks which server this is, the last three in one round trip.
     *
     * @throws JedisDataException if Redis refuses us
     */
    static RedisConnection open(RedisAddress address, long deadline) throws IOException {
        BoundedSocket socket = BoundedSocket.connect(address.host(), address.port(), deadline);
        try {
            Connection wire = new Connection(() -> socket);
            return new RedisConnection(socket, wire, introduce(wire, address));
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static @Nullable String introduce(Connection wire, RedisAddress address) {
        List<CommandArguments> commands = new ArrayList<>();
        if (address.password() != null) {
            CommandArguments auth = new CommandArguments(Command.AUTH);
            if (address.user() != null) {
                auth.add(address.user());
            }
            commands.add(auth.add(address.password()));
        }
        if (address.database() != 0) {
            commands.add(new CommandArguments(Command.SELECT).add(address.database()));
        }
        int mustSucceed = commands.size();
        commands.add(new CommandArguments(Command.CLIENT).add("SETNAME").add("holdfast"));
        commands.add(new CommandArguments(Command.INFO).add("server"));
        List<@Nullable Object> replies = send(wire, commands);
        for (int i = 0; i < replies.size(); i++) {
            // A user without rights for the name or for INFO can still work; one that is not logged in cannot.
            if (replies.get(i) instanceof JedisDataException refused
                    && (i < mustSucceed || Refusal.of(refused) == Refusal.NOAUTH)) {
                throw refused;
            }
        }
        Matcher matcher = RUN_ID.matcher(replies.get(replies.size() - 1) instanceof byte[] info ? Texts.of(info) : "");
        return matcher.find() ? matcher.group(1) : null;
    }

    private static List<@Nullable Object> send(Connection wire, List<CommandArguments> commands) {
        for (CommandArguments command : commands) {
            wire.sendCommand(command);
        }
        return new ArrayList<>(wire.getMany(commands.size()));
    }

    /**
     * Sends all commands in one go and reads their replies, which are byte[], Long, List, null or, for a refused one, JedisDataException.
     *
     * @param deadline by {@link System#nanoTime}
     * @throws redis.clients.jedis.exceptions.JedisConnectionException if not all came in time; the connection is of no more use then
     */
    List<@Nullable Object> exchange(List<CommandArguments> commands, long deadline) {
        socket.endAt(deadline);
        return send(wire, commands);
    }

    long bytesSent() {
        return socket.bytesSent();
    }

    /** Whether the server has closed it while it was idle. */
    boolean hasEnded() {
        return socket.hasEnded();
    }

    /** Whether an exchange on it failed. */
    boolean isBroken() {
        return wire.isBroken();
    }

    /** The server's random id of this run; null if it did not tell. */
    @Nullable
    String runId() {
        return runId;
    }

    @Override
    public void close() {
        try {
            wire.forceDisconnect();
        } catch (IOException e) {
            // It is of no use either way.
        }
    }
}
