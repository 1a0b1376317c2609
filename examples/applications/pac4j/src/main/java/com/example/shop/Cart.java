package com.example.shop;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What is in the cart. The session has it once, and is never told that it has changed. */
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
