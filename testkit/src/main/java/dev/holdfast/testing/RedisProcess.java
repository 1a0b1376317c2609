package dev.holdfast.testing;

import static org.awaitility.Awaitility.await;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.redis.RedisAudit;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.ClientKillParams;
import redis.clients.jedis.params.SetParams;
import redis.embedded.core.ExecutableProvider;

/**
 * A real Redis or Valkey of its own, on a free port of the loopback interface, that can be killed, stopped and started
 * again.
 *
 * <p>Takes the program that the system property {@code redis.server} names ({@code valkey-server}), else the machine's
 * {@code redis-server}, else the one of embedded-redis. With {@code HOLDFAST_REAL=required} in the environment the last
 * one does not count.
 *
 * <p>Each has the user of docs/redis.md with the documented rights. With the system property {@code redis.user=minimal}
 * that user is in {@link #uri}.
 */
public final class RedisProcess implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final String SNAPSHOT = "dump.rdb";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @GuardedBy("RedisProcess.class")
    private static @Nullable String embedded;

    private static final JedisClientConfig CLIENT = DefaultJedisClientConfig.builder()
            .serverDefaultProtocol()
            .timeoutMillis(5_000)
            .build();

    /** A replica tells its own offset first. */
    private static final Pattern OFFSET = Pattern.compile("(?:slave|master)_repl_offset:(\\d+)");

    private static final boolean ALWAYS_MINIMAL = "minimal".equals(System.getProperty("redis.user"));

    private final String program;
    private final int port;
    private final Path directory;
    private final List<String> arguments;
    private Process process;
    private boolean audited = true;
    private boolean paused;

    private RedisProcess(String program, int port, Path directory, List<String> arguments) {
        this.program = program;
        this.port = port;
        this.directory = directory;
        this.arguments = arguments;
    }

    /**
     * Starts a server that keeps nothing on disk.
     *
     * @param arguments of the command line, as in {@code "--maxmemory", "4mb"}
     */
    public static RedisProcess start(String... arguments) {
        return start(program(), arguments);
    }

    /** Starts a Valkey; the test is left out, and listed, where none is installed. */
    public static RedisProcess startValkey(String... arguments) {
        return start(RealParts.require("valkey-server", "valkey-server").toString(), arguments);
    }

    /** Starts the Redis 6.2 that comes with the tests, whatever is installed. */
    public static RedisProcess startEmbedded(String... arguments) {
        return start(embedded(), arguments);
    }

    private static RedisProcess start(String program, String... arguments) {
        try {
            Path directory = Files.createTempDirectory("holdfast-redis");
            int port = List.of(arguments).contains("--cluster-enabled") ? Ports.freeForCluster() : Ports.free();
            RedisProcess redis = new RedisProcess(program, port, directory, List.of(arguments));
            redis.launch();
            return redis;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot prepare a directory for Redis", e);
        }
    }

    public int port() {
        return port;
    }

    public URI uri() {
        return ALWAYS_MINIMAL ? uriOfMinimalUser() : URI.create("redis://" + HOST + ":" + port);
    }

    /** The address with the user who has the rights of docs/redis.md, and no other. */
    public URI uriOfMinimalUser() {
        MinimalUser user = MinimalUser.documented();
        return URI.create("redis://" + user.name() + ":" + user.password() + "@" + HOST + ":" + port);
    }

    /** Runs commands on a connection of its own. */
    public <T> T ask(Function<Jedis, T> commands) {
        try (Jedis jedis = client()) {
            return commands.apply(jedis);
        }
    }

    private Jedis client() {
        return new Jedis(new HostAndPort(HOST, port), CLIENT);
    }

    /** Whether it has not been killed. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Kills the server as {@code kill -9} does, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Starts the killed server again on the same port; what it did not keep on disk is gone. */
    public void restart() {
        if (process.isAlive()) {
            kill();
        }
        launch();
    }

    /** Stops the process where it is: connections stay open, nothing is answered. */
    public void pause() {
        signal("STOP");
        paused = true;
    }

    /** Lets a paused process go on. */
    public void resume() {
        signal("CONT");
        paused = false;
    }

    /** How many bytes of changes a primary has made, or a replica has of them. */
    public long replicationOffset() {
        return offset(ask(jedis -> jedis.info("replication")));
    }

    private static long offset(String replication) {
        Matcher offset = OFFSET.matcher(replication);
        if (!offset.find()) {
            throw new IllegalStateException("No offset in " + replication);
        }
        return Long.parseLong(offset.group(1));
    }

    /** Waits until this replica has all that the primary has now. */
    public void awaitInStepWith(RedisProcess primary) {
        long now = primary.replicationOffset();
        await("the replica on port " + port + " is in step").atMost(PATIENCE).until(() -> {
            String replication = ask(jedis -> jedis.info("replication"));
            return replication.contains("master_link_status:up") && offset(replication) >= now;
        });
    }

    /** From here on this primary has what no replica has: they are cut off and cannot come back to it. */
    public void cutOffReplicas() {
        ask(jedis -> {
            jedis.aclSetUser("default", "-psync", "-sync");
            return jedis.clientKill(ClientKillParams.clientKillParams().type(ClientType.REPLICA));
        });
    }

    /**
     * What all clients sent while the action ran, a line of MONITOR each; commands of scripts are marked {@code lua]}.
     */
    public List<String> monitor(Runnable action) {
        try (RedisMonitor monitor = watch()) {
            action.run();
            return monitor.linesSince(0);
        }
    }

    /** Begins to watch what all clients send; to be closed. */
    public RedisMonitor watch() {
        return new RedisMonitor(client(), new Connection(new HostAndPort(HOST, port)));
    }

    /**
     * Makes snapshots fail, as on a full disk, and waits until Redis refuses writes for it ({@code MISCONF}), as it
     * does by default. A directory stands in the way of the file; permissions would not hold up a test that runs as
     * root.
     */
    public void failSnapshots() {
        directory.resolve(SNAPSHOT).toFile().mkdir();
        ask(jedis -> jedis.configSet("save", "1 1"));
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> !takesWrites());
    }

    /** Makes snapshots succeed again, and waits until Redis takes writes. */
    public void mendSnapshots() {
        directory.resolve(SNAPSHOT).toFile().delete();
        ask(jedis -> jedis.configSet("save", ""));
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .until(() -> {
                    if (!ask(jedis -> jedis.info("persistence")).contains("rdb_last_bgsave_status:ok")) {
                        ask(jedis -> jedis.bgsave()); // what succeeds ends the refusals
                    }
                    return takesWrites();
                });
    }

    private boolean takesWrites() {
        try {
            return ask(jedis -> jedis.set("test", "x", SetParams.setParams().px(1_000))) != null;
        } catch (JedisDataException e) {
            return false;
        }
    }

    /**
     * Leaves out the look over the keys at the end: the test puts something into Redis that Holdfast would not, or
     * makes a server that cannot be asked.
     */
    public RedisProcess unaudited() {
        audited = false;
        return this;
    }

    /**
     * Looks over what the test left in Redis, ends the server and removes its directory.
     *
     * @throws AssertionError if something is not as docs/store-format.md promises
     */
    @Override
    public void close() {
        List<String> findings;
        try {
            findings = audited && process.isAlive() && !paused ? audit() : List.of();
        } finally {
            kill();
            removeDirectory();
        }
        if (!findings.isEmpty()) {
            throw new AssertionError("The test left in Redis:\n" + String.join("\n", findings));
        }
    }

    /** A node that still runs may change a session while it is looked at: what is wrong stays wrong. */
    private List<String> audit() {
        List<String> findings = ask(RedisAudit::of);
        for (int i = 0; i < 3 && !findings.isEmpty(); i++) {
            List<String> again = ask(RedisAudit::of);
            findings.retainAll(again);
        }
        return findings;
    }

    private void removeDirectory() {
        try (Stream<Path> files = Files.list(directory)) {
            files.forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot clean up " + directory, e);
        }
        directory.toFile().delete();
    }

    private void launch() {
        List<String> command = new ArrayList<>(List.of(program, "--bind", HOST, "--port", Integer.toString(port)));
        command.addAll(List.of("--save", "", "--appendonly", "no", "--dir", directory.toString()));
        command.add("--user");
        command.addAll(MinimalUser.documented().rules());
        command.addAll(arguments);
        File log = directory.resolve("redis.log").toFile();
        try {
            paused = false;
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + command, e);
        }
        Process started = process;
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        await("Redis on port " + port + ", see " + log)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(this::answers);
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException("Redis ended with " + process.exitValue() + ", see " + directory);
        }
        try {
            return ask(Jedis::ping).equals("PONG");
        } catch (JedisException e) {
            // It listens, but wants a password or still loads: it runs.
            return !(e instanceof JedisConnectionException);
        }
    }

    private void signal(String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("kill -" + name + " failed for Redis on port " + port);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run kill", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    /** The server program, which is a sentinel with {@code --sentinel}. */
    static String program() {
        String named = System.getProperty("redis.server", "");
        if (!named.isEmpty()) {
            return named;
        }
        Optional<Path> installed = RealParts.find("redis-server");
        if (installed.isPresent()) {
            return installed.get().toString();
        }
        if ("required".equals(System.getenv("HOLDFAST_REAL"))) {
            throw new IllegalStateException("redis-server is not installed: sudo apt-get install -y redis-server");
        }
        return embedded();
    }

    /** Each JVM unpacks it once: a file that somebody still writes cannot be run. */
    private static synchronized String embedded() {
        if (embedded == null) {
            embedded = unpackEmbedded();
        }
        return embedded;
    }

    private static String unpackEmbedded() {
        try {
            return ExecutableProvider.newJarResourceProvider().get().getAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot unpack the embedded Redis", e);
        }
    }

    /** Whether servers are the Redis 6.2 of embedded-redis, for want of another. */
    static boolean isBundled() {
        return System.getProperty("redis.server", "").isEmpty()
                && RealParts.find("redis-server").isEmpty();
    }
}
