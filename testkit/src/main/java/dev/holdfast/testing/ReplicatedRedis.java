package dev.holdfast.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A real primary with two replicas, and three sentinels of which two have to find it dead; on free ports of the
 * loopback interface.
 */
public final class ReplicatedRedis implements AutoCloseable {
    private static final String NAME = "main";
    private static final int REPLICAS = 2;
    private static final int SENTINELS = 3;

    /** The first primary, then its replicas. */
    private final List<RedisProcess> nodes = new ArrayList<>();

    private final List<SentinelProcess> sentinels = new ArrayList<>();

    private ReplicatedRedis() {}

    /** Starts them and waits until the sentinels could replace the primary. */
    public static ReplicatedRedis start() {
        ReplicatedRedis redis = new ReplicatedRedis();
        try {
            redis.form();
            return redis;
        } catch (RuntimeException | Error e) {
            redis.close();
            throw e;
        }
    }

    private void form() {
        RedisProcess first = RedisProcess.start("--repl-diskless-sync-delay", "0");
        nodes.add(first);
        for (int i = 0; i < REPLICAS; i++) {
            nodes.add(RedisProcess.start("--replicaof", "127.0.0.1", Integer.toString(first.port())));
        }
        // A sentinel asks at once when it starts and every ten seconds then: a link that it finds down costs so much.
        replicas().forEach(replica -> replica.awaitInStepWith(first));
        for (int i = 0; i < SENTINELS; i++) {
            sentinels.add(SentinelProcess.watch(NAME, first.port(), SENTINELS / 2 + 1));
        }
        sentinels.forEach(sentinel -> sentinel.awaitKnown(NAME, SENTINELS - 1, REPLICAS));
    }

    /** What the first sentinel takes for the primary now. */
    public RedisProcess primary() {
        int port = sentinels.get(0).primary(NAME);
        return nodes.stream().filter(node -> node.port() == port).findFirst().orElseThrow();
    }

    /** The replicas of the first primary, of which one may have taken its place. */
    public List<RedisProcess> replicas() {
        return nodes.subList(1, nodes.size());
    }

    public List<SentinelProcess> sentinels() {
        return sentinels;
    }

    /** Lets the sentinels replace the primary by a replica though nothing is wrong. */
    public void failOver() {
        sentinels.get(0).failOver(NAME);
    }

    /** The sentinels. */
    public String hosts() {
        return sentinels.stream().map(each -> "127.0.0.1:" + each.port()).collect(Collectors.joining(","));
    }

    /** The sentinels and the name of the primary, with the user of docs/redis.md. */
    public String address() {
        return address(NAME);
    }

    /**
     * The same with another name.
     *
     * @param name what the sentinels are asked for
     */
    public String address(String name) {
        MinimalUser user = MinimalUser.documented();
        return "redis-sentinel://" + user.name() + ":" + user.password() + "@" + hosts() + "/" + name;
    }

    @Override
    public void close() {
        sentinels.forEach(SentinelProcess::close);
        for (int i = nodes.size() - 1; i >= 0; i--) {
            nodes.get(i).close();
        }
    }
}
