package dev.holdfast.codec;

import static java.io.ObjectStreamConstants.SC_SERIALIZABLE;
import static java.io.ObjectStreamConstants.STREAM_MAGIC;
import static java.io.ObjectStreamConstants.STREAM_VERSION;
import static java.io.ObjectStreamConstants.TC_CLASSDESC;
import static java.io.ObjectStreamConstants.TC_ENDBLOCKDATA;
import static java.io.ObjectStreamConstants.TC_NULL;
import static java.io.ObjectStreamConstants.TC_OBJECT;
import static java.io.ObjectStreamConstants.TC_PROXYCLASSDESC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
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
    private static final String MYFACES_VIEWS =
            "org.apache.myfaces.application.viewstate.StateCacheServerSide.SERIALIZED_VIEW";
    private static final String KEY = "com.sun.faces.SK";
    private static final byte[] BYTES = "thirteen byte".getBytes(StandardCharsets.UTF_8);
    private static final byte[] ELEVEN = Arrays.copyOf(BYTES, 11);

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
                MYFACES_VIEWS,
                "org.apache.myfaces.application.viewstate.ServerSideStateCacheImpl.SERIALIZED_VIEW",
                "org.glassfish.mojarra.renderkit.ServerSideStateHelper.LogicalViewMap",
                "org.glassfish.mojarra.renderkit.ServerSideStateHelper.StatefulPageMap"
            })
    void viewsTravelWithTheKeysOfMyFacesAndNumbersOfUsualLength(String attribute) throws Exception {
        BigDecimal price = new BigDecimal("123456789012345678.12345678");
        Object plain = map(new Object[] {"tree", List.of(1, "two"), new int[] {3}, new byte[][] {ELEVEN}, price});

        assertThat(codec.decode(attribute, codec.encode(attribute, plain)))
                .usingRecursiveComparison()
                .isEqualTo(plain);
        byte[] forged = TestCodecs.storedByJdk(map(BYTES));
        assertThatThrownBy(() -> codec.decode(attribute, forged)).isInstanceOf(UnreadableAttributeException.class);
    }

    @Test
    void keysOfMyFacesHaveOneByteMore() throws Exception {
        Object twelve = map(Arrays.copyOf(BYTES, 12));
        byte[] stored = codec.encode(MYFACES_VIEWS, twelve);

        assertThat(codec.decode(MYFACES_VIEWS, stored))
                .usingRecursiveComparison()
                .isEqualTo(twelve);
        assertThatThrownBy(() -> codec.decode(VIEWS, stored)).isInstanceOf(UnreadableAttributeException.class);
        assertThatThrownBy(() -> codec.encode(VIEWS, twelve)).isInstanceOf(UnencodableAttributeException.class);
    }

    /** In as few bytes as can be, a class with a name of one letter: an object, its class alone, and a proxy's. */
    static Stream<byte[]> streams() {
        byte[] object = {
            TC_OBJECT, TC_CLASSDESC, 0, 1, 'A', 0, 0, 0, 0, 0, 0, 0, 0, SC_SERIALIZABLE, 0, 0, TC_ENDBLOCKDATA, TC_NULL
        };
        byte[] proxy = {TC_PROXYCLASSDESC, 0, 0, 0, 1, 0, 1, 'A', TC_ENDBLOCKDATA, TC_NULL};
        return Stream.of(object, Arrays.copyOfRange(object, 1, object.length), proxy)
                .map(names -> ByteBuffer.allocate(4 + names.length)
                        .putShort(STREAM_MAGIC)
                        .putShort(STREAM_VERSION)
                        .put(names)
                        .array());
    }

    @ParameterizedTest
    @MethodSource("streams")
    void longestArraysThatTravelNameNoClass(byte[] stream) {
        int least = 0;
        while (namedIn(Arrays.copyOf(stream, least)).isEmpty()) {
            least++;
        }

        assertThat(least).isBetween(FacesState.longestBytes(VIEWS) + 1, stream.length);
        int afterItsFlag = FacesState.longestBytes(MYFACES_VIEWS) - 1;
        assertThat(least).isGreaterThan(afterItsFlag);
    }

    /** The classes that a stream asks for. */
    private static List<String> namedIn(byte[] stream) {
        List<String> asked = new ArrayList<>();
        try {
            new ObjectInputStream(new ByteArrayInputStream(stream)) {
                @Override
                protected Class<?> resolveClass(ObjectStreamClass description) {
                    asked.add(description.getName());
                    return Object.class;
                }

                @Override
                protected Class<?> resolveProxyClass(String[] interfaces) throws ClassNotFoundException {
                    asked.addAll(List.of(interfaces));
                    throw new ClassNotFoundException();
                }
            }.readObject();
        } catch (IOException | ClassNotFoundException e) {
            return asked; // it ends too early, or there is no such class
        }
        return asked;
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

    /** A class of PrimeFaces is not needed: any map of texts has what it evaluates. */
    @Test
    void expressionsThatPrimeFacesEvaluatesAreNeitherStoredNorRead() throws Exception {
        Object expressions = new HashMap<>(Map.of("hash", "#{request.session.invalidate()}"));
        byte[] forged = codec.encode("cart", expressions);

        for (byte[] bytes : List.of(forged, TestCodecs.storedByJdk(expressions))) {
            assertThatThrownBy(() -> codec.decode("primefaces.dynamicResourcesMapping", bytes))
                    .isInstanceOf(UnreadableAttributeException.class)
                    .hasMessageContaining("expressions that PrimeFaces would evaluate");
        }
        assertThatThrownBy(() -> codec.encode("primefaces.dynamicResourcesMapping", expressions))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessageContaining("PrimeFaces evaluates")
                .hasMessageContaining("holdfast.attributes.local");
    }
}
