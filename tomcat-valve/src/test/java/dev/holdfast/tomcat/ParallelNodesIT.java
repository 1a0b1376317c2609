package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.tomcat.Visitor.Held;
import dev.holdfast.tomcat.Visitor.Sent;
import jakarta.servlet.http.HttpSession;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Requests of one browser that run at the same time, on two nodes and on one: what is merged, refused, overwritten or
 * queued.
 */
class ParallelNodesIT {
    @RegisterExtension
    static final PeersSite site = new PeersSite();

    private static void add(HttpSession session, String name, String text) {
        session.setAttribute(name, session.getAttribute(name) + text);
    }

    private static String both(HttpSession session) {
        return session.getAttribute("x") + " " + session.getAttribute("y");
    }

    private static void begin(HttpSession session) {
        session.setAttribute("x", "x");
        session.setAttribute("y", "y");
    }

    private static long counter(EmbeddedNode node, String name) {
        return node.manager().coordinator().counters().all().get(name);
    }

    @Test
    void attributesThatTwoNodesChangeAtTheSameTimeAreBothKept() {
        Visitor visitor = site.visitor();
        visitor.change(site.n1, ParallelNodesIT::begin);
        long merges = counter(site.n1, "merges");
        Held held = visitor.hold(site.n1, session -> add(session, "x", "+n1"), session -> "saved");

        visitor.change(site.n2, session -> add(session, "y", "+n2"));
        assertThat(held.letGo().body()).isEqualTo("saved");

        assertThat(visitor.read(site.n1, ParallelNodesIT::both)).isEqualTo("x+n1 y+n2");
        assertThat(visitor.read(site.n2, ParallelNodesIT::both)).isEqualTo("x+n1 y+n2");
        assertThat(counter(site.n1, "merges")).isEqualTo(merges + 1);
    }

    /** On a node of its own: a line like this is told once a minute. */
    @Test
    void attributeThatBothNodesChangeIsRefusedToTheSecondAndOneLineSaysWhich() {
        Visitor visitor = site.visitor();
        try (EmbeddedNode n3 = site.node("n3", site.redis.uri());
                LogCapture log = new LogCapture("dev.holdfast")) {
            visitor.change(n3, ParallelNodesIT::begin);
            Held held = visitor.hold(n3, session -> add(session, "x", "+n3"), session -> "saved");
            visitor.change(site.n2, session -> add(session, "x", "+n2"));

            Answer refused = held.letGo();

            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(refused.body()).isEmpty();
            assertThat(counter(n3, "conflicts")).isEqualTo(1);
            assertThat(log.lines().stream().filter(line -> line.contains("HF-2")))
                    .containsExactly("WARNING HF-202: Session "
                            + visitor.id().substring(0, 4)
                            + "…: node n2 changed \"x\" while a request on node n3 was using it; "
                            + "what requests here changed is not kept. The client may try again.");
        }
        assertThat(visitor.read(site.n1, ParallelNodesIT::both)).isEqualTo("x+n2 y");
    }

    /** A list of the names depends on every attribute. */
    @Test
    void requestThatListedTheNamesIsRefusedIfAnotherNodeAddedOne() {
        Visitor visitor = site.visitor();
        visitor.change(site.n1, ParallelNodesIT::begin);
        Held held = visitor.hold(
                site.n1,
                session -> session.setAttribute(
                        "count", session.getAttributeNames().hasMoreElements()),
                session -> "saved");
        visitor.change(site.n2, session -> session.setAttribute("new", "n2"));

        assertThat(held.letGo().status()).isEqualTo(503);
    }

    @Test
    void overwritingApplicationKeepsItsOwnAndQueueingOneGoesInTurn() {
        Map<String, String> settings = Map.of("holdfast.conflict", "overwrite", "holdfast.parallel", "off");
        try (PeersSite other = new PeersSite(RedisProcess.start(), settings, (node, context) -> {})) {
            Visitor visitor = other.visitor();
            visitor.change(other.n1, ParallelNodesIT::begin);
            Held held = visitor.hold(other.n1, session -> add(session, "x", "+n1"), session -> "saved");
            visitor.change(other.n2, session -> add(session, "x", "+n2"));
            Sent queued = visitor.begin(other.n1, (request, response) -> add(request.getSession(), "x", "+queued"));
            await().until(() -> counter(other.n1, "queued") == 1);

            assertThat(queued.isAnswered()).isFalse();
            assertThat(held.letGo().status()).isEqualTo(200);
            assertThat(queued.answer().status()).isEqualTo(200);

            assertThat(visitor.read(other.n2, ParallelNodesIT::both)).isEqualTo("x+n1+queued y");
            assertThat(counter(other.n1, "overwrites")).isEqualTo(1);
        }
    }
}
