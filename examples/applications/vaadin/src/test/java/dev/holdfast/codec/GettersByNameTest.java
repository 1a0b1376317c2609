package dev.holdfast.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.vaadin.flow.data.binder.BeanPropertySet;
import com.vaadin.flow.data.binder.PropertyDefinition;
import com.vaadin.flow.function.ValueProvider;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.UnreadableAttributeException;
import dev.holdfast.testing.Docs;
import java.io.Serializable;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Why the block of docs/frameworks.md has no class of {@link BeanPropertySet}, by which grids and binders of a bean's
 * class look up its properties: what they give calls a getter by its name, and a queue with an order calls it while it
 * is read.
 */
class GettersByNameTest {
    /** Anything with a getter that does something. */
    public static final class Alarm implements Serializable {
        private static final long serialVersionUID = 1L;

        private static int rung;

        public String getRung() {
            rung++;
            return "rung";
        }
    }

    private static KryoCodec codec(String allowed) {
        return new KryoCodec(
                GettersByNameTest.class.getClassLoader(),
                ClassPolicy.app(
                        ClassPatterns.parse(allowed),
                        name -> name.startsWith(GettersByNameTest.class.getName()),
                        Set.of(),
                        name -> false,
                        name -> false),
                line -> {});
    }

    private static String block() {
        String block = Docs.block("frameworks.md", "Vaadin Flow", "xml");
        String begin = "<param-value>";
        return block.substring(block.indexOf(begin) + begin.length(), block.indexOf("</param-value>"));
    }

    @SuppressWarnings("unchecked")
    private static byte[] forged() throws Exception {
        PropertyDefinition<Alarm, String> rung = (PropertyDefinition<Alarm, String>)
                BeanPropertySet.get(Alarm.class).getProperty("rung").orElseThrow();
        ValueProvider<Alarm, String> getter = rung.getGetter();
        PriorityQueue<Alarm> alarms = new PriorityQueue<>(Comparator.comparing(getter));
        alarms.add(new Alarm());
        alarms.add(new Alarm());
        return codec("com.vaadin.**").encode("a", alarms);
    }

    @Test
    void getterIsNotCalledByWhoMayWriteToRedis() throws Exception {
        byte[] forged = forged();
        Alarm.rung = 0;

        assertThatThrownBy(() -> codec(block()).decode("a", forged))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining("it needs class com.vaadin.flow.data.binder.BeanPropertySet");
        assertThat(Alarm.rung).isZero();
    }

    @Test
    void wholeOfVaadinWouldLetItBeCalled() throws Exception {
        byte[] forged = forged();
        Alarm.rung = 0;

        Object ignored = codec("com.vaadin.**").decode("a", forged);

        assertThat(Alarm.rung).isPositive();
    }
}
