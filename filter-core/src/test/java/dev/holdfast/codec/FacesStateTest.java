package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.io.ObjectStreamConstants;
import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every class policy allows, and Faces would make code of. */
class FacesStateTest {
    private static final String VIEWS = "com.sun.faces.renderkit.ServerSideStateHelper.LogicalViewMap";
    private static final String KEY = "com.sun.faces.SK";
    private static final byte[] BYTES = "thirteen byte".getBytes(StandardCharsets.UTF_8);
    private static final byte[] TWELVE = Arrays.copyOf(BYTES, 12);

    private final KryoCodec codec = TestCodecs.codec();

    /** By which a map that shows nothing has an answer to everything. */
    private static final class AllTheSame implements Comparator<String>, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public int compare(String left, String right) {
            return left.equals("hidden") && right.equals("to") ? 1 : 0;
        }
    }

    /** As MyFaces keeps them. */
    private record Views(HashMap<String, Object> views) implements Serializable {}

    private static Map<String, Object> map(Object value) {
        return new HashMap<>(Map.of("j_id1", value));
    }

    /** As Mojarra keeps them: views by their ids, and those by the ids of their states, of which each has two parts. */
    private static Object mojarra(Object state) {
        return Collections.synchronizedMap(map(
                Collections.synchronizedMap(map(new Object[] {new Object[] {"tree"}, state}))));
    }

    private static Map<String, byte[]> hidden() {
        TreeMap<String, byte[]> all = new TreeMap<>(new AllTheSame());
        all.put("hidden", BYTES);
        return all.subMap("from", true, "to", true);
    }

    static Stream<Arguments> bytes() {
        return Stream.of(
                Arguments.of("in Mojarra's state", mojarra(BYTES)),
                Arguments.of("in MyFaces' map", new Views(new HashMap<>(Map.of("a", BYTES)))),
                Arguments.of("in a map", map(BYTES)),
                Arguments.of("in a map that hides it", map(hidden())),
                Arguments.of("in nested arrays", map(new Object[][] {{new byte[][] {BYTES}}})),
                Arguments.of("as the magnitude of a number", map(new BigDecimal("123456789012345678901234567890"))),
                Arguments.of("as all there is", BYTES));
    }

    @Test
    void mapThatHidesSomethingGivesItOutAllTheSame() {
        assertThat(hidden().values()).isEmpty();
        assertThat(hidden().get("view")).isSameAs(BYTES);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bytes")
    void bytesInViewsStayOnTheirNode(String where, Object value) {
        assertThatThrownBy(() -> codec.encode(VIEWS, value))
                .isInstanceOfSatisfying(
                        UnencodableAttributeException.class,
                        e -> assertThat(e.culprit()).isEqualTo("[B"))
                .hasMessageContaining(VIEWS)
                .hasMessageContaining("SERIALIZE_SERVER_STATE");
    }

    /** Whoever writes to Redis has no codec that refuses. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("bytes")
    void bytesInViewsAreNotRead(String where, Object value) throws Exception {
        byte[] forged = TestCodecs.storedByJdk(value);
        assertThat(codec.decode("cart", forged)).as("elsewhere they are data").isNotNull();

        assertThatThrownBy(() -> codec.decode(VIEWS, forged))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining("array of bytes");
    }

    @Test
    void bytesInViewsAreNotReadByKryoEither() throws Exception {
        byte[] forged = codec.encode("cart", map(BYTES));
        assertThat(TestCodecs.wayOf(forged)).isEqualTo('K');

        assertThatThrownBy(() -> codec.decode(VIEWS, forged)).isInstanceOf(UnreadableAttributeException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                VIEWS,
                "org.apache.myfaces.application.viewstate.StateCacheServerSide.SERIALIZED_VIEW",
                "org.apache.myfaces.application.viewstate.ServerSideStateCacheImpl.SERIALIZED_VIEW",
                "org.glassfish.mojarra.renderkit.ServerSideStateHelper.LogicalViewMap",
                "org.glassfish.mojarra.renderkit.ServerSideStateHelper.StatefulPageMap"
            })
    void viewsTravelWithTheKeysOfMyFacesAndNumbersOfUsualLength(String attribute) throws Exception {
        BigDecimal price = new BigDecimal("12345678901234567890.12345678");
        Object plain = map(new Object[] {"tree", List.of(1, "two"), new int[] {3}, new byte[][] {TWELVE}, price});

        assertThat(codec.decode(attribute, codec.encode(attribute, plain)))
                .usingRecursiveComparison()
                .isEqualTo(plain);
        byte[] forged = TestCodecs.storedByJdk(map(BYTES));
        assertThatThrownBy(() -> codec.decode(attribute, forged)).isInstanceOf(UnreadableAttributeException.class);
    }

    /** In as few bytes as can be: one object of a class with a name of one letter and no fields. */
    @Test
    void longestArrayThatTravelsNamesNoClass() throws Exception {
        byte[] least = {
            (byte) 0xac,
            (byte) 0xed,
            0,
            5, // the stream's beginning
            ObjectStreamConstants.TC_OBJECT,
            ObjectStreamConstants.TC_CLASSDESC,
            0,
            1,
            'A', // its name
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            ObjectStreamConstants.SC_SERIALIZABLE,
            0,
            0
        };

        assertThat(least).hasSizeGreaterThan(FacesState.longestBytes(VIEWS));
        for (int length = 0; length <= FacesState.longestBytes(VIEWS); length++) {
            List<String> asked = new ArrayList<>();
            ByteArrayInputStream start = new ByteArrayInputStream(Arrays.copyOf(least, length));
            assertThatThrownBy(() -> new ObjectInputStream(start) {
                        @Override
                        protected Class<?> resolveClass(ObjectStreamClass description) {
                            asked.add(description.getName());
                            return Object.class;
                        }
                    }.readObject())
                    .isInstanceOf(IOException.class);
            assertThat(asked).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {KEY, "org.glassfish.mojarra.SK"})
    void keyOfTheStateInPagesIsNeitherStoredNorRead(String attribute) throws Exception {
        Object key = new SecretKeySpec(Arrays.copyOf(BYTES, 16), "AES");
        byte[] forged = codec.encode("key", key);

        assertThatThrownBy(() -> codec.encode(attribute, key))
                .isInstanceOfSatisfying(
                        UnencodableAttributeException.class,
                        e -> assertThat(e.culprit()).isEqualTo("javax.crypto.spec.SecretKeySpec"))
                .hasMessageContaining("ClientSideSecretKey");
        assertThatThrownBy(() -> codec.check(attribute, key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ClientSideSecretKey");
        assertThatThrownBy(() -> codec.decode(attribute, forged)).isInstanceOf(UnreadableAttributeException.class);
    }
}
