package dev.holdfast.testing;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * The steps of one customer of the examples' shops whose login is a form of their own, and what she sees, a line for
 * each page: the page behind the login, a wrong password, the login, a cart that is changed in place, the logout.
 */
public final class FormLoginVisit {
    private FormLoginVisit() {}

    /**
     * Does all steps, as the customer ada.
     *
     * @param nodes two, that run
     * @param kills after which of the answers, counted from 1 and redirects among them, the node that gave it is killed
     * @param password the right one
     */
    public static String of(List<? extends ContainerProcess> nodes, IntPredicate kills, String password) {
        Visit customer = new Visit(nodes, "/shop", kills);
        return login(customer.open("cart?gift=yes"))
                + login(customer.submit("form", Map.of("username", "ada", "password", "wrong")))
                + cart(customer.submit("form", Map.of("username", "ada", "password", password)))
                + cart(customer.submit("form", Map.of("item", "tea")))
                + cart(customer.submit("form", Map.of("item", "cups")))
                + login(customer.click("a"));
    }

    private static String login(Visit customer) {
        return address(customer) + ": " + customer.text("#said") + "\n";
    }

    private static String cart(Visit customer) {
        return address(customer) + ": " + customer.text("#customer") + " | " + customer.text("#cart") + "\n";
    }

    private static String address(Visit customer) {
        URI at = URI.create(customer.page().location());
        return at.getQuery() == null ? at.getPath() : at.getPath() + "?" + at.getQuery();
    }
}
