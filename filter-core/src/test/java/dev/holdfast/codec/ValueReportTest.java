package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.SessionRefusedException;
import java.awt.Dimension;
import java.awt.Point;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code holdfast.classes=report} names of a value, and what it does not. */
@SuppressWarnings({"serial", "UnusedVariable", "ArrayRecordComponent", "UnnecessaryStringBuilder"})
class ValueReportTest {
    private static final String HERE = ValueReportTest.class.getName() + "$";

    private final KryoCodec codec = codec("");
    private final ValueReport report = new ValueReport(codec);

    /** @param refused what is another's class */
    private static KryoCodec codec(String refused) {
        return new KryoCodec(
                ValueReportTest.class.getClassLoader(),
                ClassPolicy.app(
                        ClassPatterns.NONE,
                        name -> name.startsWith(ValueReportTest.class.getName()) && !name.equals(refused),
                        Set.of(),
                        name -> false,
                        name -> false),
                line -> {});
    }

    // ---- what cannot be stored

    /** Not serializable, and what it holds is of no interest. */
    static final class Socket {
        final Object guts = new Thread("guts");
    }

    static class Item implements Serializable {
        Object owner = "ada";
        Item next;
    }

    static class Cart implements Serializable {
        List<Item> items = new ArrayList<>(List.of(new Item(), new Item(), new Item(), new Item()));
        Map<String, Object> notes = new LinkedHashMap<>();
        transient Object connection = new Socket();
    }

    @Test
    void chainOfFieldsLeadsToWhatCannotBeStored() {
        Cart cart = new Cart();
        cart.items.get(3).owner = new Socket();

        assertThat(report.inspect("cart", cart, null))
                .containsExactly("cart.items[3].owner → " + HERE + "Socket, which is neither java.io.Serializable nor a"
                        + " record. Implement java.io.Serializable or keep it out of the session.");
    }

    @Test
    void allOfItIsNamedAtOnceAndEachClassWhereItIsNearest() {
        Cart cart = new Cart();
        cart.notes.put("secret key", new Point(1, 2));
        cart.items.get(1).owner = new Dimension();
        cart.items.get(2).owner = new Object[] {"a", new Socket()};
        cart.items.get(3).owner = new Socket();

        assertThat(report.inspect("cart", cart, null))
                .containsExactlyInAnyOrder(
                        "cart.notes[value] → java.awt.Point, which the class policy does not allow.",
                        "cart.items[1].owner → java.awt.Dimension, which the class policy does not allow.",
                        "cart.items[3].owner → " + HERE + "Socket, which is neither java.io.Serializable nor a record."
                                + " Implement java.io.Serializable or keep it out of the session.");
    }

    @Test
    void whatAnObjectHoldsThatOnlyLacksPermissionIsNamedToo() {
        ValueReport strict = new ValueReport(codec(HERE + "Item"));
        Cart cart = new Cart();
        cart.items.get(0).owner = new Socket();

        assertThat(strict.inspect("cart", cart, null))
                .hasSize(2)
                .anySatisfy(flaw -> assertThat(flaw).startsWith("cart.items[0] → " + HERE + "Item, which the class"))
                .anySatisfy(flaw -> assertThat(flaw).startsWith("cart.items[0].owner → " + HERE + "Socket, which is"));
    }

    @Test
    void elementOfAnAttributeIsNamedByItsNumber() {
        assertThat(report.inspect("all", new ArrayList<>(List.of("a", new Socket())), null))
                .singleElement()
                .asString()
                .startsWith("all[1] → " + HERE + "Socket, which is neither");
    }

    @Test
    void lambdaThatIsNotSerializableIsNamedWithTheRemedy() {
        Cart cart = new Cart();
        cart.notes.put("order", (Comparator<String>) (a, b) -> 0);

        assertThat(report.inspect("cart", cart, null))
                .singleElement()
                .asString()
                .startsWith("cart.notes[value] → " + ValueReportTest.class.getName() + "$$Lambda")
                .contains(", which is a lambda or a method reference and not java.io.Serializable. Use an interface");
    }

    @Test
    void classThatIsKnownFromAttacksIsNamedAsSuch() {
        Cart cart = new Cart();
        cart.notes.put("a", new javax.naming.Reference("com.shop.Cart"));

        assertThat(report.inspect("cart", cart, null))
                .singleElement()
                .asString()
                .startsWith("cart.notes[value] → javax.naming.Reference, which the class policy does not allow. It is"
                        + " known from attacks");
    }

