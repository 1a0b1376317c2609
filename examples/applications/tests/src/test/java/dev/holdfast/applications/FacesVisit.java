package dev.holdfast.applications;

import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Visit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** The steps of one customer of the shop, and what she sees, a line for each page. */
final class FacesVisit {
    private FacesVisit() {}

    /** What is seen where nothing is lost. */
    static final String EXPECTED = """
            Please log in.
            [ada, , ]
            [ada, tea is in your cart., tea for 3]
            [ada, cups is in your cart., tea, cups for 7]
            [ada, Step 1, tea, cups for 7, ,]
            [ada, Step 2, tea, cups for 7, Ada,]
            [ada, Step 3, tea, cups for 7, Ada, Main Street]
            [ada, Thank you, Ada., ]
            """;

    /**
     * Does all of it: logs in, puts two things into the cart, and orders in three steps on one page.
     *
     * @param nodes two, that run
     * @param kills after which of the answers, counted from 1 and redirects among them, the node that gave it is killed
     */
    static String of(List<ContainerProcess> nodes, IntPredicate kills) {
        Visit ada = new Visit(nodes, "/shop", kills);
        StringBuilder seen = new StringBuilder();
        ada.open("cart.xhtml");
        line(seen, ada.text("#said"));
        line(seen, cart(logIn(ada)));
        line(seen, cart(add(ada, "tea")));
        line(seen, cart(add(ada, "cups")));
        line(seen, order(ada.click("a#order")));
        line(seen, order(next(ada, Map.of("form:name", "Ada"))));
        line(seen, order(next(ada, Map.of("form:street", "Main Street"))));
        line(seen, cart(next(ada, Map.of())));
        return seen.toString();
    }

    private static void line(StringBuilder seen, String text) {
        seen.append(text).append('\n');
    }

    static Visit logIn(Visit ada) {
        return ada.submit("form", Map.of("j_username", "ada", "j_password", "engine"));
    }

    static Visit add(Visit ada, String item) {
        return ada.submit("form#add", Map.of("add:item", item, "add:do", "Add"));
    }

    static Visit next(Visit ada, Map<String, String> fields) {
        Map<String, String> all = new HashMap<>(fields);
        all.put("form:next", "Next");
        return ada.submit("form#form", all);
    }

    static String cart(Visit ada) {
        return List.of(ada.text("#customer"), ada.text("#said"), ada.text("#cart"))
                .toString();
    }

    static String order(Visit ada) {
        return List.of(ada.text("#customer"), ada.text("#step"), ada.text("#cart"), ada.text("#to"))
                .toString();
    }
}
