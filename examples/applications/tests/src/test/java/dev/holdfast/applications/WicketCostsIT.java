package dev.holdfast.applications;

import dev.holdfast.costs.ClickCosts;
import dev.holdfast.costs.Keeper;
import dev.holdfast.costs.ShopCustomer;
import dev.holdfast.testing.Alone;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.ExplodedApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What it costs to put something into the cart: a form, and the page behind its redirect. */
@Alone
@EnabledIfSystemProperty(named = "costs.rounds", matches = "[1-9]\\d*", disabledReason = "only with -Pcosts")
class WicketCostsIT {
    private static final Path SHOP = BuiltApplication.of("wicket", "shop");

    /** The page that was looked at goes on, too. */
    private static final class CustomerOfPages extends ShopCustomer {
        CustomerOfPages(List<ContainerProcess> nodes) {
            super(nodes, "", "user");
        }

        @Override
        public void checkElsewhere() {
            goElsewhere();
            click();
        }
    }

    /** A page that is opened anew has a new number, which the session counts. */
    @Test
    void measuresWithPagesOnTheDiskOfTheirNode() throws Exception {
        costs("Wicket", SHOP)
                .sending(List.of("commit.lua"), List.of("commit.lua"))
                .measure(nodes -> new ShopCustomer(nodes, "", "user"));
    }

    @Test
    void measuresWithPagesInTheSession() throws Exception {
        costs("Wicket, its last five pages in the session", withPages())
                .sending(List.of("commit.lua", "commit.lua", "commit.lua"), List.of("commit.lua", "commit.lua"))
                .measure(CustomerOfPages::new);
    }

    private static ClickCosts costs(String application, Path exploded) {
        return ClickCosts.of(application)
                .with(Keeper.STANDARD_MANAGER, exploded)
                .with(Keeper.HOLDFAST, exploded)
                .with(Keeper.DELTA_MANAGER, exploded)
                .with(Keeper.DELTA_MANAGER_WAITING, exploded)
                .with(Keeper.SPRING_SESSION, exploded);
    }

    private static Path withPages() throws IOException {
        String webXml = Files.readString(SHOP.resolve("WEB-INF/web.xml"));
        return ExplodedApplication.copyOf(SHOP)
                .file("WEB-INF/web.xml", webXml.replace("com.example.shop.Shop<", "com.example.shop.ShopWithPages<"))
                .inWebXml(Docs.block("frameworks.md", "Wicket", "xml"))
                .path();
    }
}
