package com.example.shop;

import jakarta.enterprise.context.ApplicationScoped;

/** What things cost. There is one for all customers, and none in a session. */
@ApplicationScoped
public class Prices {
    /** A shop would look into its database. */
    public int of(String item) {
        return item.length();
    }
}
