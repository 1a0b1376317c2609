package dev.holdfast.costs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Visit;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Somebody who puts tea into the cart of one of the examples' shops: a form, and the page behind its redirect. */
public class ShopCustomer implements Customer {
    private final Visit visit;
    private final String cart;
    private final String nameField;
    private int items;

    /**
     * A customer who is not logged in.
     *
     * @param cart where the page with the cart is, behind {@code /shop/}
     * @param nameField of the login's form
     */
    public ShopCustomer(List<ContainerProcess> nodes, String cart, String nameField) {
        visit = new Visit(nodes, "/shop", answer -> false);
        this.cart = cart;
        this.nameField = nameField;
    }

    @Override
    public void login() {
        visit.open(cart).submit("form", Map.of(nameField, "ada", "password", "engine"));
        assertThat(visit.text("#customer")).isEqualTo("ada");
    }

    @Override
    public void click() {
        visit.submit("form", Map.of("item", "tea"));
        items++;
        assertThat(visit.text("#said")).isEqualTo("tea is in your cart.");
        assertCart();
    }

    @Override
    public void look() {
        visit.open("/shop/" + cart);
        assertCart();
    }

    private void assertCart() {
        assertThat(visit.text("#cart")).isEqualTo(String.join(", ", Collections.nCopies(items, "tea")));
    }

    @Override
    public void checkElsewhere() {
        goElsewhere();
        look();
    }

    /** Sends what comes next to the other node. */
    protected final void goElsewhere() {
        visit.elsewhere();
    }
}
