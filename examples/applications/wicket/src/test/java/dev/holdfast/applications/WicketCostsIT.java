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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What it costs to put something into the cart: a form, and the page behind its redirect. */
@Alone
@EnabledIfSystemProperty(named = "costs.rounds", matches = "[1-9]\\d*", disabledReason = "only with -Pcosts")
class WicketCostsIT {
    private static final Path SHOP = Path.of("target", "shop").toAbsolutePath();

    private static final class ShopCustomer implements Customer {
        private final Visit visit;
        private int items;

        ShopCustomer(List<ContainerProcess> nodes) {
            visit = new Visit(nodes, "/shop", answer -> false);
        }

        @Override
        public void login() {
            visit.open("").submit("form", Map.of("user", "ada", "password", "engine"));
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
            visit.open("/shop/");
            assertThat(visit.text("#cart")).isEqualTo(String.join(", ", Collections.nCopies(items, "tea")));
        }

        @Override
        public void checkElsewhere() {
            visit.elsewhere();
            look();
        }
    }

    /** The page that was looked at goes on, too. */
    private static final class CustomerOfPages implements Customer {
        private final ShopCustomer customer;

        CustomerOfPages(List<ContainerProcess> nodes) {
            customer = new ShopCustomer(nodes);
        }

        @Override
        public void login() {
            customer.login();
        }

        @Override
        public void click() {
            customer.click();
        }

        @Override
        public void look() {
            customer.look();
        }

        @Override
        public void checkElsewhere() {
            customer.visit.elsewhere();
            customer.click();
        }
    }

    /** A page that is opened anew has a new number, which the session counts. */
    @Test
    void measuresWithPagesOnTheDiskOfTheirNode() throws Exception {
        costs("Wicket", SHOP)
                .sending(List.of("commit.lua"), List.of("commit.lua"))
                .measure(ShopCustomer::new);
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
