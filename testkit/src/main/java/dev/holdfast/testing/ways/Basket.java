package dev.holdfast.testing.ways;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** An attribute that servlets change without telling the session. */
public final class Basket implements Serializable {
    private static final long serialVersionUID = 1L;

    /** A field of the attribute itself. */
    String note = "";

    /** Something that the attribute refers to. */
    final Line line = new Line();

    /** One level down. */
    static final class Line implements Serializable {
        private static final long serialVersionUID = 1L;

        final ArrayList<String> items = new ArrayList<>();
    }

    void change(String value) {
        note = value;
        line.items.add(value);
    }

    String last() {
        List<String> items = line.items;
        String item = items.isEmpty() ? "" : items.get(items.size() - 1);
        return item.equals(note) ? note : note + " but " + item;
    }
}
