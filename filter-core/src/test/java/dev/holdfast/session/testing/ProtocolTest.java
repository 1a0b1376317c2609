package dev.holdfast.session.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** A {@link Site} with two nodes, and a browser: what most tests of the protocol begin with. */
public abstract class ProtocolTest {
    protected final Site site = new Site();
    protected final TestNode a;
    protected final TestNode b;
    protected final Browser browser = new Browser();

    /** With nodes at default settings. */
    protected ProtocolTest() {
        this(Site::node);
    }

    /** @param kind what nodes A and B are, {@code Site::servingNode} for one */
    protected ProtocolTest(BiFunction<Site, String, TestNode> kind) {
        a = kind.apply(site, "A");
        b = kind.apply(site, "B");
    }

    /** The stored text of an attribute of the browser's session; null if it or the session is not there. */
    protected @Nullable String stored(String name) {
        return site.stored(browser.id(), name);
    }

    /** A change of the browser's session on node B, acknowledged there, of which this browser does not hear. */
    protected void elsewhere(String name, String value) {
        Exchange there = new Exchange(b, browser.id(), null);
        there.write(name, value);
        assertThat(there.answer().status()).isEqualTo(200);
    }
}
