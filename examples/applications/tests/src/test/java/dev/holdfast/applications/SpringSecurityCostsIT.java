package dev.holdfast.applications;

import dev.holdfast.costs.ClickCosts;
import dev.holdfast.costs.Keeper;
import dev.holdfast.costs.ShopCustomer;
import dev.holdfast.testing.Alone;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What it costs to put something into the cart: a form, and the page behind its redirect. */
@Alone
@EnabledIfSystemProperty(named = "costs.rounds", matches = "[1-9]\\d*", disabledReason = "only with -Pcosts")
class SpringSecurityCostsIT {
    private static final Path SHOP = BuiltApplication.of("spring-security", "shop");

    @Test
    void measures() throws Exception {
        ClickCosts.of("Spring MVC and Spring Security")
                .with(Keeper.STANDARD_MANAGER, SHOP)
                .with(Keeper.HOLDFAST, SHOP)
                .with(Keeper.DELTA_MANAGER, SHOP)
                .with(Keeper.DELTA_MANAGER_WAITING, SHOP)
                .with(Keeper.SPRING_SESSION, SHOP)
                .sending(List.of("commit.lua", "commit.lua"), List.of())
                .measure(nodes -> new ShopCustomer(nodes, "cart", "username"));
    }
}
