package com.example.shop;

import jakarta.enterprise.context.SessionScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.util.ArrayList;

/** What is in the cart, and what was said of it last. CDI keeps it in the session and is never told of a change. */
@Named
@SessionScoped
public class Cart implements Serializable {
    private static final long serialVersionUID = 1L;

    private final ArrayList<String> items = new ArrayList<>();
    private String said = "";

    @Inject
    private Prices prices;

    /** Puts something on top. */
    public void add(String item) {
        items.add(item);
        said = item + " is in your cart.";
    }

    /** Takes everything out. */
    public void order(String name) {
        items.clear();
        said = "Thank you, " + name + ".";
    }

    public String getSaid() {
        return said;
    }

    /** What is there, in order, and what it costs in all. */
    public String getText() {
        int sum = items.stream().mapToInt(prices::of).sum();
        return items.isEmpty() ? "" : String.join(", ", items) + " for " + sum;
    }
}
