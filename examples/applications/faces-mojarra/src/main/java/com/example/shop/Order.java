package com.example.shop;

import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** An order in three steps, all on one page: it lives as long as that page is open. */
@Named
@ViewScoped
public class Order implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final int LAST_STEP = 3;

    private int step = 1;
    private String name = "";
    private String street = "";

    @Inject
    private Cart cart;

    public int getStep() {
        return step;
    }

    public String getName() {
        return name;
    }

    public void setName(String name) {
        this.name = name;
    }

    public String getStreet() {
        return street;
    }

    public void setStreet(String street) {
        this.street = street;
    }

    /** Goes on, on the same page, and in the end back to the empty cart. */
    public @Nullable String next() {
        if (step < LAST_STEP) {
            step++;
            return null;
        }
        cart.order(name);
        return "cart?faces-redirect=true";
    }
}