    /** Writes what its fields do not hold. */
    static class Hiding implements Serializable {
        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
            out.writeObject(new Socket());
        }
    }

    @Test
    void classWithoutAWayToItIsNamedAllTheSame() {
        assertThat(report.inspect("cart", new Hiding(), null))
                .singleElement()
                .asString()
                .startsWith("cart → " + HERE + "Socket, which is not java.io.Serializable.");
    }

    @Test
    void valueThatCanBeStoredAfterAllIsNotNamed() {
        assertThat(report.inspect("cart", new Cart(), null)).isEmpty();
    }

    @Test
    void namesAreBoundedAndStandOnOneLine() {
        assertThat(report.inspect("a\nb" + "x".repeat(5000), List.of(new Socket()), null))
                .singleElement()
                .asString()
                .startsWith("a?bxxx")
                .doesNotContain("\n")
                .hasSizeLessThan(520);
    }

    // ---- what is another thing when it is read back

    private List<String> stored(Object value) throws Exception {
        return report.inspect("cart", value, codec.encode("cart", value));
    }

    private enum Size {
        S,
        M
    }

    private record Line(String text, int[] counts, Map<Size, String> bySize) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Line line && text.equals(line.text) && Arrays.equals(counts, line.counts);
        }

        @Override
        public int hashCode() {
            return text.hashCode();
        }
    }

    /** Goes by JDK serialization, which writes how large its tables are. */
    static class Roomy implements Serializable {
        final Map<String, Object> table = new HashMap<>(1000);
        final Set<Object> set = new HashSet<>(500);
        final IdentityHashMap<Object, Object> byIdentity = new IdentityHashMap<>();
        final PriorityQueue<String> queue = new PriorityQueue<>(List.of("b", "a"));
        final RuntimeException failure = new IllegalStateException("odd");
        transient String lost = "by intention";

        Roomy() {
            table.put("a", new Item());
            byIdentity.put(new Item(), 1);
            set.add("b");
            set.add(new Item());
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
        }
    }

    interface Named extends Serializable {
        String name();
    }

    static Stream<Object> same() throws Exception {
        Item knot = new Item();
        knot.next = knot;
        Object proxy = Proxy.newProxyInstance(
                ValueReportTest.class.getClassLoader(),
                new Class<?>[] {Named.class},
                (java.lang.reflect.InvocationHandler & Serializable) (self, method, arguments) -> "ada");
        Map<String, Object> mixed = new HashMap<>(64);
        mixed.put("lambda", (Comparator<String> & Serializable) (a, b) -> 0);
        mixed.put("proxy", proxy);
        mixed.put("text", new StringBuilder("a"));
        mixed.put("number", new AtomicInteger(1));
        mixed.put("sizes", EnumSet.of(Size.M));
        mixed.put("sizeMap", new EnumMap<>(Map.of(Size.S, "s")));
        mixed.put("views", Collections.unmodifiableList(new ArrayList<>(List.of(new Item()))));
        mixed.put("arrays", new Object[] {new int[] {1}, new String[] {"a", null}, Size.S});
        mixed.put("url", new URL("http://no-such-host.invalid/"));
        mixed.put("null", null);
        mixed.put("own", new SessionRefusedException("HF-201", "odd", null));
        Map<String, Object> byKryo = new HashMap<>(64);
        byKryo.put("optional", Optional.of(new Item()));
        byKryo.put("text", new StringBuilder("a"));
        byKryo.put("identity", new HashSet<>(List.of(new Item(), new Item())));
        return Stream.of(
                byKryo,
                new Cart(),
                knot,
                new Line("a", new int[] {1, 2}, new TreeMap<>(Map.of(Size.S, "s"))),
                new Roomy(),
                mixed,
                new ArrayList<>(List.of(new Cart(), new Roomy())),
                "text",
                TimeUnit.DAYS);
    }

    @ParameterizedTest
    @MethodSource("same")
    void whatComesBackAsItWasIsNotNamed(Object value) throws Exception {
        assertThat(stored(value)).isEmpty();
    }

    /** Forgets a field when it is read. */
    static class Forgetful implements Serializable {
        String note = "secret";
        int count = 1;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            note = null;
        }
    }

    static class Miscounting extends Forgetful {
        int own = 2;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            note = "secret";
            own++;
        }
    }

    @Test
    void fieldThatIsLostIsNamedWithoutWhatItHeld() throws Exception {
        Cart cart = new Cart();
        cart.items.get(2).owner = new Forgetful();
        assertThat(stored(cart))
                .containsExactly("cart.items[2].owner.note → java.lang.String is null when it is read back");

        assertThat(stored(new Miscounting()))
                .containsExactly("cart → " + HERE + "Miscounting has another own when it is read back");
    }

    /** Loses an entry, a key's content, and the order. */
    static class Sieve implements Serializable {
        final String what;
        Map<String, String> map = new HashMap<>(Map.of("a", "1", "b", "2"));
        Set<String> set = new HashSet<>(Set.of("a"));
        int[] numbers = {1, 2};

        Sieve(String what) {
            this.what = what;
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            switch (what) {
                case "entry" -> map.remove("a");
                case "key" -> map.put("c", map.remove("a"));
                case "value" -> map.put("a", "secret");
                case "element" -> set = new HashSet<>(Set.of("secret"));
                case "number" -> numbers[0]++;
                default -> numbers = new int[0];
            }
        }
    }

    @Test
    void whatIsLostInACollectionIsNamedWithoutWhatItHeld() throws Exception {
        assertThat(stored(new Sieve("entry")))
                .containsExactly("cart.map → java.util.HashMap is read back with another number of entries");
        assertThat(stored(new Sieve("key")))
                .containsExactly("cart.map → java.util.HashMap is read back without one of its keys");
        assertThat(stored(new Sieve("value")))
                .containsExactly("cart.map[value] → java.lang.String is read back with other content");
        assertThat(stored(new Sieve("element")))
                .containsExactly("cart.set → java.util.HashSet is read back without one of its elements");
        assertThat(stored(new Sieve("number"))).containsExactly("cart.numbers → [I is read back with other content");
        assertThat(stored(new Sieve("length"))).containsExactly("cart.numbers → [I is read back with another length");
    }

    /** Becomes another thing. */
    static class Changeling implements Serializable {
        private Object readResolve() {
            return "another";
        }
    }

    @Test
    void anotherClassIsNamed() throws Exception {
        assertThat(stored(new ArrayList<>(List.of(new Changeling()))))
                .containsExactly("cart[0] → " + HERE + "Changeling is read back as java.lang.String");
    }

    static class Unreadable implements Serializable {
        private void readObject(ObjectInputStream in) throws IOException {
            throw new InvalidObjectException("secret");
        }
    }

    @Test
    void valueThatCannotBeReadBackIsNamedWithoutTheTextOfTheFailure() throws Exception {
        assertThat(stored(new Unreadable()))
                .containsExactly("cart → " + HERE
                        + "Unreadable cannot be read back: reading it failed with java.io.InvalidObjectException.");
    }

    /** Goes by what does not travel. */
    static class Session implements Serializable {
        final transient Object token;
        final String how;

        Session(String how) {
            this.how = how;
            this.token = new Object();
        }

        @Override
        public boolean equals(Object other) {
            if (how.equals("asserting")) {
                throw new AssertionError("not yet");
            }
            return other instanceof Session session
                    && !how.equals("never")
                    && (how.equals("failing")
                            ? token.toString().equals(session.token.toString())
                            : token == session.token);
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    /** It would refuse the request, which it is only to report on. */
    @Test
    void errorOfTheApplicationsIsReportedToo() throws Exception {
        assertThat(stored(new Session("asserting")))
                .containsExactly("cart → " + HERE + "Session cannot be looked at: java.lang.AssertionError");
    }

    @Test
    void valueThatIsNotEqualIsNamedWhereThatBegins() throws Exception {
        Holder holder = new Holder(new Session("identity"));

        assertThat(stored(holder))
                .containsExactly("cart.value → " + HERE
                        + "Session is not equal to what is read back, though its fields are the same");
        assertThat(stored(new Session("failing")))
                .containsExactly(
                        "cart → " + HERE + "Session fails in equals with java.lang.NullPointerException when it"
                                + " is compared with what is read back");
        assertThat(stored(new Session("never"))).as("not even to itself").isEmpty();
    }

    private record Holder(Object value) implements Serializable {
        @Override
        public boolean equals(Object other) {
            return other instanceof Holder holder && Objects.equals(value, holder.value);
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    /** Keeps its state where nobody can look, and counts how often it was read. */
    static class Aging extends Random {
        private transient int age;

        Aging() {
            super(1);
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
            out.writeInt(age);
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            age = in.readInt() + 1;
        }
    }

    @Test
    void valueThatIsNeverStoredInTheSameWayIsNamed() throws Exception {
        assertThat(stored(new Aging()))
                .containsExactly("cart → " + HERE + "Aging is stored differently each time it was read back");
        assertThat(stored(new Random(1))).as("is what it was").isEmpty();
    }

    @Test
    void valueThatWasChangedMeanwhileIsNotNamed() throws Exception {
        Cart cart = new Cart();
        byte[] bytes = codec.encode("cart", cart);
        cart.items.get(0).owner = "grace";

        assertThat(report.inspect("cart", cart, bytes)).isEmpty();
    }
}
