package dev.holdfast.testing;

import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.util.function.Function;

/**
 * A node that lives on when its work ends, but nothing that it sends arrives before somebody has looked at what it had
 * done. To Redis, and to the node that goes on, it is like one that was killed; it need not be started again.
 */
public final class CutOffVictim implements Victim, AutoCloseable {
    private final RedisProcess redis;
    private final FaultyLink link;
    private final ContainerProcess node;

    /**
     * @param start starts a node of this Redis, with {@link CommitWays#application}
     */
    public CutOffVictim(RedisProcess redis, Function<URI, ContainerProcess> start) {
        this.redis = redis;
        link = FaultyLink.to(redis.port());
        node = start.apply(link.uri());
    }

    @Override
    public HttpNode node() {
        return node;
    }

    @Override
    public void endNow() {
        link.stall();
    }

    @Override
    public void awaitEnd() {
        // What has not passed by then is kept.
    }

    /** Waits until the node saves again: it may have found Redis away. */
    @Override
    public void revive() {
        link.heal();
        await().until(() -> {
            Browser browser = new Browser();
            Answer answer = browser.request(node, "GET", "/ways/ways/small")
                    .header("X-Value", "revived")
                    .send();
            return answer.status() == 200 && isSaved(browser.sessionId());
        });
    }

    private boolean isSaved(String id) {
        String key = "{hf:" + CommitWays.APP + ":" + id.substring(0, 2) + "}:s:" + id;
        return redis.ask(jedis -> jedis.exists(key));
    }

    @Override
    public void close() {
        node.close();
        link.close();
    }
}
