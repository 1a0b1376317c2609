package dev.holdfast.gadgets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.codec.KryoCodec;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.StorableClasses;
import dev.holdfast.session.UnreadableAttributeException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks by the very libraries that they are known from, as somebody who may write to Redis would put them there. Each
 * is first shown to do its work in the same class loader, for plain JDK serialization and, where Kryo can write it, for
 * Holdfast's own codec with a policy that allows everything: what then keeps it from working is the policy.
 *
 * <p>The policy has all presets on, whether the application has their frameworks or not.
 */
class GadgetPayloadsTest {
    private static final String SHOP = Application.OWN_PACKAGE + ".";

    /** What an operator might write to have peace. */
    private static final String WIDE = "org.**, com.**, net.**, groovy.**, java.**, javax.**, sun.**";

    /** The values of {@code holdfast.classes}. */
    enum Mode {
        STRICT {
            @Override
            ClassPolicy policy(ClassPatterns allow, Application application) {
                return ClassPolicy.strict(allow, application::isOwn);
            }
        },
        APP {
            @Override
            ClassPolicy policy(ClassPatterns allow, Application application) {
                return ClassPolicy.app(
                        allow,
                        application::isOwn,
                        Set.of(Application.OWN_PACKAGE),
                        application::isOfLibrary,
                        name -> true);
            }
        },
        LEARN {
            @Override
            ClassPolicy policy(ClassPatterns allow, Application application) {
                return ClassPolicy.learn(
                        allow,
                        application::isOwn,
                        Set.of(Application.OWN_PACKAGE),
                        application::isOfLibrary,
                        name -> true,
                        line -> {});
            }
        };

        abstract ClassPolicy policy(ClassPatterns allow, Application application);
    }

    /** A mode, and {@code holdfast.classes.allow}. */
    record Policy(Mode mode, String allow) {
        static List<Policy> all() {
            return Arrays.stream(Mode.values())
                    .flatMap(mode -> Stream.of("", WIDE).map(allow -> new Policy(mode, allow)))
                    .toList();
        }

        ClassPolicy of(Application application) {
            return mode.policy(ClassPatterns.parse(allow), application);
        }

        KryoCodec codec(Application application) {
            return new KryoCodec(application, of(application), line -> {});
        }
    }

