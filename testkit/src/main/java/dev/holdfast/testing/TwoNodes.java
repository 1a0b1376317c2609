package dev.holdfast.testing;

import java.net.URI;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A Redis and two nodes of one application for all tests of a class, which has it in a static field with
 * {@code @RegisterExtension}: that starts them, and after the last test they are stopped.
 *
 * @param <N> what a node is
 */
public final class TwoNodes<N extends AutoCloseable> implements AfterAllCallback {
    private final Opened opened = new Opened();
    private final RedisProcess redis;
    private final N n1;
    private final N n2;

    /** Starts a node. */
    @FunctionalInterface
    public interface Starter<N> {
        /** Starts a node of this name, which keeps its sessions there. */
        N start(String name, URI redis) throws Exception;
    }

    private TwoNodes(RedisProcess redis, Starter<N> starter) throws Exception {
        this.redis = opened.keep(redis);
        try {
            n1 = opened.keep(starter.start("n1", redis.uri()));
            n2 = opened.keep(starter.start("n2", redis.uri()));
        } catch (Exception e) {
            opened.close();
            throw e;
        }
    }

    /** Starts a Redis and the nodes n1 and n2. */
    public static <N extends AutoCloseable> TwoNodes<N> start(Starter<N> starter) {
        return start(RedisProcess.start(), starter);
    }

    /** Starts the nodes n1 and n2. */
    public static <N extends AutoCloseable> TwoNodes<N> start(RedisProcess redis, Starter<N> starter) {
        try {
            return new TwoNodes<>(redis, starter);
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start two nodes", e);
        }
    }

    public RedisProcess redis() {
        return redis;
    }

    public N n1() {
        return n1;
    }

    public N n2() {
        return n2;
    }

    /**
     * The nodes first: then Redis looks over what they leave. Nested classes have them of the outer one, which goes on.
     */
    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (!context.getRequiredTestClass().isAnnotationPresent(Nested.class)) {
            opened.close();
        }
    }
}
