package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.holdfast.costs.ClickCosts;
import dev.holdfast.costs.Customer;
import dev.holdfast.costs.Keeper;
import dev.holdfast.testing.Alone;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.ExplodedApplication;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What it costs to put something into the cart: one message of the page's scripts and its answer. */
@Alone
@EnabledIfSystemProperty(named = "costs.rounds", matches = "[1-9]\\d*", disabledReason = "only with -Pcosts")
class VaadinCostsIT {
    private static final class ShopCustomer implements Customer {
        private final FlowVisit visit;
        private int items;

        ShopCustomer(List<ContainerProcess> nodes) {
            visit = new FlowVisit(nodes, "/shop", answer -> false);
        }

        @Override
        public void login() throws JsonProcessingException {
            visit.open("").enter("name", "ada").click("login");
            assertThat(visit.text("customer")).isEqualTo("ada");
        }

        @Override
        public void click() throws JsonProcessingException {
            visit.enter("item", "tea").click("add");
            items++;
            assertThat(visit.text("said"))
                    .isEqualTo("ada has " + String.join(", ", Collections.nCopies(items, "tea")) + ".");
        }

        @Override
        public void look() throws JsonProcessingException {
            visit.poll();
        }

        @Override
        public void checkElsewhere() throws JsonProcessingException {
            visit.elsewhere();
            click();
        }
    }

    /** Vaadin sets its attribute once, when the session begins: who goes by that never has a click elsewhere. */
    @Test
    void measures() throws Exception {
        Path shop = ExplodedApplication.copyOf(BuiltApplication.of("vaadin", "shop"))
                .inWebXml(Docs.block("frameworks.md", "Vaadin Flow", "xml"))
                .path();

        ClickCosts.of("Vaadin Flow")
                .with(Keeper.STANDARD_MANAGER, shop)
                .with(Keeper.HOLDFAST, shop)
                .with(Keeper.SPRING_SESSION_OF_READ, shop)
                // One with the answer, one behind it: Vaadin then notes in the session how long the request took.
                .sending(List.of("commit.lua", "commit.lua"), List.of("commit.lua", "commit.lua"))
                .measure(ShopCustomer::new);
    }
}
