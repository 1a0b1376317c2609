package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.io.Serializable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Values without a class file: they are written as what makes them, and only if that is allowed. */
class LambdasAndProxiesTest {
    private static final String HERE = LambdasAndProxiesTest.class.getName();
    private static final String PREFIX = "x";

    private static final KryoCodec CODEC = codec("dev.holdfast.codec.LambdasAndProxiesTest*");

    /** Knows this class and those inside it, but not one of another name. */
    private static KryoCodec codec(String own) {
        return new KryoCodec(
                LambdasAndProxiesTest.class.getClassLoader(),
                ClassPolicy.app(
                        ClassPatterns.NONE,
                        name -> own.startsWith(HERE) && name.startsWith(HERE),
                        Set.of(),
                        name -> false,
                        name -> false),
                line -> {});
    }

    private static final KryoCodec STRANGER = codec("nobody");

    @SuppressWarnings("unchecked")
    private static <T> T travelled(T value) throws Exception {
        CODEC.check("a", value);
        return (T) CODEC.decode("a", CODEC.encode("a", value));
    }

    private static Comparator<String> byLength(String prefix) {
        return (Comparator<String> & Serializable) (a, b) -> Integer.compare(a.length(), (prefix + b).length());
    }

    @Test
    void lambdaIsReadAgainWithWhatItHolds() throws Exception {
        assertThat(travelled(byLength(PREFIX)).compare("ab", "c")).isZero();
    }

    @Test
    void lambdaInsideACollectionIsReadAgain() throws Exception {
        TreeSet<String> words = new TreeSet<>(byLength(""));
        words.add("aaa");
        words.add("b");

        assertThat(travelled(words)).containsExactly("b", "aaa");
        assertThat(travelled(new ArrayList<>(List.of(byLength(PREFIX))))).hasSize(1);
        assertThat(travelled(Collections.unmodifiableList(List.of(byLength(PREFIX)))))
                .hasSize(1);
    }

    @Test
    void methodReferenceIsReadAgain() throws Exception {
        assertThat(travelled((Comparator<String> & Serializable) String::compareToIgnoreCase)
                        .compare("A", "a"))
                .isZero();
    }

    @Test
    void comparatorThatTheJdkMadeOfOneIsReadAgain() throws Exception {
        Comparator<String> made = travelled(byLength("").thenComparing(Comparator.<String>naturalOrder()));

        assertThat(made.compare("b", "a")).isPositive();
    }

    @Test
    void lambdaOfAClassThatIsNotAllowedIsRefused() {
        String why = "is a lambda of " + HERE + ", which the class policy does not allow. Add it: ";

        assertThatThrownBy(() -> STRANGER.check("a", byLength("")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
        assertThatThrownBy(() -> STRANGER.encode("a", new TreeSet<>(byLength(""))))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessageContaining(" in [order], which " + why);
    }

    @Test
    void storedLambdaOfAClassThatIsNotAllowedIsNotMade() throws Exception {
        byte[] stored = CODEC.encode("a", byLength(""));

        assertThatThrownBy(() -> STRANGER.decode("a", stored))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining("it needs class " + HERE + ", which the class policy does not allow");
    }

    private static KryoCodec strict(String allow) {
        return new KryoCodec(
                LambdasAndProxiesTest.class.getClassLoader(),
                ClassPolicy.strict(ClassPatterns.parse(allow), name -> name.startsWith(HERE)));
    }

    @Test
    void strictTakesLambdasOnlyIfTheyAreAllowedByName() throws Exception {
        byte[] stored = CODEC.encode("a", byLength(""));

        assertThatThrownBy(() -> strict("").check("a", byLength("")))
                .hasMessageContaining(
                        "which is a lambda or a method reference, which the class policy does not allow. Add it: ")
                .hasMessageContaining("java.lang.invoke.SerializedLambda");
        assertThatThrownBy(() -> strict("").decode("a", stored))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining("it needs class java.lang.invoke.SerializedLambda");
        assertThat(strict("java.lang.invoke.SerializedLambda").decode("a", stored))
                .isInstanceOf(Comparator.class);
    }

    /** Not Serializable: JDK serialization cannot take it. */
    record Box(Object content) {}

    @Test
    void oneLambdaDoesNotKeepTheNextValuesOfItsHolderFromKryo() throws Exception {
        assertThatThrownBy(() -> CODEC.encode("a", new Box(byLength(""))))
                .isInstanceOf(UnencodableAttributeException.class);

        assertThat(CODEC.decode("a", CODEC.encode("a", new Box("tea")))).isEqualTo(new Box("tea"));
    }

    @Test
    void primitiveTypesAreValues() throws Exception {
        for (Class<?> type : List.of(int.class, void.class, boolean.class, long[].class)) {
            assertThat(travelled(new ArrayList<>(Collections.unmodifiableList(List.of(type)))))
                    .isEqualTo(List.of(type));
            assertThat(travelled(type)).isEqualTo(type);
        }
    }

    @Test
    void lambdaThatIsNotSerializableSaysHowToMakeItSo() {
        Runnable lambda = () -> {};
        String why =
                "which is a lambda or a method reference and not java.io.Serializable. Use an interface that extends"
                        + " java.io.Serializable, or cast it: (Comparator<Item> & Serializable) (a, b) -> ….";

        assertThatThrownBy(() -> CODEC.check("a", lambda)).hasMessageEndingWith(why);
        assertThatThrownBy(() -> CODEC.encode("a", Collections.unmodifiableList(new ArrayList<>(List.of(lambda)))))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessageEndingWith(why);
    }

    /** Says what it was told at its making. */
    static final class Echo implements InvocationHandler, Serializable {
        private static final long serialVersionUID = 1L;

        private final String word;

        Echo(String word) {
            this.word = word;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            return word;
        }
    }

    /** What a proxy of the application says. */
    interface Speaker {
        String speak();
    }

    private static Speaker speaker(InvocationHandler handler) {
        return (Speaker)
                Proxy.newProxyInstance(Speaker.class.getClassLoader(), new Class<?>[] {Speaker.class}, handler);
    }

    @Test
    void proxyIsReadAgainWithItsHandler() throws Exception {
        assertThat(travelled(speaker(new Echo("tea"))).speak()).isEqualTo("tea");
        assertThat(travelled(new ArrayList<>(List.of(speaker(new Echo("tea")))))
                        .get(0)
                        .speak())
                .isEqualTo("tea");
    }

    @Test
    void proxyOfAnInterfaceThatIsNotAllowedIsRefusedAndNotMade() throws Exception {
        assertThatThrownBy(() -> STRANGER.check("a", speaker(new Echo("tea"))))
                .hasMessageContaining("holds " + Speaker.class.getName() + ", which the class policy does not allow");
        byte[] stored = CODEC.encode("a", speaker(new Echo("tea")));
        assertThatThrownBy(() -> STRANGER.decode("a", stored))
                .hasMessageContaining("it needs class " + Speaker.class.getName());
    }

    @Test
    void proxyWhoseHandlerIsNotAllowedIsRefusedAndNotMade() throws Exception {
        Object proxy =
                Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Comparator.class}, new Echo("tea"));

        assertThatThrownBy(() -> STRANGER.check("a", proxy))
                .hasMessageContaining("holds " + Echo.class.getName() + " in handler, which the class policy");
        byte[] stored = CODEC.encode("a", proxy);
        assertThatThrownBy(() -> STRANGER.decode("a", stored))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining("it needs class " + Echo.class.getName());
    }

