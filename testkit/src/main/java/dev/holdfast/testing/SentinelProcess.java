package dev.holdfast.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A real sentinel on a free port of the loopback interface, which takes a primary for dead after three seconds. It
 * makes none of a replica whose link was down for ten times as long before that: a test that cuts replicas off has so
 * much time to kill their primary.
 */
public final class SentinelProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final int port = Ports.free();
    private final Path directory;
    private final Process process;

    private SentinelProcess(String name, int primaryPort, int quorum, List<String> more) {
        try {
            directory = Files.createTempDirectory("holdfast-sentinel");
            Path configuration = Files.writeString(directory.resolve("sentinel.conf"), """
                    port %d
                    bind 127.0.0.1
                    dir %s
                    sentinel monitor %s 127.0.0.1 %d %d
                    sentinel down-after-milliseconds %3$s 3000
                    sentinel failover-timeout %3$s 5000
                    %s
                    """.formatted(
                            port, directory, name, primaryPort, quorum, String.join("\n", more)));
            process = new ProcessBuilder(RedisProcess.program(), configuration.toString(), "--sentinel")
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("sentinel.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start a sentinel", e);
        }
        ChildProcesses.endWithThisJvm(process);
        await("the sentinel on port " + port).atMost(PATIENCE).until(this::answers);
    }

    /**
     * Starts one.
     *
     * @param name what it calls the primary
     * @param quorum how many sentinels have to find the primary dead
     */
    public static SentinelProcess watch(String name, int primaryPort, int quorum) {
        return new SentinelProcess(name, primaryPort, quorum, List.of());
    }

    /**
     * As {@link #watch(String, int, int)}.
     *
     * @param configuration more lines of its configuration
     */
    public static SentinelProcess watch(String name, int primaryPort, int quorum, List<String> configuration) {
        return new SentinelProcess(name, primaryPort, quorum, configuration);
    }

    public int port() {
        return port;
    }

    /** Waits until it knows so many others, and so many replicas of the primary: before that it cannot fail over. */
    public void awaitKnown(String name, int others, int replicas) {
        // One that writes its configuration to a busy disk answers nobody meanwhile.
        Callable<Boolean> knows = () -> {
            try (Jedis jedis = new Jedis("127.0.0.1", port)) {
                return jedis.sentinelSentinels(name).size() == others
                        && jedis.sentinelReplicas(name).stream()
                                        .filter(replica -> "ok".equals(replica.get("master-link-status")))
                                        .count()
                                == replicas;
            }
        };
        await("sentinel " + port + " knows the others")
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(JedisConnectionException.class)
                .until(knows);
    }

    /** The port of what it takes for the primary. */
    public int primary(String name) {
        try (Jedis jedis = new Jedis("127.0.0.1", port)) {
            return Integer.parseInt(jedis.sentinelGetMasterAddrByName(name).get(1));
        }
    }

    /** Makes it move the primary to a replica though nothing is wrong. */
    public void failOver(String name) {
        try (Jedis jedis = new Jedis("127.0.0.1", port)) {
            jedis.sentinelFailover(name);
        }
    }

    /** Stops it where it is: its port takes connections and says nothing. */
    public void pause() {
        ChildProcesses.signal(process, "STOP");
    }

    private boolean answers() {
        try (Jedis jedis = new Jedis("127.0.0.1", port)) {
            return jedis.ping().equals("PONG");
        } catch (JedisException e) {
            return false;
        }
    }

    /** Kills it as {@code kill -9} does. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        kill();
        try (Stream<Path> files = Files.list(directory)) {
            files.forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot clean up " + directory, e);
        }
        directory.toFile().delete();
    }
}
