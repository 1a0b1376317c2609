package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bsh.Interpreter;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.UnreadableAttributeException;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Classes that are known from attacks, with a policy that allows everything. */
class GadgetsTest {
    private static final String WHY =
            "It is known from attacks on deserialization and refused whatever the settings say.";

    private static final KryoCodec CODEC = new KryoCodec(
            GadgetsTest.class.getClassLoader(), ClassPolicy.strict(ClassPatterns.parse("bsh.**"), name -> true));

    /** Of the application, and would bring its super class with it. */
    @SuppressWarnings("serial")
    static final class Disguised extends Interpreter {}

    @SuppressWarnings("serial")
    static class Secret implements Serializable {}

    @SuppressWarnings("serial")
    static final class Public extends Secret {}

    @Test
    void exceptionsHoldForSuperClassesToo() throws Exception {
        KryoCodec codec = new KryoCodec(
                GadgetsTest.class.getClassLoader(),
                ClassPolicy.strict(ClassPatterns.parse("!" + Secret.class.getName()), name -> true));

        assertThatThrownBy(() -> codec.check("a", new Public()))
                .hasMessageContaining("holds " + Public.class.getName() + ", which extends " + Secret.class.getName()
                        + ", which the class policy does not allow. An exception (!) of holdfast.classes.allow names"
                        + " it.");
        assertThatThrownBy(() -> codec.decode("a", stored(new Public())))
                .hasMessageContaining("whose super class " + Secret.class.getName());
        assertThatThrownBy(() -> codec.decode("a", CODEC.encode("a", new Public())))
                .as("by Kryo")
                .hasMessageContaining("whose super class " + Secret.class.getName());
    }

    private static byte[] stored(Object value) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(new byte[Envelope.SIZE]);
        try (ObjectOutputStream stream = new ObjectOutputStream(out)) {
            stream.writeObject(value);
        }
        byte[] bytes = out.toByteArray();
        Envelope.seal(bytes, Envelope.JDK);
        return bytes;
    }

    @Test
    void isNeitherStoredNorMade() throws Exception {
        assertThatThrownBy(() -> CODEC.check("a", new Interpreter()))
                .hasMessageContaining("holds bsh.Interpreter, which the class policy does not allow. " + WHY);
        assertThatThrownBy(() -> CODEC.decode("a", stored(new Interpreter())))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining("it needs class bsh.Interpreter, which the class policy does not allow. " + WHY);
    }

    @Test
    void isNotLetInByASubClass() throws Exception {
        assertThatThrownBy(() -> CODEC.check("a", new ArrayList<>(List.of(new Disguised()))))
                .hasMessageContaining("holds " + Disguised.class.getName()
                        + " in [0], which extends bsh.Interpreter, which the class policy does not" + " allow. " + WHY);
        assertThatThrownBy(() -> CODEC.decode("a", stored(new Disguised())))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining(Disguised.class.getName()
                        + ", whose super class bsh.Interpreter the class policy does not allow.");
    }
}
