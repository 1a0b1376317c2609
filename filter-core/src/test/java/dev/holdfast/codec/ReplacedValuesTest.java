package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.UnencodableAttributeException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** Objects in whose place JDK serialization writes others, as for the proxies of CDI. */
class ReplacedValuesTest {
    /** Allowed are the names of beans, and not the proxies that are made of them. */
    private final KryoCodec codec = new KryoCodec(
            ReplacedValuesTest.class.getClassLoader(),
            ClassPolicy.strict(ClassPatterns.NONE, name -> name.endsWith("$BeanName")));

    /** What is stored. */
    record BeanName(String name) implements Serializable {
        private Object readResolve() {
            return new BeanProxy(name);
        }
    }

    static class BeanProxy implements Serializable {
        private static final long serialVersionUID = 1L;

        final String name;

        BeanProxy(String name) {
            this.name = name;
        }

        Object writeReplace() {
            return new BeanName(name);
        }
    }

    /** Written as what it is. */
    static final class Refused extends BeanProxy {
        private static final long serialVersionUID = 1L;

        Refused(String name) {
            super(name);
        }

        @Override
        Object writeReplace() {
            return this;
        }
    }

    enum Colour {
        RED;

        Object writeReplace() {
            return "never called";
        }
    }

    @Test
    void needNoPermissionOfTheirOwn() throws Exception {
        Object read = codec.decode("a", codec.encode("a", new BeanProxy("cart")));

        assertThat(read)
                .isInstanceOfSatisfying(
                        BeanProxy.class, proxy -> assertThat(proxy.name).isEqualTo("cart"));
    }

    @Test
    void needNoneInACollectionEither() throws Exception {
        codec.check("a", new ArrayList<>(List.of(new BeanProxy("cart"))));

        Object read = codec.decode("a", codec.encode("a", new ArrayList<>(List.of(new BeanProxy("cart")))));

        assertThat(read).asInstanceOf(InstanceOfAssertFactories.LIST).hasSize(1);
    }

    @Test
    void areRefusedIfTheyAreWrittenThemselves() {
        assertThatThrownBy(() -> codec.encode("a", new Refused("cart")))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessageContaining("Refused, which the class policy does not allow");
    }

    @Test
    void areNoConstantsOfEnums() {
        assertThatThrownBy(() -> codec.encode("a", Colour.RED))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessageContaining("Colour, which the class policy does not allow");
    }
}
