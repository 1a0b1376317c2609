package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import jakarta.servlet.http.HttpSession;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A user with a browser, whose requests go to the node that the test names and do there what the test hands over. */
final class Visitor {
    private static final long PATIENCE_SECONDS = 20;
    /** Requests wait inside: a pool of few threads would not do. */
    private static final Executor THREADS = task -> {
        Thread thread = new Thread(task, "visitor");
        thread.setDaemon(true);
        thread.start();
    };

    private final PeersSite site;
    private final Browser browser;

    Visitor(PeersSite site, Browser browser) {
        this.site = site;
        this.browser = browser;
    }

    /** Another browser with the same cookies: what it receives does not reach this one. */
    Visitor copy() {
        Browser other = new Browser();
        other.cookies().putAll(browser.cookies());
        return new Visitor(site, other);
    }

    /** As {@link #copy}, but the cookie of the session is all that is left. */
    Visitor withSessionIdOnly() {
        Visitor other = copy();
        other.browser.cookies().keySet().removeIf(name -> !name.equals("JSESSIONID"));
        return other;
    }

    String id() {
        return browser.cookies().get("JSESSIONID");
    }

    @Nullable
    String cookie(String name) {
        return browser.cookies().get(name);
    }

    Answer send(EmbeddedNode node, Page page) {
        return browser.get(node.uri(site.path(page)));
    }

    /** Does something with the session, which is created if there is none; the answer must be 200. */
    void change(EmbeddedNode node, Consumer<HttpSession> work) {
        Answer response = send(node, (request, answer) -> work.accept(request.getSession()));
        assertThat(response.status()).isEqualTo(200);
    }

    /** What the page finds in the session as a text, "no session" without one; the answer must be 200. */
    String read(EmbeddedNode node, Function<HttpSession, @Nullable Object> work) {
        Answer response = send(node, (request, answer) -> {
            HttpSession session = request.getSession(false);
            answer.getWriter().print(session == null ? "no session" : work.apply(session));
        });
        assertThat(response.status()).isEqualTo(200);
        return response.body();
    }

    /**
     * Sends a request that is answered while the test goes on; its cookies reach this browser when it is
     * {@link Sent#answer asked for}.
     */
    Sent begin(EmbeddedNode node, Page page) {
        String path = site.path(page);
        Visitor sender = copy();
        return new Sent(CompletableFuture.supplyAsync(() -> sender.browser.get(node.uri(path)), THREADS));
    }

    /**
     * Sends a request that stands still between two parts of its page, and returns when it does.
     *
     * @param after what it prints is the answer
     */
    Held hold(EmbeddedNode node, Consumer<HttpSession> before, Function<HttpSession, @Nullable Object> after) {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Sent sent = begin(node, (request, response) -> {
            HttpSession session = request.getSession();
            before.accept(session);
            inside.countDown();
            await(go);
            response.getWriter().print(after.apply(session));
        });
        await(inside);
        return new Held(sent, go);
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("Nobody came within " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A request under way. */
    final class Sent {
        private final CompletableFuture<Answer> response;

        private Sent(CompletableFuture<Answer> response) {
            this.response = response;
        }

        boolean isAnswered() {
            return response.isDone();
        }

        Answer answer() {
            Answer answer =
                    response.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
            browser.keep(answer);
            return answer;
        }
    }

    /** A request that stands still in the application. */
    record Held(Sent sent, CountDownLatch go) {
        /** Lets it go on, and waits for its answer. */
        Answer letGo() {
            go.countDown();
            return sent.answer();
        }
    }
}
