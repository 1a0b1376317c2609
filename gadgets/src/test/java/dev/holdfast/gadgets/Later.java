package dev.holdfast.gadgets;

import java.io.Serializable;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;

/**
 * Stands in a collection of the JDK for something that must not be hashed, or asked to compare, before it is read; when
 * the collection is written, that is what is written.
 */
@SuppressWarnings({"serial", "UnusedVariable"}) // all are equal to it
final class Later implements Comparator<Object>, Serializable {
    private final Object real;

    private Later(Object real) {
        this.real = real;
    }

    @Override
    public int compare(Object a, Object b) {
        return 0;
    }

    private Object writeReplace() {
        return real;
    }

    /** Hashes it when it is read. */
    static Object hashing(Object element) {
        return new HashSet<>(List.of(new Later(element)));
    }

    /** Compares the two with it when it is read. */
    static Object comparing(Object comparator, Object a, Object b) {
        return Forge.queue(new Later(comparator), a, b);
    }
}
