package com.example.shop;

import java.util.ArrayList;
import java.util.List;
import org.apache.wicket.Session;
import org.apache.wicket.protocol.http.WebSession;
import org.apache.wicket.request.Request;

/** Who has logged in, and what is in the cart. Wicket is not told when that changes. */
public final class ShopSession extends WebSession {
    private static final long serialVersionUID = 1L;

    private final ArrayList<String> cart = new ArrayList<>();
    private String customer = "";

    ShopSession(Request request) {
        super(request);
    }

    static ShopSession current() {
        return (ShopSession) Session.get();
    }

    /** One customer, as an example: a shop would look into its database. */
    boolean login(String name, String password) {
        if (!"ada".equals(name) || !"engine".equals(password)) {
            return false;
        }
        customer = name;
        bind();
        changeSessionId(); // whoever knew it before does not know it now
        dirty();
        return true;
    }

    boolean isLoggedIn() {
        return !customer.isEmpty();
    }

    String customer() {
        return customer;
    }

    /** The live list: what is put into it is in the cart. */
    List<String> cart() {
        return cart;
    }
}
