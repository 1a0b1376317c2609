package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassPolicyTest {
    private static ClassPolicy strict(String allow) {
        return ClassPolicy.strict(ClassPatterns.parse(allow), "com.shop.Own"::equals);
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
        "'com.shop.**, !com.shop.Secret', com.shop.Cart, true",
        "'com.shop.**, !com.shop.Secret', com.shop.Secret, false",
        "'!com.shop.keys.**, com.shop.**', com.shop.keys.Key, false",
        "!com.shop.Own, com.shop.Own, false",
        "!java.net.*, java.net.URL, false",
    })
    void decidesByName(String allow, String className, boolean allowed) {
        assertThat(strict(allow).allows(className)).isEqualTo(allowed);
        assertThat(strict(allow).allows(className)).as("asked again").isEqualTo(allowed);
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
                "!",
                "!!a.B",
                "a!.B"
            })
    void refusesMalformedPatternsByName(String pattern) {
        assertThatThrownBy(() -> ClassPatterns.parse("com.shop.Cart," + pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"" + pattern
                        + "\" is no class pattern: write com.shop.Cart, com.shop.* (the package) or"
                        + " com.shop.** (with sub-packages), with ! in front for an exception.");
    }

    @Test
    void remedyKeepsWhatIsAllowedAlready() {
        assertThat(strict("com.lib.*").remedy("[Lcom.shop.Cart;"))
                .isEqualTo("Add it:"
                        + " <context-param><param-name>holdfast.classes.allow</param-name><param-value>com.lib.*,com.shop.Cart</param-value></context-param>"
                        + " (or holdfast.classes=learn while trying out).");
    }

    @Test
    void remedyIsWrittenAsTheApplicationWritesItsSettings() {
        assertThat(strict("com.lib.*")
                        .showingAllowAs(patterns -> "allow=" + patterns)
                        .remedy("com.shop.Cart"))
                .isEqualTo("Add it: allow=com.lib.*,com.shop.Cart (or holdfast.classes=learn while trying out).");
    }

    @Test
    void remedySaysThatAnExceptionNamesTheClass() {
        assertThat(strict("com.shop.**,!com.shop.Secret").remedy("com.shop.Secret"))
                .isEqualTo("An exception (!) of holdfast.classes.allow names it.");
    }

    private static final String SPRING_MVC = "org.springframework.web.servlet.DispatcherServlet";
    private static final Set<String> LIBRARIES =
            Set.of("com.shop.model.Item", "com.shopping.Item", "org.lib.A", "org.lib.B", "bsh.Interpreter");

    private static ClassPolicy app(String allow) {
        return ClassPolicy.app(
                ClassPatterns.parse(allow),
                "com.shop.web.Cart"::equals,
                Set.of("com.shop.web"),
                LIBRARIES::contains,
                SPRING_MVC::equals);
    }

    @ParameterizedTest
    @CsvSource({
        "com.shop.web.Cart, true",
        "com.shop.model.Item, true",
        "[Lcom.shop.model.Item;, true",
        "com.shop.model.NotInWebInfLib, false",
        "com.shopping.Item, false",
        "org.lib.A, false",
        "org.springframework.web.servlet.FlashMap, true",
        "org.springframework.web.servlet.ModelAndView, false",
        "org.springframework.security.core.context.SecurityContextImpl, false",
    })
    void appAllowsTheApplicationsModulesAndWhatItsFrameworksKeep(String className, boolean allowed) {
        assertThat(app("").allows(className)).isEqualTo(allowed);
    }

    @Test
    void exceptionsHoldForPresetsAndModulesToo() {
        ClassPolicy policy = app("!org.springframework.web.servlet.FlashMap,!com.shop.model.*");

        assertThat(policy.allows("org.springframework.web.servlet.FlashMap")).isFalse();
        assertThat(policy.allows("com.shop.model.Item")).isFalse();
    }

    static Stream<ClassPolicy> everyMode() {
        ClassPatterns all = ClassPatterns.parse("bsh.**, java.security.**, org.apache.**, org.springframework.**");
        return Stream.of(
                ClassPolicy.strict(all, name -> true),
                ClassPolicy.app(all, name -> true, Set.of("org.apache.commons.app"), name -> true, name -> true),
                ClassPolicy.learn(
                        all, name -> true, Set.of("org.apache.commons.app"), name -> true, name -> true, found -> {}));
    }

    @ParameterizedTest
    @MethodSource("everyMode")
    void gadgetsAreRefusedWhateverAllowsThem(ClassPolicy policy) {
        for (String gadget : List.of(
                "bsh.Interpreter",
                "java.security.SignedObject",
                "org.apache.commons.collections.functors.InvokerTransformer",
                "org.apache.commons.collections4.comparators.TransformingComparator",
                "org.apache.commons.beanutils.BeanComparator",
                "org.apache.webbeans.inject.impl.InjectionPointImpl",
                "org.apache.webbeans.inject.instance.InstanceImpl",
                "org.apache.webbeans.portable.InjectionPointProducer$InjectionPointDelegate",
                "com.shop.shaded.org.apache.commons.collections.functors.InvokerTransformer",
                "org.springframework.aop.framework.JdkDynamicAopProxy",
                "[Lorg.springframework.beans.factory.support.DefaultListableBeanFactory;")) {
            assertThat(policy.allows(gadget)).as(gadget).isFalse();
            assertThat(policy.remedy(gadget))
                    .isEqualTo("It is known from attacks on deserialization and refused whatever the settings say. Keep"
                            + " it out of the session.");
        }
        assertThat(policy.allows("org.apache.commons.collections.map.LinkedMap"))
                .isTrue();
    }

    @Test
    void learningAllowsLibrariesAndTellsOfEachClassThatAppWouldRefuseOnce() {
        List<String> found = new ArrayList<>();
        ClassPolicy policy = learning("com.lib.*", found);

        assertThat(policy.allows("org.lib.B")).isTrue();
        assertThat(policy.allows("[Lorg.lib.B;")).isTrue();
        assertThat(policy.allows("com.lib.Known")).isTrue();
        assertThat(policy.allows("org.lib.A")).isTrue();
        assertThat(policy.allows("org.other.C")).isFalse();
        assertThat(policy.allows("com.shop.model.Item")).as("is allowed anyway").isTrue();
        assertThat(policy.allows("org.springframework.web.servlet.FlashMap"))
                .as("is allowed, too")
                .isTrue();

        assertThat(found).containsExactly("org.lib.B", "org.lib.A");
        assertThat(policy.remedy("org.other.C"))
                .isEqualTo(
                        "Add it:"
                                + " <context-param><param-name>holdfast.classes.allow</param-name><param-value>com.lib.*,org.other.C</param-value></context-param>.");
    }

    private static ClassPolicy learning(String allow, List<String> found) {
        return ClassPolicy.learn(
                ClassPatterns.parse(allow),
                name -> false,
                Set.of("com.shop.web"),
                LIBRARIES::contains,
                SPRING_MVC::equals,
                found::add);
    }

    @Test
    void learningTellsOfWhatLiveValuesLackWhereverItComesFromButNeverOfWhatIsRefusedForGood() {
        List<String> found = new ArrayList<>();
        ClassPolicy policy = learning("!org.other.Secret", found);

        for (String name : List.of("org.apache.el.Expression", "[Lorg.apache.el.Expression;", "bsh.This")) {
            policy.lacks(name);
        }
        policy.lacks("org.other.Secret");

        assertThat(found).containsExactly("org.apache.el.Expression");
        assertThat(policy.allows("org.apache.el.Expression"))
                .as("it is told of, not let in")
                .isFalse();
    }
}
