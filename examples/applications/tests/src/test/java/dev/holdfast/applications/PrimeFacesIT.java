package dev.holdfast.applications;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.BrowserVisit;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.LearnedClasses;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shop with PrimeFaces in a real browser, whose scripts are those of PrimeFaces, behind HAProxy with the
 * configuration of docs/affinity.md: with what docs/frameworks.md allows, a page that is open goes on when the node
 * that made it is killed, and so do the cart, the order and which tab is open.
 *
 * <p>With {@code -Dapplications.whole=true} alone, on all containers, after each step.
 */
@EnabledIfSystemProperty(
        named = "applications.whole",
        matches = "true",
        disabledReason = "it takes a minute; in each build PrimeFacesPresetTest asks what is stored by default")
class PrimeFacesIT {
    private static final Path SHOP = BuiltApplication.of("primefaces", "shop");

    @TempDir
    private Path folder;

    private static BrowserVisit.Application shop(
            ApplicationServer server, Map<String, String> settings, Consumer<BrowserVisit> steps) {
        return new BrowserVisit.Application(server, SHOP, "shop", settings, "cart.xhtml", steps);
    }

    @Test
    void documentsNameWhatTheShopKeepsAndNothingElse() throws Exception {
        Map<String, String> learning =
                Map.of("holdfast.classes", "learn", "holdfast.classes.directory", folder.toString());
        shop(ApplicationServer.TOMCAT_10_1, learning, person -> {
                    order(person);
                    String file = "holdfast-classes-shop-" + person.node() + ".txt";
                    LearnedClasses.awaitThoseOf("PrimeFaces", folder.resolve(file));
                })
                .used(folder);
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void openPageGoesOnWithTheNextClickWhenItsNodeIsKilled(ApplicationServer server) throws Exception {
        Map<String, String> allowed = Map.of("holdfast.classes.allow", Docs.parameter("frameworks.md", "PrimeFaces"));
        shop(server, allowed, PrimeFacesIT::order).usedAndKilled(folder);
    }

    private static void order(BrowserVisit person) {
        person.open("cart.xhtml").reads("#said", "Please log in.");
        person.type("[name=j_username]", "ada")
                .type("[name=j_password]", "engine")
                .click("button");
        person.reads("#customer", "ada");
        put(person, "tea", "tea for 3");
        put(person, "cups", "tea, cups for 7");
        // The page shows it at once, and tells the server.
        person.click("[href=\"#shop:tabs:gift\"]").shows("PrimeFaces.ajax.Queue.isEmpty()", "true");
        person.reads("#card", "We enclose a card.");
        person.click("#order").reads("#step", "Step 1");
        // It would be hidden with the other tab open.
        person.open("cart.xhtml").shows("document.querySelector('#card')?.offsetParent != null", "true");
        person.reads("#card", "We enclose a card.");
        person.click("#order").reads("#step", "Step 1");
        person.type(id("form:name"), "Ada").click(id("form:next")).reads("#step", "Step 2");
        person.type(id("form:street"), "Main Street").click(id("form:next")).reads("#to", "Ada, Main Street");
        person.click(id("form:next")).reads(id("shop:said"), "Thank you, Ada.");
    }

    private static void put(BrowserVisit person, String item, String cart) {
        person.type(id("shop:tabs:item"), item).click(id("shop:tabs:do"));
        person.reads(id("shop:cart"), cart);
    }

    /** Faces puts colons into identifiers. */
    private static String id(String id) {
        return "[id=\"" + id + "\"]";
    }
}
