package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.costs.ClickCosts;
import dev.holdfast.costs.Customer;
import dev.holdfast.costs.Keeper;
import dev.holdfast.testing.Alone;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Visit;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What it costs to put something into the cart: a form, and the page behind its redirect. */
@Alone
@EnabledIfSystemProperty(named = "costs.rounds", matches = "[1-9]\\d*", disabledReason = "only with -Pcosts")
class SpringSecurityCostsIT {
    private static final Path SHOP = Path.of("target", "shop").toAbsolutePath();

    private static final class ShopCustomer implements Customer {
        private final Visit visit;
        private int items;

        ShopCustomer(List<ContainerProcess> nodes) {
            visit = new Visit(nodes, "/shop", answer -> false);
        }

        @Override
        public void login() {
            visit.open("cart").submit("form", Map.of("username", "ada", "password", "engine"));
            assertThat(visit.text("#customer")).isEqualTo("ada");
        }

        @Override
        public void click() {
            visit.submit("form", Map.of("item", "tea"));
            items++;
            assertThat(visit.text("#said")).isEqualTo("tea is in your cart.");
            assertThat(visit.text("#cart")).isEqualTo(String.join(", ", Collections.nCopies(items, "tea")));
        }

        @Override
        public void look() {
            visit.open("cart");
            assertThat(visit.text("#cart")).isEqualTo(String.join(", ", Collections.nCopies(items, "tea")));
        }

        @Override
        public void checkElsewhere() {
            visit.elsewhere();
            look();
        }
    }

    @Test
    void measures() throws Exception {
        ClickCosts.of("Spring MVC and Spring Security")
                .with(Keeper.STANDARD_MANAGER, SHOP)
                .with(Keeper.HOLDFAST, SHOP)
                .with(Keeper.DELTA_MANAGER, SHOP)
                .with(Keeper.DELTA_MANAGER_WAITING, SHOP)
                .with(Keeper.SPRING_SESSION, SHOP)
                .sending(List.of("commit.lua", "commit.lua"), List.of())
                .measure(ShopCustomer::new);
    }
}
