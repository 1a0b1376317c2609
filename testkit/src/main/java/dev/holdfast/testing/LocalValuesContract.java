package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * At default settings a value that cannot be stored stays on its node, costs no request an error and no other attribute
 * anything. The nodes serve {@link UnstorableServlet} at {@code /shop/use}, in the JVM of the test. The same for all
 * containers.
 */
public abstract class LocalValuesContract {
    /** What the settings of the nodes allow, beside the container's own. */
    protected static final String ALLOWED =
            UnstorableServlet.Basket.class.getName() + ", " + UnstorableServlet.Witness.class.getName();

    private final Browser browser = new Browser();

    protected abstract HttpNode node();

    /** A second node of the same application. */
    protected abstract HttpNode otherNode();

    @BeforeEach
    void begin() {
        assertThat(use(node(), "set&value=first").status()).isEqualTo(200);
    }

    private Answer use(HttpNode node, String what) {
        return browser.get(node, "/shop/use?do=" + what);
    }

    private String show(HttpNode node) {
        return use(node, "show").body();
    }

    @Test
    void valueIsUsedOnItsNodeAndAbsentOnTheOther() {
        assertThat(show(node())).isEqualTo("first, first, null");
        assertThat(use(node(), "names").body()).isEqualTo("[connection, note]");

        assertThat(use(otherNode(), "names").body()).isEqualTo("[note]");
        assertThat(show(otherNode())).isEqualTo("null, first, null");
    }

    @Test
    void valueIsThereAgainWhenItsBrowserComesBack() {
        use(otherNode(), "basket"); // a change: the first node fills its copy anew

        assertThat(show(node())).isEqualTo("first, first, []");
    }

    @Test
    void valueOfTheOtherNodeTakesItsPlace() {
        use(otherNode(), "set&value=second");

        assertThat(show(node())).isEqualTo("null, second, null");
        assertThat(show(otherNode())).isEqualTo("second, second, null");
    }

    @Test
    void valueThatCanBeStoredTakesItsPlaceEverywhere() {
        use(otherNode(), "replace&value=stored");

        assertThat(show(node())).isEqualTo("stored, first, null");
    }

    @Test
    void valueThatHoldsForAWhileWhatCannotBeStoredIsAbsentThatLongAndNeverOlder() {
        use(node(), "basket");
        use(node(), "add&value=tea");
        assertThat(show(otherNode())).isEqualTo("null, first, [tea]");

        assertThat(use(node(), "hold&value=live").status()).isEqualTo(200);
        assertThat(show(otherNode())).isEqualTo("null, first, null");
        assertThat(show(node())).isEqualTo("first, first, [tea, live]");

        use(node(), "empty");
        use(node(), "add&value=milk");
        assertThat(show(otherNode())).isEqualTo("null, first, [milk]");
    }

    /** As a page of Vaadin while a click is answered. */
    @Test
    void valueWithWhatCannotBeStoredForAMomentIsStoredWithoutItByTheRequestBeside() throws Exception {
        use(node(), "basket");
        use(node(), "add&value=tea");
        UnstorableServlet.Click.begin();
        String cookies = browser.cookies().entrySet().stream()
                .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                .collect(Collectors.joining("; "));
        CompletableFuture<Answer> click = CompletableFuture.supplyAsync(() -> new Browser()
                .request(node(), "GET", "/shop/use?do=click&value=cake")
                .header("Cookie", cookies)
                .send());
        try {
            assertThat(UnstorableServlet.Click.awaitInside()).isTrue();

            assertThat(use(node(), "show").status()).isEqualTo(200);

            assertThat(show(otherNode())).isEqualTo("null, first, [tea, cake]");
        } finally {
            UnstorableServlet.Click.end();
        }
        assertThat(click.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
    }

    @Test
    void valueGoesAlongWhenTheSessionGetsAnotherId() {
        assertThat(use(node(), "login").status()).isEqualTo(200);

        assertThat(show(node())).isEqualTo("first, first, null");
        use(otherNode(), "basket"); // a change: the first node fills its copy anew
        assertThat(show(node())).isEqualTo("first, first, []");
    }

    @Test
    void doctorNamesWhatStays() throws JMException {
        String[] lines = (String[]) ManagementFactory.getPlatformMBeanServer()
                .invoke(new ObjectName("dev.holdfast:type=Node,node=\"n1\""), "examine", null, null);

        assertThat(lines)
                .filteredOn(line -> line.startsWith("HF-520: "))
                .singleElement()
                .asString()
                .startsWith("HF-520: Of the sessions of shop, these attributes stay on this node and are absent after a"
                        + " failover: \"")
                .contains("\"connection\" of " + UnstorableServlet.class.getName());
    }
}
