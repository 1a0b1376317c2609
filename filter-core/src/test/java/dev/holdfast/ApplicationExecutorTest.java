package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Code of an application runs on a thread of this application, and holds up nobody else. */
class ApplicationExecutorTest {
    private final ClassLoader loader = new URLClassLoader(new URL[0], getClass().getClassLoader());

    @Test
    void taskRunsUnderTheApplicationsClassLoader() throws Exception {
        try (ApplicationExecutor thread = new ApplicationExecutor("saving", "shop", loader)) {
            CompletableFuture<Thread> seen = new CompletableFuture<>();
            CompletableFuture<ClassLoader> current = new CompletableFuture<>();

            thread.start(() -> {
                current.complete(Thread.currentThread().getContextClassLoader());
                seen.complete(Thread.currentThread());
            });

            assertThat(current.get(20, TimeUnit.SECONDS)).isSameAs(loader);
            assertThat(seen.get(20, TimeUnit.SECONDS).getName()).isEqualTo("holdfast-saving-shop");
            assertThat(seen.get().isDaemon()).isTrue();
        }
    }

    @Test
    void taskThatHangsHoldsUpNeitherTheCallerNorOtherApplications() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        AtomicInteger second = new AtomicInteger();
        try (ApplicationExecutor one = new ApplicationExecutor("saving", "one", loader);
                ApplicationExecutor two = new ApplicationExecutor("saving", "two", loader)) {
            one.start(() -> {
                inside.countDown();
                awaitQuietly(hanging);
            });
            assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();

            one.start(second::incrementAndGet); // waits: one at a time
            one.start(second::incrementAndGet); // left out: that one will do
            CompletableFuture<Void> other = new CompletableFuture<>();
            two.start(() -> other.complete(null));

            other.get(20, TimeUnit.SECONDS);
            assertThat(second).hasValue(0);
            hanging.countDown();
            await().until(() -> second.get() == 1);
            CompletableFuture<Void> last = new CompletableFuture<>();
            one.start(() -> last.complete(null));
            last.get(20, TimeUnit.SECONDS);
            assertThat(second).hasValue(1);
        } finally {
            hanging.countDown();
        }
    }

    @Test
    void nothingStaysBehindWhenItIsClosed() throws Exception {
        ApplicationExecutor thread = new ApplicationExecutor("saving", "shop", loader);
        CompletableFuture<Thread> worker = new CompletableFuture<>();
        thread.start(() -> worker.complete(Thread.currentThread()));
        Thread used = worker.get(20, TimeUnit.SECONDS);

        thread.close();
        thread.start(() -> {
            throw new AssertionError("runs after the end");
        });

        used.join(20_000);
        assertThat(used.isAlive()).isFalse();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
