package dev.holdfast.benchmark;

import java.io.Serializable;

/** A value of a session that can change in place, as most have. */
public class Item implements Serializable {
    private static final long serialVersionUID = 1;

    private final String name;
    private final String text;
    private int amount;

    Item(String name, String text) {
        this.name = name;
        this.text = text;
    }

    int add() {
        return ++amount;
    }

    int length() {
        return name.length() + text.length() + amount;
    }
}
