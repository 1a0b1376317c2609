package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotStorableException;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Holdfast throws into an application, and the application keeps in its session. */
class OwnExceptionsTest {
    private final KryoCodec codec = new KryoCodec(
            OwnExceptionsTest.class.getClassLoader(), ClassPolicy.strict(ClassPatterns.NONE, name -> false));

    /** Not even serializable. */
    private static final class OfTheApplication extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings({"unused", "serial"})
        private final Object socket = new Object();

        OfTheApplication() {
            super("no connection");
        }
    }

    static Stream<Throwable> own() {
        return Stream.of(
                new SessionRefusedException("HF-201", "Session 1fab… cannot be saved", null),
                new SessionRefusedException(
                        "HF-201",
                        "Session 1fab… cannot be saved",
                        new UnencodableAttributeException("Attribute \"a\"", new OfTheApplication())),
                new StoreUnavailableException("Redis did not answer", true, null),
                new UnencodableAttributeException("Attribute \"a\"", NotStorableException.generated("a.B")),
                UnencodableAttributeException.ofClass(
                        "a.B", () -> "Attribute \"a\"", NotStorableException.generated("a.B")),
                new UnreadableAttributeException("Attribute \"a\"", new MalformedBytesException("damaged")),
                new MalformedBytesException("damaged"),
                NotStorableException.generated("a.B"));
    }

    @ParameterizedTest
    @MethodSource("own")
    void isAnExceptionOfTheJdkAfterJdkSerialization(Throwable own) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(own);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            in.setObjectInputFilter(ObjectInputFilter.Config.createFilter("java.base/*;!*"));

            assertIsFormOf(own, in.readObject());
        }
    }

    @ParameterizedTest
    @MethodSource("own")
    void isStoredAndReadByTheStrictestPolicy(Throwable own) throws Exception {
        codec.check("a", own);

        assertIsFormOf(own, codec.decode("a", codec.encode("a", own)));
    }

    @ParameterizedTest
    @MethodSource("own")
    void isStoredInsideOfAnotherValue(Throwable own) throws Exception {
        Map<String, List<Throwable>> value = Map.of("failures", new ArrayList<>(List.of(own)));
        codec.check("a", value);

        Map<?, ?> read = (Map<?, ?>) codec.decode("a", codec.encode("a", value));

        assertIsFormOf(own, ((List<?>) read.get("failures")).get(0));
    }

    @Test
    void causesAreToldAsTheyPrint() throws Exception {
        Throwable own = new SessionRefusedException(
                "HF-201", "not saved", new UnencodableAttributeException("Attribute \"a\"", new OfTheApplication()));

        Throwable read = (Throwable) codec.decode("a", codec.encode("a", own));

        assertThat(read.getCause())
                .hasMessage(UnencodableAttributeException.class.getName() + ": Attribute \"a\"")
                .hasStackTraceContaining(OfTheApplication.class.getName() + ": no connection");
    }

    private static void assertIsFormOf(Throwable own, Object read) {
        assertThat(read).isInstanceOf(own instanceof RuntimeException ? RuntimeException.class : Exception.class);
        for (Throwable one = (Throwable) read; one != null; one = one.getCause()) {
            assertThat(one.getClass().getName()).startsWith("java.lang.");
        }
        assertThat((Throwable) read).hasMessage(own.getMessage());
        assertThat(((Throwable) read).getStackTrace()).isEqualTo(own.getStackTrace());
    }
}
