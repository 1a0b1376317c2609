package dev.holdfast.applications;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.BrowserVisit;
import dev.holdfast.testing.Docs;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The shop of {@link VaadinIT} in a real browser, whose scripts are Vaadin's, behind HAProxy with the configuration of
 * docs/affinity.md: a page that is open goes on with the next click when the node that made it is killed.
 *
 * <p>With {@code -Dapplications.whole=true} alone, on all containers, after each step.
 */
@EnabledIfSystemProperty(
        named = "applications.whole",
        matches = "true",
        disabledReason = "in each build VaadinIT takes the same steps without a browser")
class VaadinBrowserIT {
    private static final Path SHOP = BuiltApplication.of("vaadin", "shop");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void openPageGoesOnWithTheNextClickWhenItsNodeIsKilled(ApplicationServer server) throws Exception {
        Map<String, String> settings = Map.of("holdfast.classes.allow", Docs.parameter("frameworks.md", "Vaadin Flow"));

        new BrowserVisit.Application(
                        server, SHOP, "shop", settings, "?v-r=init&location=&query=", VaadinBrowserIT::order)
                .usedAndKilled(folder);
    }

    private static void order(BrowserVisit person) {
        person.open("").reads("#login", "Log in");
        person.type("#name input", "ada").click("#login").reads("#customer", "ada");
        put(person, "tea", "ada has tea.", "In your cart, tea");
        put(person, "cups", "ada has tea, cups.", "In your cart, tea, cups");
        person.click("#order").reads("#next", "Next");
        person.type("#address input", "London").click("#next").reads("#question", "Send tea, cups to London?");
        person.click("#yes").reads("#said", "tea, cups on the way to London.");
    }

    private static void put(BrowserVisit person, String item, String said, String cart) {
        person.type("#item input", item)
                .click("#add")
                .shows(
                        "[...document.querySelectorAll('#cart vaadin-grid-cell-content')]"
                                + ".map(e => e.innerText).filter(text => text).join(', ')",
                        cart)
                .reads("#said", said);
    }
}