    static List<Payload> payloads() {
        List<Payload> all = new ArrayList<>(LibraryPayloads.all());
        all.addAll(JdkPayloads.all());
        return all;
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void payloadThatWorksElsewhereDoesNothing(Payload payload) throws Exception {
        try (payload) {
            Set<String> named = worksByJdkSerialization(payload);
            Map<String, byte[]> values = new LinkedHashMap<>();
            if (payload.isPlain()) {
                values.put("by Kryo", worksByKryo(payload));
            }
            values.put("by JDK serialization", Stored.byJdk(payload.stream()));

            for (Policy policy : Policy.all()) {
                try (Judge judge = new Judge(payload, policy)) {
                    for (Map.Entry<String, byte[]> value : values.entrySet()) {
                        isRefused(payload, judge, value.getKey(), value.getValue());
                    }
                    namesAreRefused(payload, judge, named);
                }
            }
        }
    }

    /** Returns the names of its classes. */
    private static Set<String> worksByJdkSerialization(Payload payload) throws Exception {
        byte[] stream = payload.stream();
        assertThat(payload.witness().saw()).as("made without a trace").isFalse();
        Set<String> named = new TreeSet<>();
        try (Application application = payload.application()) {
            payload.surround(application);
            Object[] read = new Object[1];
            Throwable thrown = catchThrowable(() -> read[0] = readPlainly(stream, application, named));
            assertThat(payload.witness().saw())
                    .as("works by plain deserialization, which throws %s", thrown)
                    .isTrue();
            payload.end(read[0]);
        }
        return named;
    }

    /** On a thread as containers have them. */
    private static Object readPlainly(byte[] stream, Application application, Set<String> named) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(application);
        try {
            return Stored.readPlainly(stream, application, named);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Returns what Kryo writes. */
    private static byte[] worksByKryo(Payload payload) throws Exception {
        byte[] value;
        try (Application application = payload.application()) {
            value = Stored.trusting(application).encode("a", payload.make(application));
        }
        assertThat(Stored.isByKryo(value)).isTrue();
        assertThat(payload.witness().saw()).as("made without a trace").isFalse();
        try (Application application = payload.application()) {
            Throwable thrown = catchThrowable(() -> Stored.trusting(application).decode("a", value));
            assertThat(payload.witness().saw())
                    .as("works by Kryo without a policy, which throws %s", thrown)
                    .isTrue();
        }
        payload.witness().begin();
        return value;
    }

    private static void isRefused(Payload payload, Judge judge, String form, byte[] value) throws Exception {
        try (Application application = payload.application()) {
            payload.surround(application);
            Set<String> before = application.asked();

            assertThatThrownBy(() -> judge.policy.codec(application).decode("a", value))
                    .as("%s, %s", judge.policy, form)
                    .isInstanceOf(UnreadableAttributeException.class)
                    .hasMessageContaining("the class policy does not allow");

            Set<String> asked = new TreeSet<>(application.asked());
            asked.removeAll(before);
            nothingHappened(payload, judge, asked, form);
        }
    }

    /** Kryo bytes that say no more than a name. */
    private static void namesAreRefused(Payload payload, Judge judge, Set<String> named) throws Exception {
        try (Application application = payload.application()) {
            KryoCodec codec = judge.policy.codec(application);
            Set<String> refused = new TreeSet<>();
            for (String name : named) {
                Throwable thrown = catchThrowable(() -> codec.decode("a", Stored.byKryoNaming(name)));
                if (!judge.allows(name)) {
                    refused.add(name);
                    assertThat(thrown)
                            .as("%s, %s", judge.policy, name)
                            .isInstanceOf(UnreadableAttributeException.class)
                            .hasMessageContaining("it needs class " + name);
                }
            }
            assertThat(refused).isNotEmpty();
            nothingHappened(payload, judge, application.asked(), "by name");
        }
    }

    private static void nothingHappened(Payload payload, Judge judge, Set<String> asked, String form) {
        assertThat(payload.witness().saw()).as("%s, %s", judge.policy, form).isFalse();
        assertThat(judge.outside(asked))
                .as("classes that were looked for, %s, %s", judge.policy, form)
                .isEmpty();
    }

    /** Knows which classes are within a policy, by the product's own judgement, in an application of its own. */
    private static final class Judge implements AutoCloseable {
        private final Policy policy;
        private final Application application;
        private final StorableClasses classes;

        Judge(Payload payload, Policy policy) {
            this.policy = policy;
            application = payload.application();
            classes = new StorableClasses(application, policy.of(application), type -> false);
        }

        boolean allows(String name) {
            try {
                classes.load(name);
                return true;
            } catch (MalformedBytesException e) {
                return false;
            }
        }

        /** Those that it does not allow, neither themselves nor as a part of what an allowed class says of itself. */
        Set<String> outside(Set<String> names) {
            Set<String> outside = new TreeSet<>();
            Set<String> parts = new TreeSet<>();
            for (String name : names) {
                if (name.startsWith("jdk.internal.reflect.") || name.startsWith("java.lang.reflect.")) {
                    continue; // by these the JDK makes what is allowed, and proxies of allowed interfaces
                }
                // One of the application's own may be refused only for what it extends.
                if (allows(name) || application.isOwn(name)) {
                    addParts(classes.loadSuperClass(name), parts);
                } else {
                    outside.add(name);
                }
            }
            outside.removeAll(parts);
            return outside;
        }

        private static void addParts(Class<?> type, Set<String> names) {
            for (Class<?> level = type; level != null; level = level.getSuperclass()) {
                names.add(level.getName());
                for (Class<?> implemented : level.getInterfaces()) {
                    addParts(implemented, names);
                }
            }
            for (Field field : type.getDeclaredFields()) {
                names.add(field.getType().getName());
            }
            for (Method method : type.getDeclaredMethods()) {
                names.add(method.getReturnType().getName());
                for (Class<?> parameter : method.getParameterTypes()) {
                    names.add(parameter.getName());
                }
            }
        }

        @Override
        public void close() throws IOException {
            application.close();
        }
    }

    /** What the application itself does when it is read is its own affair, and shows that the test would see it. */
    @Test
    void sameDoneByTheApplicationsOwnClassWorks() throws Exception {
        try (Payload own = Payload.ringing("own", List.of(), GadgetPayloadsTest::byProperty)) {
            byte[] byKryo = worksByKryo(own);
            for (byte[] value : List.of(byKryo, Stored.byJdk(own.stream()))) {
                try (Application application = own.application()) {
                    own.witness().begin();
                    assertThatCode(() ->
                                    new Policy(Mode.APP, "").codec(application).decode("a", value))
                            .doesNotThrowAnyException();
                    assertThat(own.witness().saw()).isTrue();
                }
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Object byProperty(Forge forge) {
        Object order = forge.make(SHOP + "ByProperty");
        Object queue = Forge.queue((Comparator<Object>) order, forge.make(SHOP + "Alarm"), forge.make(SHOP + "Alarm"));
        Forge.set(order, "getter", "getRung");
        return queue;
    }

    /**
     * A URL looks up its host when it is hashed: stored bytes can ask a name server, unless URLs are excepted, as
     * SECURITY.md says.
     */
    @Test
    void nameOfAHostIsNotLookedUpWhereUrlsAreExcepted() throws Exception {
        System.setProperty("java.protocol.handler.pkgs", "dev.holdfast.gadgets.protocols");
        try (Payload urls = JdkPayloads.url()) {
            worksByJdkSerialization(urls);
            byte[] value = Stored.byJdk(urls.stream());
            for (Mode mode : Mode.values()) {
                try (Judge judge = new Judge(urls, new Policy(mode, "!java.net.URL"))) {
                    isRefused(urls, judge, "by JDK serialization", value);
                }
            }
        }
    }
}
