package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassPolicyTest {
    private static ClassPolicy enforcing(String allow) {
        return ClassPolicy.enforce(ClassPatterns.parse(allow), "com.shop.Own"::equals);
    }

    @ParameterizedTest
    @CsvSource({
        "com.shop.Cart, com.shop.Cart, true",
        "com.shop.Cart, com.shop.Cart$Line, false",
        "com.shop.Cart, com.shop.Carts, false",
        "com.shop.*, com.shop.Cart, true",
        "com.shop.*, com.shop.Cart$Line, true",
        "com.shop.*, com.shop.sub.Cart, false",
        "com.shop.*, com.shopping.Cart, false",
        "com.shop.**, com.shop.Cart, true",
        "com.shop.**, com.shop.sub.deep.Cart, true",
        "com.shop.**, com.shopping.Cart, false",
        "' a.B ;\n com.shop.Cart;', com.shop.Cart, true",
        "com.shop.Cart, [[Lcom.shop.Cart;, true",
        "'', [Lcom.shop.Cart;, false",
        "'', com.shop.Own, true",
        "'', org.container.State, false",
        "'', [I, true",
        "'', java.util.HashMap, true",
        "'', java.time.chrono.Ser, true",
        "'', java.lang.invoke.SerializedLambda, false",
        "'', java.lang.reflect.Proxy, false",
        "'', java.rmi.server.UnicastRemoteObject, false",
        "'', java.security.SignedObject, false",
        "'', javax.management.BadAttributeValueExpException, false",
        "'', com.sun.rowset.JdbcRowSetImpl, false",
        "'', java.util.logging.Level, false",
        "'', [X, false",
        "'', [, false",
    })
    void decidesByName(String allow, String className, boolean allowed) {
        assertThat(enforcing(allow).allows(className)).isEqualTo(allowed);
        assertThat(enforcing(allow).allows(className)).as("asked again").isEqualTo(allowed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "com.shop.",
                ".Cart",
                "com..Cart",
                "com.*.Cart",
                "com.shop.***",
                "*",
                "com/shop/Cart",
                "maxdepth=3",
                "!a.B"
            })
    void refusesMalformedPatternsByName(String pattern) {
        assertThatThrownBy(() -> ClassPatterns.parse("com.shop.Cart," + pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"" + pattern
                        + "\" is no class pattern: write com.shop.Cart, com.shop.* (the package) or"
                        + " com.shop.** (with sub-packages).");
    }

    @Test
    void remedyKeepsWhatIsAllowedAlready() {
        assertThat(enforcing("com.lib.*").remedy("[Lcom.shop.Cart;"))
                .isEqualTo("Add it:"
                        + " <context-param><param-name>holdfast.classes.allow</param-name><param-value>com.lib.*,com.shop.Cart</param-value></context-param>"
                        + " (or holdfast.classes=learn while trying out).");
    }

    @Test
    void learningAllowsLibrariesAndSaysWhatToPasteOncePerClass() {
        List<String> lines = new ArrayList<>();
        ClassPolicy policy = ClassPolicy.learn(
                ClassPatterns.parse("com.lib.*"), name -> false, name -> name.startsWith("org.lib."), lines::add);

        assertThat(policy.allows("org.lib.B")).isTrue();
        assertThat(policy.allows("[Lorg.lib.B;")).isTrue();
        assertThat(policy.allows("com.lib.Known")).isTrue();
        assertThat(policy.allows("org.lib.A")).isTrue();
        assertThat(policy.allows("org.other.C")).isFalse();

        assertThat(lines)
                .containsExactly(
                        "Learned org.lib.B of WEB-INF/lib. To allow all learned so far with holdfast.classes=enforce: "
                                + "<context-param><param-name>holdfast.classes.allow</param-name><param-value>com.lib.*,org.lib.B</param-value></context-param>",
                        "Learned org.lib.A of WEB-INF/lib. To allow all learned so far with holdfast.classes=enforce: "
                                + "<context-param><param-name>holdfast.classes.allow</param-name><param-value>com.lib.*,org.lib.A,org.lib.B</param-value></context-param>");
        assertThat(policy.remedy("org.other.C"))
                .isEqualTo(
                        "Add it:"
                                + " <context-param><param-name>holdfast.classes.allow</param-name><param-value>com.lib.*,org.other.C</param-value></context-param>.");
    }
}