    interface A {}

    interface B {}

    interface C {}

    interface D {}

    interface E {}

    interface F {}

    interface G {}

    /** Each order of interfaces is another class, which the JVM keeps as long as the application. */
    @Test
    void forgedProxiesCannotFillTheMemoryOfClasses() throws Exception {
        List<Class<?>> all = List.of(A.class, B.class, C.class, D.class, E.class, F.class, G.class);
        KryoCodec reading = codec(HERE);
        List<Class<?>[]> orders = new ArrayList<>();
        permute(new ArrayList<>(), all, orders);
        for (Class<?>[] order : orders.subList(0, 200)) {
            assertThat(reading.decode("a", proxy(order))).isNotNull();
        }

        assertThatThrownBy(() -> reading.decode("a", proxy(orders.get(200))))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining(
                        "it needs one more kind of proxy than the 200 that an application may have stored");
        assertThat(reading.decode("a", proxy(orders.get(0)))).as("known").isNotNull();
    }

    private static byte[] proxy(Class<?>[] interfaces) throws Exception {
        return CODEC.encode(
                "a", Proxy.newProxyInstance(LambdasAndProxiesTest.class.getClassLoader(), interfaces, new Echo("tea")));
    }

    private static void permute(List<Class<?>> begun, List<Class<?>> left, List<Class<?>[]> orders) {
        if (left.isEmpty()) {
            orders.add(begun.toArray(new Class<?>[0]));
        }
        for (Class<?> next : left) {
            List<Class<?>> longer = new ArrayList<>(begun);
            longer.add(next);
            List<Class<?>> rest = new ArrayList<>(left);
            rest.remove(next);
            permute(longer, rest, orders);
        }
    }

    /** Like the qualifiers that CDI keeps. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Qualifier {
        String value();

        Class<?> of() default void.class;
    }

    @Qualifier("tea")
    private static final class Qualified {}

    @Test
    void annotationIsReadAgain() throws Exception {
        Qualifier qualifier = Qualified.class.getAnnotation(Qualifier.class);

        assertThat(travelled(qualifier)).isEqualTo(qualifier);
        assertThat(travelled(new ArrayList<>(List.of(qualifier)))).containsExactly(qualifier);
    }

    @Test
    void annotationThatIsNotAllowedIsRefusedAndNotMade() throws Exception {
        Qualifier qualifier = Qualified.class.getAnnotation(Qualifier.class);

        assertThatThrownBy(() -> STRANGER.check("a", qualifier))
                .hasMessageContaining("holds " + Qualifier.class.getName() + ", which the class policy does not allow");
        byte[] stored = CODEC.encode("a", qualifier);
        assertThatThrownBy(() -> STRANGER.decode("a", stored))
                .hasMessageContaining("it needs class " + Qualifier.class.getName());
    }

    /** Alone it is known from attacks: only behind an annotation's proxy it is read. */
    @Test
    void handlerOfAnnotationsIsNotReadByItself() {
        InvocationHandler handler = Proxy.getInvocationHandler(Qualified.class.getAnnotation(Qualifier.class));

        assertThatThrownBy(() -> CODEC.check("a", handler))
                .hasMessageContaining(
                        "holds sun.reflect.annotation.AnnotationInvocationHandler, which the class policy does not allow");
    }
}
