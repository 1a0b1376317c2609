package com.example.shop;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.web.context.annotation.SessionScope;

/** What is in the cart. Spring keeps it in the session and is never told that it has changed. */
@Component
@SessionScope
public class Cart implements Serializable {
    private static final long serialVersionUID = 1L;

    private final ArrayList<String> items = new ArrayList<>();

    /** Puts something on top. */
    public void add(String item) {
        items.add(item);
    }

    /** What is there, in order. */
    public List<String> items() {
        return List.copyOf(items);
    }
}
