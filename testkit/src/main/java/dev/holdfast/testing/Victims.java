package dev.holdfast.testing;

import java.net.URI;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Nodes of one kind whose work ends in the middle of a request, because they are killed or cut off from Redis. To start
 * a killed one again takes longer than all else. Not to be used by two threads.
 */
public final class Victims implements AutoCloseable {
    private static final int SPARE_NODES = 3;

    private final @Nullable NodePool killed;
    private final @Nullable CutOffVictim cutOff;

    private Victims(@Nullable NodePool killed, @Nullable CutOffVictim cutOff) {
        this.killed = killed;
        this.cutOff = cutOff;
    }

    /**
     * All of them killed.
     *
     * @param prepare makes a node of that name and that Redis
     */
    public static Victims killed(RedisProcess redis, BiFunction<String, URI, ContainerProcess> prepare) {
        return new Victims(pool(redis, prepare), null);
    }

    /** All of them cut off. */
    public static Victims cutOff(RedisProcess redis, BiFunction<String, URI, ContainerProcess> prepare) {
        return new Victims(null, thatIsCutOff(redis, prepare));
    }

    /** Killed for what differs most, else cut off. */
    public static Victims killedOrCutOff(RedisProcess redis, BiFunction<String, URI, ContainerProcess> prepare) {
        CutOffVictim cutOff = thatIsCutOff(redis, prepare);
        return new Victims(pool(redis, prepare), cutOff);
    }

    private static NodePool pool(RedisProcess redis, BiFunction<String, URI, ContainerProcess> prepare) {
        return new NodePool(Stream.iterate(1, number -> number + 1)
                .limit(SPARE_NODES)
                .map(number -> (Supplier<ContainerProcess>) () -> prepare.apply("n" + number, redis.uri()))
                .toList());
    }

    private static CutOffVictim thatIsCutOff(RedisProcess redis, BiFunction<String, URI, ContainerProcess> prepare) {
        return new CutOffVictim(redis, uri -> {
            ContainerProcess node = prepare.apply("cut-off", uri);
            node.launch();
            node.awaitAnswer();
            return node;
        });
    }

    /**
     * The next one, which answers.
     *
     * @param differs whether its request is one of those that differ most
     */
    public Victim next(boolean differs) {
        if (killed != null && (differs || cutOff == null)) {
            return Victim.killed(killed);
        }
        if (cutOff == null) {
            throw new IllegalStateException("Neither killed nor cut off");
        }
        return cutOff;
    }

    /** How their work ends. */
    @Override
    public String toString() {
        return cutOff == null
                ? "killed with SIGKILL"
                : killed == null ? "cut off from Redis" : "killed with SIGKILL or cut off from Redis";
    }

    @Override
    public void close() {
        try {
            if (killed != null) {
                killed.close();
            }
        } finally {
            if (cutOff != null) {
                cutOff.close();
            }
        }
    }
}
