package dev.holdfast.tomcat;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.apache.catalina.Context;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Two nodes of one application and their Redis, for tests that replay what users of other session stores have told. The
 * application's only page runs what the test hands over with the request, so that each test reads like the story. A
 * class has one in a static field with {@code @RegisterExtension}, which stops it after the last test.
 */
final class PeersSite implements AfterAllCallback, AutoCloseable {
    private static final String PAGE = "/page";

    private final Map<String, Page> pages = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<String, String> settings;
    private final BiConsumer<String, Context> application;

    final RedisProcess redis;
    final EmbeddedNode n1;
    final EmbeddedNode n2;

    PeersSite() {
        this(RedisProcess.start(), Map.of(), (node, context) -> {});
    }

    /** @param application is given the name of a node and what is to be deployed there */
    PeersSite(RedisProcess redis, Map<String, String> settings, BiConsumer<String, Context> application) {
        this.redis = redis;
        this.settings = settings;
        this.application = application;
        n1 = node("n1", redis.uri());
        n2 = node("n2", redis.uri());
    }

    /** One more node, which the caller closes. */
    EmbeddedNode node(String name, URI redisUri) {
        return new EmbeddedNode(name, redisUri, settings, context -> {
            addPage(context);
            application.accept(name, context);
        });
    }

    void addPage(Context context) {
        Page.add(
                context,
                PAGE,
                (request, response) -> pages.get(request.getQueryString()).answer(request, response));
    }

    /** The address below the application's that runs this page. */
    String path(Page page) {
        String number = String.valueOf(numbers.incrementAndGet());
        pages.put(number, page);
        return PAGE + "?" + number;
    }

    Visitor visitor() {
        return new Visitor(this, new Browser());
    }

    /** The key of a session, or of what is left of it. */
    String key(String id) {
        return shard(id) + ":s:" + id;
    }

    /** What all keys of a session's shard begin with. */
    static String shard(String id) {
        return "{hf:shop:" + id.substring(0, 2) + "}";
    }

    /** Names of the fields of a session in Redis. */
    Set<String> fields(String id) {
        return redis.ask(jedis -> jedis.hkeys(key(id)));
    }

    /** How long the key of a session has to live, in milliseconds. */
    long lifeMillis(String id) {
        return redis.ask(jedis -> jedis.pttl(key(id)));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    /** Stops the nodes and Redis, which looks over what they leave. */
    @Override
    public void close() {
        n1.close();
        n2.close();
        redis.close();
    }
}
