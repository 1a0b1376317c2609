package dev.holdfast.codec;

import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.math.BigDecimal;
import java.security.Principal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Classes as applications have them. */
final class Samples {
    private Samples() {}

    record Point(int x, int y) {}

    record Named<T>(String name, T value, List<T> more) implements Serializable {}

    enum Plain {
        FIRST,
        SECOND
    }

    enum WithBodies {
        ADD {
            @Override
            int apply(int a, int b) {
                return a + b;
            }
        },
        SUBTRACT {
            @Override
            int apply(int a, int b) {
                return a - b;
            }
        };

        abstract int apply(int a, int b);
    }

    enum NoConstants {}

    static class Line implements Serializable {
        private static final long serialVersionUID = 1L;
        final String article;
        BigDecimal price;
        int count;

        Line(String article, BigDecimal price, int count) {
            this.article = article;
            this.price = price;
            this.count = count;
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Line other
                    && article.equals(other.article)
                    && Objects.equals(price, other.price)
                    && count == other.count;
        }

        @Override
        public int hashCode() {
            return article.hashCode();
        }
    }

    @SuppressWarnings("serial") // JDK 18 and newer: a field of an interface or Object, on purpose
    static class Cart implements Serializable {
        private static final long serialVersionUID = 1L;
        List<Line> lines = new ArrayList<>();
        Map<String, Object> notes = new HashMap<>();
        Line last;
        Plain state = Plain.SECOND;
        transient Object scratch = new Object();
        long[] marks = {1, -2};

        Cart with(Line line) {
            lines.add(line);
            last = line;
            return this;
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Cart other
                    && lines.equals(other.lines)
                    && notes.equals(other.notes)
                    && Objects.equals(last, other.last)
                    && state == other.state
                    && java.util.Arrays.equals(marks, other.marks);
        }

        @Override
        public int hashCode() {
            return lines.hashCode();
        }
    }

    static class Primitives implements Serializable {
        private static final long serialVersionUID = 1L;
        boolean z = true;
        byte b = -3;
        char c = '\u20ac';
        short s = -300;
        int i = Integer.MIN_VALUE;
        long j = Long.MAX_VALUE;
        float f = 1.5f;
        double d = -0.0;
        Integer boxed = 7;
    }

    static class StateVersion implements Serializable {
        private static final long serialVersionUID = 1L;
        int value;
    }

    /** Hides a field of its parent. */
    @SuppressWarnings("HidingField") // on purpose
    static class Hiding extends StateVersion {
        private static final long serialVersionUID = 1L;
        int value;
    }

    static class NotSerializableParent {
        String made = "by constructor";
    }

    static class OfNotSerializableParent extends NotSerializableParent implements Serializable {
        private static final long serialVersionUID = 1L;
        String own = "own";
    }

    static class NoDefaultConstructor implements Serializable {
        private static final long serialVersionUID = 1L;
        final String name;

        NoDefaultConstructor(String name) {
            this.name = Objects.requireNonNull(name);
        }
    }

    static class ThrowingConstructor implements Serializable {
        private static final long serialVersionUID = 1L;
        String name;

        private ThrowingConstructor() {
            throw new UnsupportedOperationException();
        }

        ThrowingConstructor(String name) {
            this.name = name;
        }
    }

    @SuppressWarnings("serial") // JDK 18 and newer: a field of an interface or Object, on purpose
    static class Node implements Serializable {
        private static final long serialVersionUID = 1L;
        Node next;
        Object any;
    }

    static class User implements Principal, Serializable {
        private static final long serialVersionUID = 1L;
        private final String name;

        User(String name) {
            this.name = name;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof User other && name.equals(other.name);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    static class ListWithField extends ArrayList<String> {
        private static final long serialVersionUID = 1L;
        String title;
    }

    static class MapWithField extends HashMap<String, String> {
        private static final long serialVersionUID = 1L;
        String title;
    }

    static class CustomForm implements Serializable {
        private static final long serialVersionUID = 1L;
        transient String secret;

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
            out.writeUTF(secret);
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            secret = in.readUTF();
        }
    }

    static final class Singleton implements Serializable {
        private static final long serialVersionUID = 1L;
        static final Singleton INSTANCE = new Singleton();

        private Object readResolve() {
            return INSTANCE;
        }
    }

    static final class Replaced implements Serializable {
        private static final long serialVersionUID = 1L;
        final String text;

        Replaced(String text) {
            this.text = text;
        }

        private Object writeReplace() {
            return new Form(text);
        }

        record Form(String text) implements Serializable {
            private Object readResolve() {
                return new Replaced(text);
            }
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Replaced other && text.equals(other.text);
        }

        @Override
        public int hashCode() {
            return text.hashCode();
        }
    }

    public static final class External implements Externalizable {
        private static final long serialVersionUID = 1L;
        String text = "";

        @Override
        public void writeExternal(ObjectOutput out) throws IOException {
            out.writeUTF(text);
        }

        @Override
        public void readExternal(ObjectInput in) throws IOException {
            text = in.readUTF();
        }
    }

    static class ByLength implements Comparator<String>, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public int compare(String a, String b) {
            return Integer.compare(a.length(), b.length());
        }
    }

    /** No record, not Serializable. */
    static class Connection {
        int handle;
    }

    @SuppressWarnings("serial") // JDK 18 and newer: a field of an interface or Object, on purpose
    static class HoldsConnection implements Serializable {
        private static final long serialVersionUID = 1L;
        List<Object> parts = new ArrayList<>();
    }
}
