package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.graph.GraphCodec;
import dev.holdfast.codec.graph.KnownTypes;
import dev.holdfast.codec.policy.StorableClasses;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the store holds, decoding gives a value or says that it is unreadable: nothing else happens, and quickly.
 */
class DamagedBytesTest {
    private final KryoCodec codec = TestCodecs.codec();

    static Stream<Object> values() {
        return Stream.of(
                "text",
                42,
                new Samples.Cart().with(new Samples.Line("a", BigDecimal.TEN, 1)),
                new Samples.Named<>("n", 1, List.of(2)),
                new ArrayList<>(List.of("a", "b", new long[] {1, 2})),
                Collections.unmodifiableList(new ArrayList<>(List.of("a", 1))));
    }

    @ParameterizedTest
    @MethodSource("values")
    void everyFlippedBitIsUnreadable(Object value) throws Exception {
        byte[] bytes = codec.encode("a", value);

        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertUnreadable(flipped);
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void everyShortenedOrExtendedValueIsUnreadable(Object value) throws Exception {
        byte[] bytes = codec.encode("a", value);

        for (int length = 0; length < bytes.length; length++) {
            assertUnreadable(Arrays.copyOf(bytes, length));
        }
        assertUnreadable(Arrays.copyOf(bytes, bytes.length + 1));
        assertUnreadable(resealed(Arrays.copyOf(bytes, bytes.length + 1)));
    }

    /** As an attacker can: the checksum fits. A value may come out, but no other exception. */
    @ParameterizedTest
    @MethodSource("values")
    void forgedBytesGiveValueOrUnreadable(Object value) throws Exception {
        byte[] bytes = codec.encode("a", value);
        Random random = new Random(7);

        int unreadable = 0;
        for (int round = 0; round < 1000; round++) {
            byte[] forged = bytes.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                forged[Envelope.SIZE + random.nextInt(forged.length - Envelope.SIZE)] = (byte) random.nextInt();
            }
            try {
                assertThat(codec.decode("a", resealed(forged))).isNotNull();
            } catch (UnreadableAttributeException e) {
                unreadable++;
            }
        }
        assertThat(unreadable).isPositive();
    }

    @Test
    void messagesTellWhatIsWrongWithTheBytes() throws Exception {
        byte[] bytes = codec.encode("a", "text");

        byte[] flipped = bytes.clone();
        flipped[7] ^= 1;
        assertThatThrownBy(() -> codec.decode("cart", flipped))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage(
                        "Attribute \"cart\" cannot be read: its checksum is wrong, so the stored bytes were damaged.");
        assertThatThrownBy(() -> codec.decode("cart", Arrays.copyOf(bytes, 3)))
                .hasMessage("Attribute \"cart\" cannot be read: it is cut off after 3 bytes.");
        byte[] future = bytes.clone();
        future[0] = 0x20;
        byte[] sealed = resealed(future);
        assertThatThrownBy(() -> codec.decode("cart", sealed))
                .hasMessage("Attribute \"cart\" cannot be read: its format 32 is of another version of Holdfast.");
    }

    @Test
    void claimsOfMoreElementsThanBytesAreRefusedBeforeAnythingIsAllocated() {
        for (Class<?> type : List.of(
                ArrayList.class,
                HashMap.class,
                Object[].class,
                byte[].class,
                long[].class,
                String.class,
                BitSet.class,
                List.of(1, 2, 3).getClass(),
                StringBuilder.class,
                BigInteger.class)) {
            byte[] bomb = forged(output -> {
                output.writeVarInt(0, true);
                output.writeVarInt(number(type), true);
                if (GraphKryoAccess.hasReference(type)) {
                    output.writeVarInt(1, true);
                }
                if (type == String.class || type == StringBuilder.class) {
                    output.writeVarIntFlag(true, 0x3fff_fff0, true);
                } else {
                    output.writeVarInt(Integer.MAX_VALUE, true);
                }
                output.writeLong(0);
            });
            assertThatThrownBy(() -> codec.decode("a", bomb))
                    .as(type.getName())
                    .isInstanceOf(UnreadableAttributeException.class)
                    .hasMessage("Attribute \"a\" cannot be read: it claims more elements than it has bytes.");
        }
    }

