package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bsh.Interpreter;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.UnreadableAttributeException;
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
        assertThatThrownBy(() -> codec.decode("a", TestCodecs.storedByJdk(new Public())))
                .hasMessageContaining("whose super class " + Secret.class.getName());
        assertThatThrownBy(() -> codec.decode("a", CODEC.encode("a", new Public())))
                .as("by Kryo")
                .hasMessageContaining("whose super class " + Secret.class.getName());
    }

    @Test
    void isNeitherStoredNorMade() throws Exception {
        assertThatThrownBy(() -> CODEC.check("a", new Interpreter()))
                .hasMessageContaining("holds bsh.Interpreter, which the class policy does not allow. " + WHY);
        assertThatThrownBy(() -> CODEC.decode("a", TestCodecs.storedByJdk(new Interpreter())))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining("it needs class bsh.Interpreter, which the class policy does not allow. " + WHY);
    }

    @Test
    void isNotLetInByASubClass() throws Exception {
        assertThatThrownBy(() -> CODEC.check("a", new ArrayList<>(List.of(new Disguised()))))
                .hasMessageContaining("holds " + Disguised.class.getName()
                        + " in [0], which extends bsh.Interpreter, which the class policy does not" + " allow. " + WHY);
        assertThatThrownBy(() -> CODEC.decode("a", TestCodecs.storedByJdk(new Disguised())))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining(Disguised.class.getName()
                        + ", whose super class bsh.Interpreter the class policy does not allow.");
    }
}
