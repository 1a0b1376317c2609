package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.config.Source;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.ContainerSessions;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.recovery.Membership;
import dev.holdfast.testing.RedisProcess;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What the applications of one server have in common, and what not. */
class ServerResourcesIT {
    private static final ContainerServer CONTAINER = new ContainerServer() {
        @Override
        public int requestThreads() {
            return 0;
        }

        @Override
        public Runnable beforeStop(Runnable task) {
            return () -> {};
        }

        @Override
        public boolean isOpen() {
            return true;
        }
    };

    private static final String NODES = "{hf:shop:nodes}";

    @Test
    void heartbeatGoesOnBehindAnError() {
        try (RedisProcess redis = RedisProcess.start()) {
            ServerResources server = ServerResources.acquire(this, config(redis, AppPlace.at("/shop")), "n1");
            try {
                AtomicInteger beats = new AtomicInteger();

                ScheduledFuture<?> heartbeat = server.everySecond(() -> {
                    if (beats.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                });

                await().until(() -> beats.get() >= 2);
                heartbeat.cancel(false);
            } finally {
                server.release();
            }
        }
    }

    /**
     * Each asks about its sessions every second: ten of them behind each other would be too slow for a Redis that is
     * far away.
     */
    @Test
    void anApplicationThatWaitsForRedisHoldsUpNoOther() {
        try (RedisProcess redis = RedisProcess.start()) {
            HoldfastConfig config = config(redis, AppPlace.at("/shop"));
            ServerResources server = ServerResources.acquire(this, config, "n1");
            ServerResources again = ServerResources.acquire(this, config, "n1");
            CountDownLatch answered = new CountDownLatch(1);
            try {
                CountDownLatch waits = new CountDownLatch(1);
                AtomicInteger beats = new AtomicInteger();
                ScheduledFuture<?> waiting = server.everySecond(() -> {
                    waits.countDown();
                    awaitQuietly(answered);
                });
                ScheduledFuture<?> beating = again.everySecond(beats::incrementAndGet);

                awaitQuietly(waits);
                int before = beats.get();
                await().until(() -> beats.get() >= before + 2);
                waiting.cancel(false);
                beating.cancel(false);
            } finally {
                answered.countDown();
                again.release();
                server.release();
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static HoldfastConfig config(RedisProcess redis, AppPlace place, String... appAndName) {
        Map<String, String> params =
                new HashMap<>(Map.of("holdfast.redis", redis.uri().toString()));
        for (int i = 0; i < appAndName.length; i += 2) {
            params.put(appAndName[i], appAndName[i + 1]);
        }
        return HoldfastConfig.read(List.of(Source.contextParams("web.xml of " + place.path(), params)), place);
    }

    @Test
    void applicationOfAnotherPlaceHasToWaitUntilTheNameIsFree() {
        try (RedisProcess redis = RedisProcess.start()) {
            HoldfastConfig shop = config(redis, AppPlace.at("/shop"), "holdfast.app", "till");
            HoldfastConfig desk =
                    config(redis, new AppPlace(List.of("desk.example"), "/shop", null), "holdfast.app", "till");
            HoldfastConfig next = config(redis, AppPlace.at("/shop##2"), "holdfast.app", "till");
            ServerResources server = ServerResources.acquire(this, shop, "n1");
            try {
                Membership first = server.join(shop, "host-1:8080", Ticker.system(), CONTAINER);
                Membership second = server.join(next, "host-1:8080", Ticker.system(), CONTAINER);
                assertThatThrownBy(() -> server.join(desk, "host-1:8080", Ticker.system(), CONTAINER))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("HF-135: desk.example/shop does not start: /shop of this server keeps its sessions"
                                + " under the same name, holdfast.app = till. A session, or a login, of the one"
                                + " would be one of the other. Set holdfast.app for one of them, in its own"
                                + " web.xml: as a system property or in the environment it counts for all.");
                assertThat(redis.<Set<String>>ask(jedis -> jedis.hkeys("{hf:till:nodes}")))
                        .hasSize(2);
                server.leave(first);
                assertThatThrownBy(() -> server.join(desk, "host-1:8080", Ticker.system(), CONTAINER))
                        .hasMessageContaining("HF-135");
                server.leave(second);

                server.leave(server.join(desk, "host-1:8080", Ticker.system(), CONTAINER));
            } finally {
                server.release();
            }
        }
    }

    /**
     * It does not remember what the one before had ended: other nodes must not take it for that one when Redis has lost
     * data.
     */
    @Test
    void applicationThatIsDeployedAnewIsAnotherNode() {
        try (RedisProcess redis = RedisProcess.start()) {
            HoldfastConfig config = config(redis, AppPlace.at("/shop"));
            ServerResources server = ServerResources.acquire(this, config, "n1");
            try {
                Membership before = server.join(config, "host-1:8080", Ticker.system(), CONTAINER);
                Set<String> first = redis.ask(jedis -> jedis.hkeys(NODES));
                server.leave(before);
                Membership after = server.join(config, "host-1:8080", Ticker.system(), CONTAINER);
                Set<String> second = redis.ask(jedis -> jedis.hkeys(NODES));
                server.leave(after);

                assertThat(first).hasSize(1).allMatch(incarnation -> incarnation.matches("[A-Za-z0-9_-]{22}\\.1"));
                assertThat(second).hasSize(1).doesNotContainAnyElementsOf(first);
            } finally {
                server.release();
            }
        }
    }

    /** As a log handler does that fails: the application does not start, and others of the server go on. */
    @Test
    void applicationThatFailsToStartLeavesNothingBehind() {
        Handler failing = new FailingHandler();
        Logger logger = Logger.getLogger("dev.holdfast.redis");
        try (RedisProcess redis = RedisProcess.start().unaudited()) {
            ServerResources other = ServerResources.acquire(this, config(redis, AppPlace.at("/shop")), "n1");
            try {
                // What a start looks at, and what is worth a line.
                redis.ask(jedis -> jedis.hset("{hf:shop:05}:g", "not", "a generation"));
                logger.addHandler(failing);
                WeakReference<ClassLoader> loader = failedStart(redis);
                logger.removeHandler(failing);

                await().untilAsserted(() -> {
                    System.gc();
                    assertThat(loader.get()).isNull();
                });
            } finally {
                logger.removeHandler(failing);
                other.release();
            }
        }
    }

    private static final class FailingHandler extends Handler {
        @Override
        public void publish(LogRecord entry) {
            throw new IllegalStateException("on purpose");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private WeakReference<ClassLoader> failedStart(RedisProcess redis) {
        ClassLoader loader = new URLClassLoader(new URL[0], getClass().getClassLoader());
        assertThatThrownBy(() -> Holdfast.start(
                        this,
                        config(redis, AppPlace.at("/shop")),
                        "n1",
                        "host-1:8080",
                        CONTAINER,
                        noSessions(),
                        loader,
                        new ApplicationClasses() {
                            @Override
                            public boolean isApplicationClass(String name) {
                                return false;
                            }

                            @Override
                            public Collection<String> packages() {
                                return List.of();
                            }

                            @Override
                            public boolean isLibraryClass(String name) {
                                return false;
                            }
                        }))
                .hasMessage("on purpose");
        return new WeakReference<>(loader);
    }

    private static ContainerSessions noSessions() {
        return new ContainerSessions() {
            @Override
            public ContainerSession restore(
                    SessionId id, SessionAccess access, SessionSnapshot snapshot, long sinceUseMillis) {
                throw new AssertionError("no session is used");
            }

            @Override
            public ContainerSession restoreExpired(
                    SessionId id, SessionAccess access, SessionSnapshot snapshot, long sinceUseMillis) {
                throw new AssertionError("no session is used");
            }
        };
    }
}