    @Test
    void nestedClaimsShareTheBytes() {
        byte[] bomb = forged(output -> {
            output.writeVarInt(0, true);
            for (int level = 0; level < 200; level++) {
                output.writeVarInt(number(Object[].class), true);
                output.writeVarInt(1, true);
                output.writeVarInt(900_000, true);
            }
            output.writeBytes(new byte[1_000_000]);
        });

        assertThatThrownBy(() -> codec.decode("a", bomb))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage("Attribute \"a\" cannot be read: it claims more elements than it has bytes.");
    }

    @Test
    void deepNestingIsRefused() {
        byte[] bomb = forged(output -> {
            output.writeVarInt(0, true);
            for (int level = 0; level < 100_000; level++) {
                output.writeVarInt(number(ArrayList.class), true);
                output.writeVarInt(1, true);
                output.writeVarInt(1, true);
            }
        });

        assertThatThrownBy(() -> codec.decode("a", bomb))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage("Attribute \"a\" cannot be read: it is nested too deeply.");
    }

    @Test
    void legalSparseValuesAreNoBombs() throws Exception {
        List<Object> nulls = new ArrayList<>(Collections.nCopies(100_000, null));
        assertThat(TestCodecs.roundTrip(nulls)).isEqualTo(nulls);
        assertThat((boolean[]) TestCodecs.roundTrip(new boolean[200_000])).hasSize(200_000);
        assertThat((Object[]) TestCodecs.roundTrip(new Object[200_000])).hasSize(200_000);
        assertThat((String[][]) TestCodecs.roundTrip(new String[300][300])).hasDimensions(300, 300);
        Object jdk = TestCodecs.roundTrip(Collections.unmodifiableList(nulls));
        assertThat(jdk).isEqualTo(nulls);
    }

    @Test
    void jdkSerializationRefusesArraysThatTheBytesCannotHold() throws Exception {
        byte[] bytes = TestCodecs.storedByJdk(new byte[] {1, 2, 3});
        int length = bytes.length - 3 - 4;
        bytes[length] = 0x70;
        Envelope.seal(bytes, Envelope.JDK);

        assertThatThrownBy(() -> codec.decode("a", bytes))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage("Attribute \"a\" cannot be read: filter status: REJECTED.");
    }

    /** The JVM keeps the classes that their names make. */
    @Test
    void arraysOfMoreDimensionsThanAnybodyNeedsAreNeitherStoredNorLoaded() throws Exception {
        Object eight = new Integer[1][1][1][1][1][1][1][1];
        Object nine = new Integer[1][1][1][1][1][1][1][1][1];
        byte[] byJdk = TestCodecs.storedByJdk(nine);
        byte[] byKryo = forged(output -> {
            output.writeVarInt(1, true);
            output.writeString("[".repeat(9) + "Ljava.util.Random;");
            output.writeVarInt(0, true);
            output.writeVarInt(2, true);
        });

        assertThat(TestCodecs.roundTrip(eight)).isEqualTo(eight);
        for (Object value : List.of(nine, List.of(nine))) {
            assertThatThrownBy(() -> codec.encode("a", value))
                    .isInstanceOf(UnencodableAttributeException.class)
                    .hasMessageContaining("holds [[[[[[[[[Ljava.lang.Integer;")
                    .hasMessageContaining("which is an array of more than 8 dimensions. Store it as one of fewer.");
        }
        for (byte[] bytes : List.of(byJdk, byKryo)) {
            assertThatThrownBy(() -> codec.decode("a", bytes))
                    .isInstanceOf(UnreadableAttributeException.class)
                    .hasMessage("Attribute \"a\" cannot be read: it names an array of more than 8 dimensions.");
        }
    }

    @Test
    void namesOfClassesInMessagesCannotForgeLogLines() {
        byte[] forged = forged(output -> {
            output.writeVarInt(1, true);
            output.writeString("app.Cart\nHF-000 all is well");
            output.writeVarInt(0, true);
            output.writeVarInt(2, true);
        });

        assertThatThrownBy(() -> codec.decode("a", forged))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessage("Attribute \"a\" cannot be read: it names a class with a malformed name.");
    }

    /**
     * What an application's own code may throw while it reads itself; by way of JDK serialization, and by way of Kryo.
     */
    static Stream<Throwable> failures() {
        return Stream.of(
                new IllegalStateException("4111-1111"),
                new AssertionError("4111-1111"),
                new ExceptionInInitializerError("4111-1111"),
                new IOException("4111-1111"),
                new Throwable("4111-1111"),
                new StackOverflowError());
    }

