package dev.holdfast.testing;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.MigrateParams;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * A real cluster: three primaries with a replica each, on free ports of the loopback interface; a primary is dead after
 * a second.
 */
public final class RedisClusterProcess implements AutoCloseable {
    /** A node timeout for tests that kill one. */
    public static final Duration QUICK = Duration.ofMillis(2_500);

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int PRIMARIES = 3;
    private static final int SLOTS = 16_384;

    private final List<RedisProcess> nodes = new ArrayList<>();
    private final List<String> tls;
    private final List<Integer> tlsPorts = new ArrayList<>();

    private RedisClusterProcess(List<String> tls) {
        this.tls = tls;
    }

    /** Starts one and waits until it serves, and all replicas have what their primaries have. */
    public static RedisClusterProcess start() {
        return start(List.of());
    }

    /**
     * As {@link #start()}; the nodes speak TLS among themselves, and with clients at a second port.
     *
     * @param configuration as in {@code "--tls-cert-file", "…"}, without ports
     */
    public static RedisClusterProcess startWithTls(List<String> configuration) {
        return start(configuration);
    }

    private static RedisClusterProcess start(List<String> tls) {
        RedisClusterProcess cluster = new RedisClusterProcess(tls);
        try {
            cluster.form();
            return cluster;
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    private void form() {
        for (int i = 0; i < 2 * PRIMARIES; i++) {
            List<String> arguments = new ArrayList<>(List.of("--cluster-enabled", "yes"));
            arguments.addAll(List.of("--cluster-node-timeout", Long.toString(QUICK.toMillis())));
            arguments.addAll(List.of("--repl-diskless-sync-delay", "0"));
            if (!tls.isEmpty()) {
                tlsPorts.add(Ports.freeForCluster());
                arguments.addAll(List.of("--tls-port", Integer.toString(tlsPorts.get(i))));
                arguments.addAll(tls);
            }
            nodes.add(RedisProcess.start(arguments.toArray(String[]::new)).unaudited());
        }
        RedisProcess first = nodes.get(0);
        for (int i = 0; i < PRIMARIES; i++) {
            int from = i * SLOTS / PRIMARIES;
            int to = (i + 1) * SLOTS / PRIMARIES;
            nodes.get(i)
                    .ask(jedis ->
                            jedis.clusterAddSlots(IntStream.range(from, to).toArray()));
        }
        for (int i = 1; i < nodes.size(); i++) {
            String port = Integer.toString(portAmongNodes(nodes.get(i)));
            first.ask(jedis -> jedis.sendCommand(Command.CLUSTER, "MEET", "127.0.0.1", port));
        }
        await("all nodes know each other")
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(JedisException.class)
                .until(() -> nodes.stream()
                        .allMatch(node -> node.ask(Jedis::clusterNodes).lines().count() == nodes.size()));
        for (int i = 0; i < PRIMARIES; i++) {
            String primary = nodes.get(i).ask(Jedis::clusterMyId);
            nodes.get(PRIMARIES + i).ask(jedis -> jedis.clusterReplicate(primary));
        }
        awaitWhole();
    }

    /**
     * Changes after how long without an answer a node is taken for dead by the others; {@link #QUICK} as long as nobody
     * says otherwise. With less, nodes that a busy machine holds up call the cluster down.
     */
    public void setNodeTimeout(Duration timeout) {
        String millis = Long.toString(timeout.toMillis());
        nodes.stream()
                .filter(RedisProcess::isAlive)
                .forEach(node -> node.ask(jedis -> jedis.configSet("cluster-node-timeout", millis)));
    }

    /** Waits until all nodes that run find the cluster well, and each of their replicas is in step with its primary. */
    public void awaitWhole() {
        await("the cluster is whole")
                .atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(JedisException.class)
                .until(() -> nodes.stream()
                        .filter(RedisProcess::isAlive)
                        .allMatch(node -> node.ask(jedis -> {
                            String replication = jedis.info("replication");
                            return jedis.clusterInfo().contains("cluster_state:ok")
                                    && (replication.contains("role:master")
                                            || replication.contains("master_link_status:up"));
                        })));
    }

    /** Some of its nodes, with the user of docs/redis.md and the rights that a cluster wants besides. */
    public String address() {
        MinimalUser user = MinimalUser.documented();
        return "redis-cluster://" + user.name() + ":" + user.password() + "@" + hosts();
    }

    /** The first three nodes. */
    public String hosts() {
        return nodes.stream()
                .limit(PRIMARIES)
                .map(node -> "127.0.0.1:" + node.port())
                .collect(Collectors.joining(","));
    }

    /** The TLS ports of the first three nodes, by a name of this machine. */
    public String tlsHosts(String host) {
        return tlsPorts.stream().limit(PRIMARIES).map(port -> host + ":" + port).collect(Collectors.joining(","));
    }

    /** The port at which a node speaks TLS. */
    public int tlsPort(RedisProcess node) {
        return tlsPorts.get(nodes.indexOf(node));
    }

    private int portAmongNodes(RedisProcess node) {
        return tls.isEmpty() ? node.port() : tlsPort(node);
    }

    /** {@link #address} as URI. */
    public URI uri() {
        return URI.create(address());
    }

    /** All nodes, primaries first. */
    public List<RedisProcess> nodes() {
        return nodes;
    }

    /** What all primaries answer. */
    public <T> List<T> askPrimaries(Function<Jedis, T> commands) {
        return nodes.stream()
                .filter(RedisProcess::isAlive)
                .filter(node -> node.ask(jedis -> jedis.info("replication")).contains("role:master"))
                .map(node -> node.ask(commands))
                .toList();
    }

    /** The node that has the slot of a key, as a node says that runs. */
    public RedisProcess ownerOf(String key) {
        int slot = JedisClusterCRC16.getSlot(key);
        RedisProcess asked =
                nodes.stream().filter(RedisProcess::isAlive).findFirst().orElseThrow();
        Object slots = asked.ask(jedis -> jedis.sendCommand(Command.CLUSTER, "SLOTS"));
        for (Object each : (List<?>) slots) {
            List<?> range = (List<?>) each;
            if ((Long) range.get(0) <= slot && slot <= (Long) range.get(1)) {
                int port = Math.toIntExact((Long) ((List<?>) range.get(2)).get(1));
                return nodes.stream()
                        .filter(node -> node.port() == port)
                        .findFirst()
                        .orElseThrow();
            }
        }
        throw new IllegalStateException("Nobody has slot " + slot);
    }

    /** The first primary that has not the slot of a key. */
    public RedisProcess otherThanOwnerOf(String key) {
        RedisProcess owner = ownerOf(key);
        return nodes.stream()
                .filter(node -> node != owner && node.isAlive())
                .filter(node -> node.ask(jedis -> jedis.info("replication")).contains("role:master"))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Moves the slot of a key to another primary, as {@code redis-cli --cluster reshard} does: one key after the other.
     */
    public void move(String key, RedisProcess target) {
        RedisProcess source = ownerOf(key);
        beginMove(key, source, target);
        moveKeys(key, source, target);
        endMove(key, source, target);
    }

    /** The slot is open for a move, and nothing has moved yet. */
    public void beginMove(String key, RedisProcess source, RedisProcess target) {
        int slot = JedisClusterCRC16.getSlot(key);
        String from = source.ask(Jedis::clusterMyId);
        String to = target.ask(Jedis::clusterMyId);
        tell(target, jedis -> jedis.clusterSetSlotImporting(slot, from));
        tell(source, jedis -> jedis.clusterSetSlotMigrating(slot, to));
    }

    /** Moves all keys of an open slot that are at the source still. */
    public void moveKeys(String key, RedisProcess source, RedisProcess target) {
        int slot = JedisClusterCRC16.getSlot(key);
        for (List<String> left = keysIn(slot, source); !left.isEmpty(); left = keysIn(slot, source)) {
            moveKey(left.get(0), source, target);
        }
    }

    private static List<String> keysIn(int slot, RedisProcess node) {
        return node.ask(jedis -> jedis.clusterGetKeysInSlot(slot, 1));
    }

    /** Moves this key of an open slot and no other. */
    public void moveKey(String key, RedisProcess source, RedisProcess target) {
        tell(source, jedis -> jedis.migrate("127.0.0.1", portAmongNodes(target), 5_000, new MigrateParams(), key));
    }

    /**
     * A node that has not heard of the others, or of its replica, for a moment does nothing then, and one that has no
     * processor says nothing: it is told again.
     */
    private static void tell(RedisProcess node, Function<Jedis, String> command) {
        await("a node does what it is told")
                .atMost(PATIENCE)
                .ignoreExceptionsMatching(e -> e instanceof JedisConnectionException
                        || String.valueOf(e.getMessage()).matches(".*(CLUSTERDOWN|NOREPLICAS).*"))
                .until(() -> node.ask(command) != null);
    }

    /**
     * The target has the slot from now on. All primaries are told, and have to agree before the next move begins: where
     * two of them have one config epoch, or one has not heard, the cluster may give the slot back later, and throws its
     * keys away.
     */
    public void endMove(String key, RedisProcess source, RedisProcess target) {
        int slot = JedisClusterCRC16.getSlot(key);
        String to = target.ask(Jedis::clusterMyId);
        tell(target, jedis -> jedis.clusterSetSlotNode(slot, to));
        tell(source, jedis -> jedis.clusterSetSlotNode(slot, to));
        nodes.stream()
                .filter(node -> node != target && node != source && node.isAlive() && isPrimary(node))
                .forEach(node -> tell(node, jedis -> jedis.clusterSetSlotNode(slot, to)));
        await("all primaries agree on the slot").atMost(PATIENCE).until(() -> {
            Set<Map<String, String>> views = new HashSet<>();
            for (RedisProcess node : nodes) {
                if (node.isAlive() && isPrimary(node)) {
                    Map<String, String> view = primariesByEpoch(node);
                    if (view == null || !ownerIn(node, slot).equals(to)) {
                        return false;
                    }
                    views.add(view);
                }
            }
            return views.size() == 1;
        });
    }

    private static boolean isPrimary(RedisProcess node) {
        return node.<String>ask(jedis -> jedis.info("replication")).contains("role:master");
    }

    /** As a node sees them; null if two have one epoch. */
    private static Map<String, String> primariesByEpoch(RedisProcess node) {
        Map<String, String> byEpoch = new HashMap<>();
        for (String line : node.<String>ask(Jedis::clusterNodes).split("\n", -1)) {
            String[] words = line.split(" ", -1);
            if (words.length > 6
                    && words[2].contains("master")
                    && !words[2].contains("fail")
                    && byEpoch.put(words[6], words[0]) != null) {
                return null;
            }
        }
        return byEpoch;
    }

    private static String ownerIn(RedisProcess node, int slot) {
        for (String line : node.<String>ask(Jedis::clusterNodes).split("\n", -1)) {
            String[] words = line.split(" ", -1);
            for (int i = 8; i < words.length; i++) {
                String[] range = words[i].split("-", -1);
                if (!words[i].startsWith("[")
                        && Integer.parseInt(range[0]) <= slot
                        && slot <= Integer.parseInt(range[range.length - 1])) {
                    return words[0];
                }
            }
        }
        return "";
    }

    /** Gives the user of docs/redis.md the rights on all nodes that a cluster needs besides, as it says there. */
    public void grantDocumented() {
        MinimalUser user = MinimalUser.documented();
        Matcher line = Pattern.compile("ACL SETUSER " + user.name() + " (.*)\n")
                .matcher(Docs.block("redis.md", "Cluster", "acl"));
        if (!line.matches()) {
            throw new AssertionError("docs/redis.md, Cluster: not one line of ACL SETUSER");
        }
        String[] rules = line.group(1).split(" ", -1);
        nodes.forEach(node -> node.ask(jedis -> jedis.aclSetUser(user.name(), rules)));
    }

    @Override
    public void close() {
        nodes.forEach(RedisProcess::close);
    }
}
