package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Docs;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever is to allow a class that the presets leave out on purpose is told where it says why. */
class FrameworkDocsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Spring Web Flow",
                "Wicket",
                "Hibernate's proxies",
                "Scala's collections",
                "Vaadin Flow",
                "Mojarra with Weld",
                "MyFaces with OpenWebBeans"
            })
    void eachClassToBeAllowedByNameLeadsToItsSection(String heading) {
        String link = heading.toLowerCase(Locale.ROOT).replace("'", "").replace(' ', '-');
        String[] names = Docs.parameter("frameworks.md", heading).split(",");

        assertThat(names)
                .allSatisfy(name -> assertThat(FrameworkDocs.caution(List.of(name)))
                        .as(name)
                        .isEqualTo("Before you allow it, read what that opens up: docs/frameworks.md#" + link + "."));
    }

    @Test
    void eachSectionIsNamedOnceAndOthersNeedNone() {
        assertThat(FrameworkDocs.caution(
                        List.of("org.lib.A", "scala.Some", "scala.None$", "scala.math.BigDecimal", "com.vaadin.A")))
                .isEqualTo("Before you allow these, read what that opens up: docs/frameworks.md#left-out,"
                        + " docs/frameworks.md#scalas-collections, docs/frameworks.md#vaadin-flow.");
        assertThat(FrameworkDocs.caution(List.of("org.lib.A"))).isEmpty();
    }

    @Test
    void whatIsLeftOutLeadsToWhereItSaysWhy() {
        assertThat(Docs.read("frameworks.md")).contains("\n## Left out\n");
        assertThat(List.of(
                        "com.google.common.collect.HashBiMap",
                        "kotlin.collections.builders.SerializedCollection",
                        "org.joda.time.DateTime"))
                .allSatisfy(name ->
                        assertThat(FrameworkDocs.caution(List.of(name))).endsWith(": docs/frameworks.md#left-out."));
        assertThat(Docs.read("frameworks.md")).contains("\n## PrimeFaces\n");
        assertThat(FrameworkDocs.caution(List.of("org.primefaces.model.FilterMeta")))
                .endsWith(": docs/frameworks.md#primefaces.");
    }

    @Test
    void remedyOfSuchAClassSaysSo() {
        ClassPolicy policy = ClassPolicy.strict(ClassPatterns.NONE, name -> false);

        assertThat(policy.remedy("org.apache.wicket.Page"))
                .startsWith("Before you allow it, read what that opens up: docs/frameworks.md#wicket. Add it: ");
        assertThat(policy.remedy("org.lib.A")).startsWith("Add it: ");
    }
}
