package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What requests say that their sessions have cost. Two nodes of one application, with {@link #settings}, serve a {@link
 * DemoServlet} at {@code /shop/*}, in the JVM of the test. The same for all containers.
 */
public abstract class RequestCostContract {
    private static final String HEADER = "Holdfast-Cost";

    private final Browser customer = new Browser();

    protected abstract HttpNode n1();

    protected abstract HttpNode n2();

    protected abstract RedisProcess redis();

    /** What the access log of n1 has last got from the attribute {@code dev.holdfast.cost}. */
    protected abstract String lastLogged();

    /** Of both nodes. */
    protected static Map<String, String> settings() {
        return Map.of("holdfast.request.cost", "header");
    }

    private static void assertCost(Answer answer, String cost) {
        assertThat(answer.header(HEADER)).matches(cost + " us=[0-9]+");
    }

    @Test
    void eachAnswerSaysWhatWasDoneWithItsSession() {
        assertThat(customer.get(n1(), "/shop/plain").header(HEADER)).isEqualTo("session=none trips=0 us=0");
        assertCost(customer.get(n1(), "/shop/new"), "session=created\\+saved trips=1");
        // A node that a busy machine holds up trusts nothing for a moment.
        await().untilAsserted(() ->
                assertThat(customer.get(n1(), "/shop/peek").header(HEADER)).isEqualTo("session=trusted trips=0 us=0"));
        assertCost(customer.get(n1(), "/shop/new"), "session=(loaded\\+)?saved trips=[12]");
        assertCost(customer.get(n2(), "/shop/new"), "session=loaded\\+taken-over\\+saved trips=2");
        assertCost(customer.get(n2(), "/shop/redirect"), "session=(trusted trips=0|loaded trips=1)");
        assertCost(customer.get(n2(), "/shop/logout"), "session=(loaded\\+)?ended trips=[12]");
    }

    @Test
    void accessLogGetsIt() {
        Answer answer = customer.get(n1(), "/shop/new");

        // The line is written when the answer has left.
        await().untilAsserted(() -> assertThat(lastLogged()).isEqualTo(answer.header(HEADER)));
    }

    @Test
    void refusedRequestSaysSo() {
        customer.get(n1(), "/shop/new");
        redis().pause();
        try {
            // Not in the memory of this node.
            Answer answer = customer.get(n2(), "/shop/new");
            assertThat(answer.status()).isEqualTo(503);
            assertCost(answer, "session=refused trips=[0-9]+");
        } finally {
            redis().resume();
            for (HttpNode node : List.of(n1(), n2())) {
                await().untilAsserted(() ->
                        assertCost(new Browser().get(node, "/shop/new"), "session=created\\+saved trips=1"));
            }
        }
    }
}
