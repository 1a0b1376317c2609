package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.math.BigDecimal;
import java.net.URI;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.Currency;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KryoCodecTest {
    private static final String ALLOW_CART = "Add it:"
            + " <context-param><param-name>holdfast.classes.allow</param-name><param-value>app.Cart</param-value></context-param>"
            + " (or holdfast.classes=learn while trying out).";

    private final KryoCodec codec = TestCodecs.codec();

    private static KryoCodec strict(ClassLoader loader) {
        return new KryoCodec(loader, ClassPolicy.strict(ClassPatterns.NONE, name -> false));
    }

    private static CompiledClasses cartApplication() throws Exception {
        return CompiledClasses.of(
                "Cart: public class Cart implements java.io.Serializable { private static final long serialVersionUID"
                        + " = 1; static { System.setProperty(\"app.Cart.initialised\", \"yes\"); } int count = 1; static"
                        + " Object make() { return new Cart(); } }",
                "Form: public class Form implements java.io.Serializable { private static final long serialVersionUID"
                        + " = 1; Cart cart = new Cart(); Object writeReplace() { return this; } static Object make() {"
                        + " return new Form(); } }",
                "State: public enum State { OPEN; static { System.setProperty(\"app.State.initialised\", \"yes\"); }"
                        + " static Object make() { return OPEN; } }",
                "Holder: public class Holder { static Object make() { return new Cart[] {new Cart()}; } }");
    }

    // The policy.

    @ParameterizedTest
    @ValueSource(strings = {"Cart", "Form", "State", "Holder"})
    void classOutsideThePolicyIsNeitherLoadedNorInitialised(String maker) throws Exception {
        CompiledClasses writer = cartApplication();
        byte[] bytes = writer.codec().encode("a", writer.make(maker));
        CompiledClasses reader = cartApplication();
        System.clearProperty("app.Cart.initialised");
        System.clearProperty("app.State.initialised");

        assertThatThrownBy(() -> strict(reader).decode("a", bytes))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageStartingWith("Attribute \"a\" cannot be read: it needs class ")
                .hasMessageContaining(", which the class policy does not allow. Add it: <context-param>");

        assertThat(reader.asked).isEmpty();
        assertThat(System.getProperty("app.Cart.initialised")).isNull();
        assertThat(System.getProperty("app.State.initialised")).isNull();
    }

    @Test
    void setAttributeNamesTheClassAndTheLineToAdd() throws Exception {
        CompiledClasses application = cartApplication();
        Object cart = application.make("Cart");

        assertThatThrownBy(() -> strict(application).check("cart", cart))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Attribute \"cart\" holds app.Cart, which the class policy does not allow. " + ALLOW_CART);
        assertThatThrownBy(() -> strict(application).check("cart", Map.of("a", List.of(cart))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Attribute \"cart\" holds app.Cart in [value][0], which the class policy does not allow. "
                        + ALLOW_CART);
        assertThatThrownBy(() -> strict(application).check("cart", application.make("Holder")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Attribute \"cart\" holds [Lapp.Cart;, which the class policy does not allow. " + ALLOW_CART);
    }

    /** As JDK serialization sees it: a proxy is the entity behind it, an immutable collection its form. */
    @Test
    void whatAnObjectGivesInItsPlaceNeedsThePermission() throws Exception {
        CompiledClasses application = CompiledClasses.of(
                "Cart: public class Cart implements java.io.Serializable { private static final long serialVersionUID"
                        + " = 1; static Object make() { return new Cart(); } }",
                "AsText: public class AsText implements java.io.Serializable { private static final long"
                        + " serialVersionUID = 1; Object writeReplace() { return \"text\"; } static Object make() {"
                        + " return new AsText(); } }",
                "AsCart: public class AsCart extends AsText { private static final long serialVersionUID = 1; Object"
                        + " writeReplace() { return new Cart(); } static Object make() { return new AsCart(); } }",
                "Same: public class Same implements java.io.Serializable { private static final long"
                        + " serialVersionUID = 1; Object writeReplace() { return this; } static Object make() { return"
                        + " new Same(); } }",
                "State: public enum State { OPEN; Object writeReplace() { return \"text\"; } static Object make() {"
                        + " return OPEN; } }");
        KryoCodec strict = strict(application);

        Object text = List.of(application.make("AsText"));
        strict.check("a", text);
        assertThat(strict.decode("a", strict.encode("a", text))).isEqualTo(List.of("text"));

        for (String[] refused : new String[][] {{"AsCart", "Cart"}, {"Same", "Same"}}) {
            assertThatThrownBy(() -> strict.encode("a", application.make(refused[0])))
                    .isInstanceOf(UnencodableAttributeException.class)
                    .hasMessageStartingWith("Attribute \"a\" holds app." + refused[1]
                            + ", which the class policy does not allow. Add it: ");
        }
        // A constant is written by its name, whatever it would give.
        assertThatThrownBy(() -> strict.check("a", application.make("State")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Attribute \"a\" holds app.State, which the class policy does not allow.");
    }

    @Test
    void encodingNamesTheFieldOfAClassOutsideThePolicy() throws Exception {
        CompiledClasses application = cartApplication();
        Samples.Cart holder = new Samples.Cart();
        holder.notes.put("x", new ArrayList<>(List.of("first", application.make("Cart"))));

        assertThatThrownBy(() -> codec.encode("cart", holder))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessage(
                        "Attribute \"cart\" holds app.Cart in notes[value][1], which the class policy does not allow. "
                                + ALLOW_CART);

        holder.notes.put("j", new EnumMap<>(Map.of(Samples.Plain.FIRST, 1))); // by JDK serialization
        assertThatThrownBy(() -> codec.encode("cart", new EnumMap<>(Map.of(Samples.Plain.FIRST, holder))))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessage(
                        "Attribute \"cart\" holds app.Cart in [value].notes[value][1], which the class policy does not"
                                + " allow. "
                                + ALLOW_CART);
    }

    @Test
    void classOfAnotherLoaderIsRefusedBecauseNoNodeCouldLoadIt() throws Exception {
        CompiledClasses application = cartApplication();
        KryoCodec other = CompiledClasses.of("Nothing: class Nothing {}").codec();
        Object cart = application.make("Cart");

        assertThatThrownBy(() -> other.check("cart", cart))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Attribute \"cart\" holds app.Cart, which was not loaded by way of the application's class"
                        + " loader, so that no other node could load it. Move the class into WEB-INF.");
    }

    @Test
    void superClassOfAnAllowedClassNeedsNoPermission() throws Exception {
        KryoCodec narrow = new KryoCodec(
                getClass().getClassLoader(),
                ClassPolicy.strict(
                        ClassPatterns.of(List.of(
                                Samples.Hiding.class.getName(), Samples.OfNotSerializableParent.class.getName())),
                        name -> false));

        assertThat(narrow.decode("a", narrow.encode("a", new Samples.Hiding()))).isInstanceOf(Samples.Hiding.class);
        List<Object> byJdk = Collections.nCopies(2, new Samples.Hiding());
        assertThat(((List<?>) narrow.decode("a", narrow.encode("a", byJdk))).get(1))
                .isInstanceOf(Samples.Hiding.class);
        assertThatThrownBy(() -> narrow.encode("a", new Samples.StateVersion()))
                .isInstanceOf(UnencodableAttributeException.class);
    }

    // What cannot be stored.

    @Test
    void whatIsNotSerializableIsRefusedAtOnce() {
        assertThatThrownBy(() -> codec.check("db", new Samples.Connection()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Attribute \"db\" holds dev.holdfast.codec.Samples$Connection, which is neither"
                        + " java.io.Serializable nor a record. Implement java.io.Serializable or keep it out of"
                        + " the session.");
        assertThatThrownBy(() -> codec.check(
                        "db", new ArrayList<>(Arrays.asList(null, new Object[] {new Samples.Connection()}))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "Attribute \"db\" holds dev.holdfast.codec.Samples$Connection in [1][0], which is neither");
        assertThatThrownBy(() -> codec.check("t", new Thread())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> codec.check("o", new Object())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> codec.check("e", Map.entry(1, 2))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void checkLooksAtTheFirstHundredElementsOnly() {
        List<Object> values = new ArrayList<>(Collections.nCopies(100, "a"));
        values.add(new Samples.Connection());

        assertThatCode(() -> codec.check("db", values)).doesNotThrowAnyException();
        assertThatThrownBy(() -> codec.check("db", values.subList(1, values.size())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void encodingNamesTheFieldThatIsNotSerializableInBothWays() {
        Samples.HoldsConnection holder = new Samples.HoldsConnection();
        holder.parts.add("x");
        holder.parts.add(new Samples.Connection());
        String where = "Attribute \"db\" holds dev.holdfast.codec.Samples$Connection in [0].parts[1], which is ";

        assertThatThrownBy(() -> codec.encode("db", new ArrayList<>(List.of(holder))))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessage(where
                        + "neither java.io.Serializable nor a record. Implement java.io.Serializable or keep"
                        + " it out of the session.");
        assertThatThrownBy(() -> codec.encode("db", Collections.unmodifiableList(new ArrayList<>(List.of(holder)))))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessage(where
                        + "not java.io.Serializable. Other parts of this attribute need JDK serialization,"
                        + " which takes no record without it either. Implement java.io.Serializable.");
    }

    @Test
    void largeAttributeIsNamedOnce() throws Exception {
        List<String> told = new ArrayList<>();
        KryoCodec telling = new KryoCodec(getClass().getClassLoader(), TestCodecs.policy(), told::add);

        telling.encode("small", "x".repeat(1_000_000));
        telling.encode("report", "x".repeat(1_100_000));
        telling.encode("report", "y".repeat(1_200_000));

        assertThat(told)
                .containsExactly("HF-305: Attribute \"report\" of class java.lang.String takes 1074 KiB. All of it is"
                        + " encoded at each request that uses it, and sent whole whenever something inside changes. Keep in"
                        + " the session what identifies it, and the rest in a database or a cache.");
    }

    @Test
    void tooLargeIsRefusedInBothWays() {
        KryoCodec small = new KryoCodec(getClass().getClassLoader(), TestCodecs.policy(), 2000);
        String told = "takes more than 2000 bytes. Store less in the session.";

        assertThatThrownBy(() -> small.encode("a", "x".repeat(2000)))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessage("Attribute \"a\" of class java.lang.String " + told);
        assertThatThrownBy(() -> small.encode("a", Collections.nCopies(1, "x".repeat(2000))))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessageEndingWith(told);
        assertThatThrownBy(() -> small.decode("a", codec.encode("a", "x".repeat(2000))))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage("Attribute \"a\" cannot be read: it has 2010 bytes, more than 2000.");
    }

    // Graphs.

    @Test
    void sharedAndCyclicObjectsAreSharedAndCyclicAgain() throws Exception {
        Samples.Node a = new Samples.Node();
        Samples.Node b = new Samples.Node();
        a.next = b;
        b.next = a;
        a.any = new ArrayList<>(Arrays.asList(a, b, "s", new Samples.Named<>("n", b, List.of(a))));

        Samples.Node decoded = (Samples.Node) TestCodecs.roundTrip(a);

        assertThat(decoded.next.next).isSameAs(decoded);
        List<?> list = (List<?>) decoded.any;
        assertThat(list.get(0)).isSameAs(decoded);
        assertThat(list.get(1)).isSameAs(decoded.next);
        assertThat(((Samples.Named<?>) list.get(3)).value()).isSameAs(decoded.next);
        assertThat(((Samples.Named<?>) list.get(3)).more().get(0)).isSameAs(decoded);
    }

    @Test
    void listAndMapMayContainThemselves() throws Exception {
        List<Object> list = new ArrayList<>();
        Map<Object, Object> map = new HashMap<>();
        list.add(list);
        list.add(map);
        map.put("m", map);

        List<?> decoded = (List<?>) TestCodecs.roundTrip(list);

        assertThat(decoded.get(0)).isSameAs(decoded);
        assertThat(((Map<?, ?>) decoded.get(1)).get("m")).isSameAs(decoded.get(1));
    }

    @Test
    void immutableValueThatContainsItselfIsRefusedAndNotBroken() {
        List<Object> inner = new ArrayList<>();
        Samples.Named<Object> record = new Samples.Named<>("n", inner, List.of());
        inner.add(record);

        assertThatThrownBy(() -> codec.encode("a", record))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessage("Attribute \"a\" holds dev.holdfast.codec.Samples$Named in value[0], which is immutable and"
                        + " contains itself: it could not be built again. Break the cycle with a mutable class.");
    }

    @Test
    void transientFieldsAreLeftOut() throws Exception {
        Samples.Cart cart = new Samples.Cart();
        cart.scratch = null;

        assertThat(((Samples.Cart) TestCodecs.roundTrip(cart)).scratch).isNotNull();
    }

    @Test
    void deepNestingGoesByJdkSerializationAndDeeperOneIsRefused() throws Exception {
        byte[] deep = codec.encode("a", chain(400));
        assertThat(TestCodecs.wayOf(deep)).isEqualTo('J');
        Samples.Node decoded = (Samples.Node) TestCodecs.codec().decode("a", deep);
        for (int i = 1; i < 400; i++) {
            decoded = Objects.requireNonNull(decoded.next);
        }
        assertThat(decoded.next).isNull();

        assertThatThrownBy(() -> codec.encode("a", chain(200_000)))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessage("Attribute \"a\" of class dev.holdfast.codec.Samples$Node is nested too deeply. Store a"
                        + " flatter structure.");
        assertThat(codec.decode("b", codec.encode("b", "still works"))).isEqualTo("still works");
    }

    @Test
    void setThatComparesAllItsElementsGoesByJdkSerializationIfItIsLarge() throws Exception {
        Set<Integer> set =
                new CopyOnWriteArraySet<>(IntStream.rangeClosed(0, 1024).boxed().toList());

        assertThat(TestCodecs.wayOf(codec.encode("a", set))).isEqualTo('J');
        assertThat(TestCodecs.roundTrip(set))
                .isInstanceOf(CopyOnWriteArraySet.class)
                .isEqualTo(set);
    }

    private record Basket(Object things) {}

    /** A record that is not Serializable goes by Kryo alone: one user's many things must not cost all others theirs. */
    @Test
    void valueThatIsNotForKryoLeavesOthersOfItsClassToIt() throws Exception {
        Basket one = new Basket(new CopyOnWriteArraySet<>(List.of(1)));
        Basket ordered = new Basket(new LinkedHashMap<>(16, 0.75f, true));
        Basket many = new Basket(
                new CopyOnWriteArraySet<>(IntStream.rangeClosed(0, 1024).boxed().toList()));

        Basket self = new Basket(new Samples.CustomForm());

        for (Object notForKryo : List.of(many, ordered, self)) {
            assertThatThrownBy(() -> codec.encode("a", notForKryo)).isInstanceOf(UnencodableAttributeException.class);
            assertThat(TestCodecs.wayOf(codec.encode("a", one))).isEqualTo('K');
        }
    }

    private static Samples.Node chain(int length) {
        Samples.Node first = new Samples.Node();
        Samples.Node last = first;
        for (int i = 1; i < length; i++) {
            last.next = new Samples.Node();
            last = last.next;
        }
        return first;
    }

    // Whom a failure is blamed on.

    static Stream<Arguments> blamed() {
        Samples.Named<Object> record = new Samples.Named<>("n", new Samples.Connection(), List.of());
        return Stream.of(
                arguments(new Samples.Connection(), Samples.Connection.class.getName()),
                arguments(new ArrayList<>(List.of(new Samples.Connection())), Samples.Connection.class.getName()),
                arguments(record, Samples.Connection.class.getName()),
                arguments(
                        Collections.unmodifiableList(new ArrayList<>(List.of(new Samples.Connection()))),
                        Samples.Connection.class.getName()),
                arguments(new Unwilling(), Unwilling.class.getName()),
                arguments(new Lacking(), Lacking.class.getName()),
                arguments(new ArrayList<>(List.of(chain(400), new Loose("v"))), Loose.class.getName()),
                arguments(chain(200_000), null),
                arguments("x".repeat(17 * 1024 * 1024), null));
    }

    /** Refuses to be written, whenever and by whomever. */
    static final class Unwilling implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream out) {
            throw new UnsupportedOperationException("4111-1111");
        }
    }

    /** As one whose library is not there. */
    static final class Lacking implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream out) {
            throw new NoClassDefFoundError("optional/Type 4111-1111");
        }
    }

    @ParameterizedTest
    @MethodSource("blamed")
    void classIsNamedWhereNoOtherAttemptCouldGoWell(Object value, @Nullable String culprit) {
        UnencodableAttributeException refused =
                catchThrowableOfType(UnencodableAttributeException.class, () -> codec.encode("a", value));

        assertThat(refused.culprit()).isEqualTo(culprit);
        assertThat(refused).hasMessageContaining("\"a\"").hasMessageNotContaining("4111");
        assertThat(refused.getMessage()).as("asked again").isEqualTo(refused.getMessage());
    }

    /** Not Serializable. */
    record Loose(String text) {}

    @Test
    void textOfTheApplicationIsNoNameOfAClass() {
        UnencodableAttributeException refused =
                catchThrowableOfType(UnencodableAttributeException.class, () -> codec.encode("a", new Talkative()));

        assertThat(refused.culprit()).isEqualTo("an object");
        assertThat(refused).hasMessageNotContaining("4111");
    }

    static final class Talkative implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream out) throws NotSerializableException {
            throw new NotSerializableException("the card 4111-1111");
        }
    }

    // Changes by other threads.

    @Test
    void collectionChangedWhileItIsWrittenIsUnencodable() {
        List<Object> list = new ArrayList<>();
        list.add(new Changer(list));
        list.add("b");

        assertThatThrownBy(() -> codec.encode("a", list))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasCauseInstanceOf(ConcurrentModificationException.class)
                .hasMessage("Attribute \"a\" of class java.util.ArrayList was changed by another thread while it was"
                        + " stored.");
    }

    /** An element that changes the list that it is in, at exactly the moment when it is written. */
    static final class Changer implements Serializable {
        private static final long serialVersionUID = 1L;
        private final transient List<Object> list;

        Changer(List<Object> list) {
            this.list = list;
        }

        private Object writeReplace() {
            list.add("late");
            return "";
        }
    }

    @Test
    void mapChangedByAnotherThreadIsWrittenReadablyOrNotAtAll() throws Exception {
        Map<Integer, Object> map = new HashMap<>();
        CountDownLatch stop = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<?> writer = executor.submit(() -> {
                for (int i = 0; stop.getCount() > 0; i++) {
                    map.put(i % 300, "value");
                    map.remove((i + 150) % 300);
                }
            });
            int refused = 0;
            long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            // As long as it takes for the two to meet: a busy machine starts the writer late.
            for (int i = 0; i < 2000 || (refused == 0 && System.nanoTime() - patience < 0); i++) {
                try {
                    byte[] bytes = codec.encode("a", map);
                    assertThat(codec.decode("a", bytes)).isInstanceOf(HashMap.class);
                } catch (UnencodableAttributeException e) {
                    refused++;
                }
            }
            stop.countDown();
            writer.get(10, TimeUnit.SECONDS);
            assertThat(refused).isPositive();
        } finally {
            stop.countDown();
            executor.shutdownNow();
        }
    }

    @Test
    void concurrentMapChangedWhileItIsWrittenStaysReadable() throws Exception {
        ConcurrentHashMap<Integer, Integer> map = new ConcurrentHashMap<>();
        CountDownLatch stop = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<?> writer = executor.submit(() -> {
                for (int i = 0; stop.getCount() > 0; i++) {
                    map.put(i % 500, i);
                    map.remove((i + 250) % 500);
                }
            });
            for (int i = 0; i < 500; i++) {
                assertThat(codec.decode("a", codec.encode("a", map))).isInstanceOf(ConcurrentHashMap.class);
            }
            stop.countDown();
            writer.get(10, TimeUnit.SECONDS);
        } finally {
            stop.countDown();
            executor.shutdownNow();
        }
    }

    @Test
    void manyThreadsShareOneCodec() throws Exception {
        Samples.Cart cart = new Samples.Cart().with(new Samples.Line("a", BigDecimal.ONE, 1));
        byte[] expected = codec.encode("a", cart);
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                results.add(executor.submit(() -> Arrays.equals(codec.encode("a", cart), expected)
                        && codec.decode("a", expected).equals(cart)));
            }
            for (Future<Boolean> result : results) {
                assertThat(result.get(10, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    // Surroundings.

    @Test
    void applicationLoaderIsTheThreadsWhileDecodingAndNotAfter() throws Exception {
        CompiledClasses application = CompiledClasses.of(
                "Seen: public class Seen implements java.io.Serializable { private static final long serialVersionUID"
                        + " = 1; transient ClassLoader loader; private void readObject(java.io.ObjectInputStream in) {"
                        + " loader = Thread.currentThread().getContextClassLoader(); } static Object make() { return new"
                        + " Seen(); } public String toString() { return \"\" + (loader == getClass().getClassLoader());"
                        + " } }");
        ClassLoader before = Thread.currentThread().getContextClassLoader();

        Object decoded = application.codec().decode("a", application.codec().encode("a", application.make("Seen")));

        assertThat(decoded).hasToString("true");
        assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(before);
    }

    @Test
    void tellsWhatNeverChangesInPlace() {
        Collection<Object> immutable = List.of(
                "a",
                1,
                1L,
                true,
                'c',
                1.0,
                BigDecimal.ONE,
                Samples.Plain.FIRST,
                Samples.WithBodies.ADD,
                LocalDate.EPOCH,
                ZoneId.of("Asia/Tokyo"),
                UUID.randomUUID(),
                Locale.ROOT,
                Currency.getInstance("CHF"),
                URI.create("a"));
        Collection<Object> mutable = List.of(
                new ArrayList<>(),
                List.of(),
                new int[0],
                new Samples.Point(1, 2),
                new Samples.Cart(),
                new AtomicInteger(),
                new BigDecimal("1") {
                    private static final long serialVersionUID = 1L;
                });

        assertThat(immutable).allMatch(codec::isImmutable);
        assertThat(mutable).noneMatch(codec::isImmutable);
    }
}
