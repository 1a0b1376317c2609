package dev.holdfast.testing;

import dev.holdfast.redis.MonitoredCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol.Command;

/** Watches what all clients send to a Redis, from its making to its close. For one thread. */
public final class RedisMonitor implements AutoCloseable {
    private final Jedis marker;
    private final Connection monitor;
    private final List<String> lines = new ArrayList<>();

    RedisMonitor(Jedis marker, Connection monitor) {
        this.marker = marker;
        this.monitor = monitor;
        marker.ping();
        monitor.sendCommand(Command.MONITOR);
        monitor.getStatusCodeReply();
    }

    /** How many commands there were up to now: a beginning for {@link #since}. */
    public int now() {
        String last = UUID.randomUUID().toString();
        marker.echo(last);
        for (String line = monitor.getStatusCodeReply(); !line.contains(last); line = monitor.getStatusCodeReply()) {
            lines.add(line);
        }
        return lines.size();
    }

    /** All commands since then, without those of scripts. */
    public List<MonitoredCommand> since(int begin) {
        return MonitoredCommand.of(linesSince(begin));
    }

    List<String> linesSince(int begin) {
        return List.copyOf(lines.subList(begin, now()));
    }

    @Override
    public void close() {
        monitor.close();
        marker.close();
    }
}
