package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.costs.ClickCosts;
import dev.holdfast.costs.Customer;
import dev.holdfast.costs.Keeper;
import dev.holdfast.testing.Alone;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.Visit;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What it costs to put something into the cart: a form, and the page behind its redirect. */
@Alone
@EnabledIfSystemProperty(named = "costs.rounds", matches = "[1-9]\\d*", disabledReason = "only with -Pcosts")
class FacesCostsIT {
    /** Goes on with the page that is open, at the other node, too. */
    private static final class ShopCustomer implements Customer {
        private final Visit visit;
        private int items;

        ShopCustomer(List<ContainerProcess> nodes) {
            visit = new Visit(nodes, "/shop", answer -> false);
        }

        @Override
        public void login() {
            FacesVisit.logIn(visit.open("cart.xhtml"));
            assertThat(FacesVisit.cart(visit)).isEqualTo("[ada, , ]");
        }

        @Override
        public void click() {
            FacesVisit.add(visit, "tea");
            items++;
            assertThat(FacesVisit.cart(visit)).isEqualTo("[ada, tea is in your cart., " + cart() + "]");
        }

        @Override
        public void look() {
            visit.open("/shop/cart.xhtml");
            assertThat(visit.text("#cart")).isEqualTo(cart());
        }

        private String cart() {
            String tea = "tea";
            return String.join(", ", Collections.nCopies(items, tea)) + " for " + items * tea.length();
        }

        @Override
        public void checkElsewhere() {
            visit.elsewhere();
            click();
        }
    }

    /**
     * A cart is changed in place, and nobody else has it elsewhere: DeltaManager waits for {@code setAttribute}, and
     * Weld asks the container's request for its session, not the one of Spring Session.
     */
    @ParameterizedTest
    @EnumSource
    void measures(FacesPair faces) throws Exception {
        Path shop = ExplodedApplication.copyOf(faces.shop())
                .inWebXml(Docs.block("frameworks.md", faces.heading(), "xml"))
                .path();

        boolean hasPagesInTheSession = faces == FacesPair.MOJARRA_AND_WELD;
        ClickCosts.of(faces.heading())
                .with(Keeper.STANDARD_MANAGER, shop)
                .with(Keeper.HOLDFAST, shop)
                .sending(
                        hasPagesInTheSession ? List.of("commit.lua", "commit.lua") : List.of("commit.lua"),
                        hasPagesInTheSession ? List.of("commit.lua") : List.of())
                .measure(ShopCustomer::new);
    }
}
