package com.example.shop;

import java.io.Serializable;

/** A value of the application that is equal by what is printed. */
@SuppressWarnings("serial")
public final class Label implements Serializable {
    private Object value;

    @Override
    public int hashCode() {
        return String.valueOf(value).hashCode();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Label label && String.valueOf(label.value).equals(String.valueOf(value));
    }
}
