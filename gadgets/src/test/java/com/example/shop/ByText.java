package com.example.shop;

import java.io.Serializable;
import java.util.Comparator;

/** An order of the application. */
@SuppressWarnings("serial")
public final class ByText implements Comparator<Object>, Serializable {
    @Override
    public int compare(Object a, Object b) {
        return a.toString().compareTo(b.toString());
    }
}
