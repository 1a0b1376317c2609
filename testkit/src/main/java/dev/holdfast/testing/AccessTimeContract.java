package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * A session was used last when the container received the request, not when the application asked for it. Both nodes
 * serve a {@link LateServlet} at {@code /shop/late}, on containers that tell the beginning of a request. The same for
 * all containers.
 */
public abstract class AccessTimeContract {
    private final Browser browser = new Browser();

    protected abstract HttpNode n1();

    protected abstract HttpNode n2();

    @Test
    void sessionThatIsLookedUpLateWasUsedWhenTheRequestBegan() {
        browser.get(n1(), "/shop/late?do=begin");

        assertLastAccessIsTheBeginning(n1());
    }

    @Test
    void sessionThatIsLoadedLateWasUsedWhenTheRequestBegan() {
        browser.get(n1(), "/shop/late?do=begin");

        assertLastAccessIsTheBeginning(n2());
    }

    private void assertLastAccessIsTheBeginning(HttpNode node) {
        long sent = System.currentTimeMillis();
        String late = browser.get(node, "/shop/late?do=late").body();
        assertThat(late).endsWith(" " + browser.sessionId());
        long began = Long.parseLong(late.substring(0, late.indexOf(' ')));

        long last = Long.parseLong(browser.get(node, "/shop/late?do=last").body());

        // The servlet works five times as long before it asks.
        assertThat(last).isBetween(sent - 100, began + 100);
    }
}