    /** Throws it while it is read. */
    static final class Refusing implements Serializable {
        private static final long serialVersionUID = 1L;
        static final AtomicReference<Throwable> FAILURE = new AtomicReference<>();

        private void readObject(ObjectInputStream in) {
            DamagedBytesTest.<RuntimeException>raise(FAILURE.get());
        }
    }

    /** Throws it when it becomes a key. */
    static final class RefusingKey implements Serializable {
        private static final long serialVersionUID = 1L;
        private final String name = "key";

        @Override
        public boolean equals(Object other) {
            return other instanceof RefusingKey;
        }

        @Override
        public int hashCode() {
            if (Refusing.FAILURE.get() != null) {
                DamagedBytesTest.<RuntimeException>raise(Refusing.FAILURE.get());
            }
            return name.hashCode();
        }
    }

    @SuppressWarnings("unchecked") // thrown unchecked, whatever it is
    private static <T extends Throwable> void raise(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whateverAnApplicationsClassThrowsIsAnUnreadableValue(Throwable failure) throws Exception {
        List<Object> values = List.of(new Refusing(), new HashMap<>(Map.of(new RefusingKey(), 1)));
        for (Object value : values) {
            byte[] bytes = codec.encode("a", value);
            Refusing.FAILURE.set(failure);
            try {
                assertThatThrownBy(() -> codec.decode("a", bytes))
                        .isInstanceOf(UnreadableAttributeException.class)
                        .hasMessageStartingWith("Attribute \"a\" cannot be read: ")
                        .hasMessageNotContaining("4111");
            } finally {
                Refusing.FAILURE.set(null);
            }
        }
    }

    /** The next request may have room for it. */
    @Test
    void memoryThatIsShortSaysNothingOfTheBytes() throws Exception {
        byte[] bytes = codec.encode("a", new Refusing());
        OutOfMemoryError shortage = new OutOfMemoryError();
        Refusing.FAILURE.set(shortage);
        try {
            assertThatThrownBy(() -> codec.decode("a", bytes)).isSameAs(shortage);
        } finally {
            Refusing.FAILURE.set(null);
        }
    }

    @Test
    void controlCharactersOfAClassNameAreNotShown() {
        for (String evil : List.of("\u0085", "\u009b2J", "\u202e", "\u2028")) {
            byte[] forged = forged(output -> {
                output.writeVarInt(1, true);
                output.writeString("dev.holdfast.codec.Cart" + evil + "x");
                output.writeVarInt(0, true);
                output.writeVarInt(2, true);
            });

            assertThatThrownBy(() -> codec.decode("a", forged))
                    .isInstanceOf(UnreadableAttributeException.class)
                    .message()
                    .doesNotContain(evil.substring(0, 1));
        }
    }

    private void assertUnreadable(byte[] bytes) {
        assertThatThrownBy(() -> codec.decode("a", bytes)).isInstanceOf(UnreadableAttributeException.class);
    }

    private static byte[] resealed(byte[] bytes) {
        byte[] sealed = bytes.clone();
        Envelope.seal(sealed, bytes[0] & 0xf);
        if (bytes[0] >>> 4 != 1) {
            sealed[0] = bytes[0];
            CRC32C crc = new CRC32C();
            crc.update(sealed, 0, 1);
            crc.update(sealed, Envelope.SIZE, sealed.length - Envelope.SIZE);
            ByteBuffer.wrap(sealed).putInt(1, (int) crc.getValue());
        }
        return sealed;
    }

    private static byte[] forged(Consumer<Output> payload) {
        Output output = new Output(64, -1);
        output.writeBytes(new byte[Envelope.SIZE]);
        payload.accept(output);
        byte[] bytes = output.toBytes();
        Envelope.seal(bytes, Envelope.KRYO);
        return bytes;
    }

    private static int number(Class<?> type) {
        return GraphKryoAccess.number(type);
    }

    /** What the format says of a type, asked from the code that writes it. */
    private static final class GraphKryoAccess {
        private static final GraphCodec KRYO = GraphCodec.create(
                new StorableClasses(DamagedBytesTest.class.getClassLoader(), TestCodecs.policy(), KnownTypes::contains),
                DamagedBytesTest.class.getClassLoader(),
                2000);

        static int number(Class<?> type) {
            return (KRYO.getRegistration(type).getId() << 1) | 1;
        }

        static boolean hasReference(Class<?> type) {
            return KRYO.getReferenceResolver().useReferences(type);
        }
    }
}
