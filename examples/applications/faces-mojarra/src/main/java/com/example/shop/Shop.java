package com.example.shop;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;

/** The form that adds to the cart. */
@Named
@RequestScoped
public class Shop {
    private String item = "";

    @Inject
    private Cart cart;

    public String getItem() {
        return item;
    }

    public void setItem(String item) {
        this.item = item;
    }

    /** Adds the item. */
    public String add() {
        cart.add(item);
        return "cart?faces-redirect=true";
    }
}
