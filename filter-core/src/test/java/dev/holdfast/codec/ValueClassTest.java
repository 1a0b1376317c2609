package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.LocalMarker;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ValueClassTest {
    /** Of the application, with a field that has a class of its own. */
    record Cart(List<Line> lines, long total) implements Serializable {}

    record Line(String article, TimeUnit unit) implements Serializable {}

    private static Stream<Arguments> values() {
        return Stream.of(
                Arguments.of(7, "java.lang.Integer"),
                Arguments.of("text", "java.lang.String"),
                Arguments.of(true, "java.lang.Boolean"),
                Arguments.of(new ArrayList<>(List.of(new Line("book", TimeUnit.DAYS))), "java.util.ArrayList"),
                Arguments.of(Map.of("a", 1), Map.of("a", 1).getClass().getName()),
                Arguments.of(new byte[] {1, 2}, "byte[]"),
                Arguments.of(new String[] {"a"}, "java.lang.String[]"),
                Arguments.of(TimeUnit.DAYS, "java.util.concurrent.TimeUnit"),
                Arguments.of(new Cart(List.of(new Line("book", TimeUnit.DAYS)), 3), Cart.class.getName()));
    }

    @ParameterizedTest
    @MethodSource("values")
    void classIsReadOffTheBytesOfTheCodec(Object value, String name) throws Exception {
        byte[] stored = TestCodecs.codec().encode("x", value);

        assertThat(ValueClass.shown(stored)).isEqualTo(name);
    }

    @Test
    void classIsReadOffTheBytesOfJdkSerialization() throws IOException {
        assertThat(ValueClass.shown(TestCodecs.storedByJdk(new Cart(List.of(), 0))))
                .isEqualTo(Cart.class.getName());
        assertThat(ValueClass.shown(TestCodecs.storedByJdk("text"))).isEqualTo("java.lang.String");
        assertThat(ValueClass.shown(TestCodecs.storedByJdk(TimeUnit.DAYS))).isEqualTo("java.util.concurrent.TimeUnit");
        assertThat(ValueClass.shown(TestCodecs.storedByJdk(new int[] {1}))).isEqualTo("[I");
    }

    @Test
    void bytesThatSayNothingAreCalledUnreadable() throws Exception {
        byte[] stored = TestCodecs.codec().encode("x", new Cart(List.of(), 0));
        byte[] damaged = stored.clone();
        damaged[stored.length - 1] ^= 1;
        byte[] foreign = {0x12, 'n', '1'};

        assertThat(ValueClass.shown(new byte[0])).startsWith("(unreadable: it is cut off");
        assertThat(ValueClass.shown(damaged)).startsWith("(unreadable: its checksum is wrong");
        assertThat(LocalMarker.isMarker(foreign)).isTrue();
        assertThat(ValueClass.shown(foreign)).startsWith("(unreadable");
    }

    /** Whoever writes to Redis can seal what he likes. */
    @Test
    void bytesThatLieCostNothing() {
        byte[] lying = new byte[64];
        Arrays.fill(lying, (byte) 0xff);
        Envelope.seal(lying, Envelope.KRYO);
        assertThat(ValueClass.shown(lying)).isEqualTo("(unreadable)");

        Envelope.seal(lying, Envelope.JDK);
        assertThat(ValueClass.shown(lying)).isEqualTo("(unreadable)");
    }
}
