package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.TwoNodes;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sessions that are used on threads of the application's own, which know nothing of the request's. */
class AsyncIT {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes =
            TwoNodes.start((name, redis) -> new EmbeddedNode(name, redis, Map.of(), AsyncIT::application));

    private static final EmbeddedNode n1 = nodes.n1();
    private static final EmbeddedNode n2 = nodes.n2();

    private static volatile CountDownLatch waiting = new CountDownLatch(0);
    private static volatile CountDownLatch release = new CountDownLatch(0);

    private interface Work {
        void run(HttpServletRequest request, HttpServletResponse response) throws IOException;
    }

    private static Page async(Work work) {
        return (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(20_000);
            async.start(() -> {
                try {
                    work.run(request, response);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } finally {
                    async.complete();
                }
            });
        };
    }

    private static void application(Context context) {
        Page.add(context, "/async/create", async((request, response) -> {
            items(request.getSession()).add("created");
            response.getWriter().print("created");
        }));
        Page.add(context, "/async/add", async((request, response) -> {
            items(request.getSession()).add(request.getParameter("item"));
            response.getWriter().print("added");
        }));
        Page.add(context, "/async/flush", async((request, response) -> {
            items(request.getSession()).add("before");
            response.getWriter().print("flushed");
            response.flushBuffer();
            items(request.getSession()).add("after");
        }));
        Page.add(context, "/async/end", async((request, response) -> {
            request.getSession().invalidate();
            response.getWriter().print("ended");
        }));
        Page.add(context, "/async/anew", (request, response) -> {
            request.getSession().setAttribute("slow", "old"); // on the container's thread
            async((asyncRequest, asyncResponse) -> {
                        asyncRequest.getSession().invalidate();
                        items(asyncRequest.getSession()).add("anew");
                        asyncResponse.getWriter().print("anew");
                    })
                    .answer(request, response);
        });
        Page.add(context, "/rotate", (request, response) -> response.getWriter().print(request.changeSessionId()));
        Page.add(context, "/async/slow", async((request, response) -> {
            request.getSession().setAttribute("slow", "begun");
            waiting.countDown();
            try {
                if (!release.await(20, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("The test forgot this request");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            request.getSession().setAttribute("slow", "done");
            response.getWriter().print("slow");
        }));
        Page.add(context, "/async/dispatch", (request, response) -> {
            if (request.getAttribute("again") != null) {
                items(request.getSession()).add("dispatched");
                response.getWriter().print("dispatched");
                return;
            }
            AsyncContext async = request.startAsync();
            async.start(() -> {
                items(((HttpServletRequest) async.getRequest()).getSession()).add("thread");
                request.setAttribute("again", true);
                async.dispatch();
            });
        });
        Page.add(
                context,
                "/add",
                (request, response) -> items(request.getSession()).add(request.getParameter("item")));
        Page.add(context, "/flush", (request, response) -> {
            items(request.getSession()).add("before");
            response.getWriter().print("flushed");
            response.flushBuffer();
            items(request.getSession()).add("after");
        });
        Page.show(context, "/read", session -> session.getAttribute("items") + " " + session.getAttribute("slow"));
    }

    @SuppressWarnings("unchecked")
    private static List<String> items(HttpSession session) {
        List<String> items = (List<String>) session.getAttribute("items");
        if (items == null) {
            items = new ArrayList<>();
            session.setAttribute("items", items);
        }
        return items;
    }

    private static long lateCommits(EmbeddedNode node) {
        return node.manager().coordinator().counters().all().get("lateCommits");
    }

    @Test
    void sessionThatAThreadOfTheApplicationCreatesIsKept() {
        Browser browser = new Browser();

        assertThat(browser.get(n1.uri("/async/create")).body()).isEqualTo("created");

        assertThat(browser.cookies()).containsKeys("JSESSIONID", "HFROUTE", "HFEPOCH");
        assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[created] null");
    }

    @Test
    void changeOnAThreadOfTheApplicationIsKept() {
        Browser browser = new Browser();
        browser.get(n1.uri("/add?item=a"));

        assertThat(browser.get(n1.uri("/async/add?item=b")).body()).isEqualTo("added");
        assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[a, b] null");
        assertThat(browser.get(n1.uri("/async/add?item=c")).body()).isEqualTo("added"); // taken over on that thread
        assertThat(browser.get(n2.uri("/async/add?item=d")).body()).isEqualTo("added");

        assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("[a, b, c, d] null");
    }

    @Test
    void changeAfterADispatchIsKept() {
        Browser browser = new Browser();
        browser.get(n1.uri("/add?item=a"));

        assertThat(browser.get(n1.uri("/async/dispatch")).body()).isEqualTo("dispatched");

        assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[a, thread, dispatched] null");
    }

    @Test
    void endOnAThreadOfTheApplicationIsKept() {
        Browser browser = new Browser();
        browser.get(n1.uri("/add?item=a"));
        String id = browser.cookies().get("JSESSIONID");

        assertThat(browser.get(n1.uri("/async/end")).body()).isEqualTo("ended");

        browser.cookies().put("JSESSIONID", id);
        assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("none");
        assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("none");
    }

    @Test
    void sessionThatTakesThePlaceOfAnotherOnAThreadOfTheApplicationIsKept() {
        Browser browser = new Browser();
        browser.get(n1.uri("/add?item=a"));

        assertThat(browser.get(n1.uri("/async/anew")).body()).isEqualTo("anew");

        assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[anew] null");
    }

    @Test
    void requestThatChangesTheIdLeavesNothingBehind() {
        Browser browser = new Browser();
        browser.get(n1.uri("/add?item=a"));

        browser.get(n1.uri("/rotate"));

        assertThat(n1.manager().asyncRequests()).isZero();
        assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[a] null");
    }

    @Test
    void changeAfterTheResponseHasBegunIsKeptAndCounted() {
        Browser browser = new Browser();
        browser.get(n1.uri("/add?item=a"));
        long before = lateCommits(n1);

        assertThat(browser.get(n1.uri("/flush")).body()).isEqualTo("flushed");

        assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[a, before, after] null");
        assertThat(lateCommits(n1)).isEqualTo(before + 1);
    }

    @Test
    void changeAfterAnAsynchronousResponseHasBegunIsKeptAndCounted() {
        Browser browser = new Browser();
        browser.get(n1.uri("/add?item=a"));
        long before = lateCommits(n1);

        assertThat(browser.get(n1.uri("/async/flush")).body()).isEqualTo("flushed");

        assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[a, before, after] null");
        assertThat(lateCommits(n1)).isEqualTo(before + 1);
    }

    /** A request of the same browser that is inside now, and goes on when {@link #release} says so. */
    private static CompletableFuture<Answer> beginSlow(Browser browser) throws InterruptedException {
        waiting = new CountDownLatch(1);
        release = new CountDownLatch(1);
        Browser slow = new Browser();
        slow.cookies().putAll(browser.cookies());
        CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(() -> slow.get(n1.uri("/async/slow")));
        assertThat(waiting.await(20, TimeUnit.SECONDS)).isTrue();
        return answer;
    }

    @Test
    void secondRequestMeanwhileIsAnsweredAndBothChangesAreKept() throws InterruptedException {
        Browser browser = new Browser();
        browser.get(n1.uri("/add?item=a"));
        CompletableFuture<Answer> answer = beginSlow(browser);

        assertThat(browser.get(n1.uri("/add?item=b")).status()).isEqualTo(200);
        assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("[a, b] begun");
        assertThat(answer).isNotDone();
        release.countDown();
        await().until(answer::isDone);

        assertThat(answer.join().body()).isEqualTo("slow");
        assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[a, b] done");
    }

    @Test
    void changeOfARequestIsMergedWithWhatAnotherNodeChangedMeanwhile() throws InterruptedException {
        Browser browser = new Browser();
        browser.get(n1.uri("/add?item=a"));
        CompletableFuture<Answer> answer = beginSlow(browser);

        assertThat(browser.get(n2.uri("/add?item=b")).status()).isEqualTo(200);
        release.countDown();

        assertThat(answer.join().status()).isEqualTo(200);
        assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("[a, b] done");
    }
}
