package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import dev.holdfast.testing.ExplodedApplication;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A session of Vaadin Flow that was read inside a request took the request from its thread: the first pages after a
 * failover failed with "No request bound to current thread". Here with the part of Vaadin Flow that does it; the whole
 * of it is in VaadinSessionTest of the examples.
 */
class CurrentInstancesTest {
    private static final String NAME = "com.vaadin.flow.internal.CurrentInstance";

    /** Like that of 24.9, for any type. */
    private static final String FLOW = """
            package com.vaadin.flow.internal;

            import java.util.HashMap;
            import java.util.Map;

            public class CurrentInstance {
                static {
                    com.example.shop.Started.vaadin = true;
                }

                private static final ThreadLocal<Map<Class<?>, Object>> INSTANCES =
                        ThreadLocal.withInitial(HashMap::new);

                public static Object get(Class<?> type) {
                    return INSTANCES.get().get(type);
                }

                public static void set(Class<?> type, Object instance) {
                    INSTANCES.get().put(type, instance);
                }

                public static Map<Class<?>, Object> getInstances() {
                    return new HashMap<>(INSTANCES.get());
                }

                public static void clearAll() {
                    INSTANCES.remove();
                }

                public static void restoreInstances(Map<Class<?>, Object> old) {
                    INSTANCES.get().putAll(old);
                }
            }
            """;

    /** Like the VaadinSession of 24.9, but that it can fail half-way. */
    private static final String SESSION = """
            package com.example.shop;

            import com.vaadin.flow.internal.CurrentInstance;
            import java.io.IOException;
            import java.io.ObjectInputStream;
            import java.io.ObjectOutputStream;
            import java.io.Serializable;
            import java.util.HashMap;
            import java.util.Map;

            public class Session implements Serializable {
                private static final long serialVersionUID = 1L;

                public static boolean fails;

                private void writeObject(ObjectOutputStream out) throws IOException {
                    act();
                }

                private void readObject(ObjectInputStream in) throws IOException {
                    act();
                }

                private void act() throws IOException {
                    Map<Class<?>, Object> old = new HashMap<>();
                    old.put(Session.class, CurrentInstance.get(Session.class));
                    CurrentInstance.set(Session.class, this);
                    if (fails) {
                        throw new IOException("fails");
                    }
                    CurrentInstance.clearAll();
                    CurrentInstance.restoreInstances(old);
                }
            }
            """;

    private static final String STARTED =
            "package com.example.shop; public class Started { public static boolean vaadin; }";

    private static Path classes;
    private ClassLoader application;
    private KryoCodec codec;

    @BeforeAll
    static void compile() {
        ExplodedApplication shop = ExplodedApplication.create("flow");
        classes = shop.path().resolve("WEB-INF").resolve("classes");
        shop.source("com.example.shop.Started", STARTED)
                .source(NAME, FLOW, classes)
                .source("com.example.shop.Session", SESSION, classes);
    }

    @BeforeEach
    void start() throws Exception {
        application = loader(classes);
        codec = codec(application);
    }

    private static ClassLoader loader(Path classes) throws Exception {
        return new URLClassLoader(new URL[] {classes.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
    }

    private static KryoCodec codec(ClassLoader application) {
        return new KryoCodec(
                application, ClassPolicy.strict(ClassPatterns.NONE, name -> name.startsWith("com.example.")));
    }

    private Class<?> type(String name) throws Exception {
        return application.loadClass(name);
    }

    private Object session() throws Exception {
        return type("com.example.shop.Session").getConstructor().newInstance();
    }

    private void failFromNowOn() throws Exception {
        type("com.example.shop.Session").getField("fails").setBoolean(null, true);
    }

    private void setRequest(String request) throws Exception {
        type(NAME).getMethod("set", Class.class, Object.class).invoke(null, String.class, request);
    }

    private @Nullable Object current(Class<?> type) throws Exception {
        return type(NAME).getMethod("get", Class.class).invoke(null, type);
    }

    @Test
    void requestIsTheCurrentOneAlsoAfterASessionWasWritten() throws Exception {
        setRequest("GET /shop");

        byte[] ignored = codec.encode("a", session());

        assertThat(current(String.class)).isEqualTo("GET /shop");
    }

    @Test
    void requestIsTheCurrentOneAlsoAfterASessionWasRead() throws Exception {
        byte[] stored = codec.encode("a", session());
        setRequest("GET /shop");

        Object ignored = codec.decode("a", stored);

        assertThat(current(String.class)).isEqualTo("GET /shop");
    }

    @Test
    void alsoIfWritingOrReadingFailsAndNothingOfTheSessionIsLeft() throws Exception {
        byte[] stored = codec.encode("a", session());
        setRequest("GET /shop");
        failFromNowOn();

        assertThatThrownBy(() -> codec.encode("a", session())).isInstanceOf(UnencodableAttributeException.class);
        assertThat(current(String.class)).isEqualTo("GET /shop");
        assertThat(current(type("com.example.shop.Session"))).isNull();
        assertThatThrownBy(() -> codec.decode("a", stored)).isInstanceOf(UnreadableAttributeException.class);
        assertThat(current(String.class)).isEqualTo("GET /shop");
        assertThat(current(type("com.example.shop.Session"))).isNull();
    }

    @Test
    void threadWithoutARequestGetsNone() throws Exception {
        Object ignored = codec.decode("a", codec.encode("a", session()));

        assertThat(current(String.class)).isNull();
        assertThat(current(type("com.example.shop.Session"))).isNull();
    }

    @Test
    void vaadinIsInitialisedByNoStartOfAnApplication() throws Exception {
        assertThat(type("com.example.shop.Started").getField("vaadin").getBoolean(null))
                .isFalse();
    }

    @Test
    void applicationWithoutVaadinHasNothingToRestore() {
        CurrentInstances none = new CurrentInstances(ClassLoader.getPlatformClassLoader());

        assertThat(none.current()).isNull();
        none.restore(none.current());
    }

    @Test
    void vaadinThatDoesItOtherwiseIsLeftAlone() throws Exception {
        ExplodedApplication other = ExplodedApplication.create("other-flow");
        other.source(NAME, "package com.vaadin.flow.internal; public class CurrentInstance {}");
        ClassLoader loader = loader(other.path().resolve("WEB-INF").resolve("classes"));

        assertThat(new CurrentInstances(loader).current()).isNull();
        assertThat(codec(loader).decode("a", codec(loader).encode("a", "tea"))).isEqualTo("tea");
    }
}
