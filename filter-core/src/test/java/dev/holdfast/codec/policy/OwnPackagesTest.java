package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnPackagesTest {
    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource({
        // the owner's name is two segments long
        "com.shop.web, com.shop.model.Item, true",
        "com.shop.web, com.shop.Item, true",
        "com.shop.web, com.shop.deep.er.Item$Line, true",
        "com.shop, com.shop.model.Item, true",
        "com.shop.web, com.shopping.Item, false",
        "com.shop.web, com.Item, false",
        "com.shop.web, org.shop.Item, false",
        // many publish there: three segments
        "org.apache.demo.web, org.apache.demo.model.Item, true",
        "org.apache.demo.web, org.apache.demo.Item, true",
        "org.apache.demo.web, org.apache.commons.collections.map.LinkedMap, false",
        "org.apache.demo, org.apache.demo.Item, true",
        "org.apache, org.apache.Item, false",
        "io.github.ada.shop, io.github.ada.model.Item, true",
        "io.github.ada.shop, io.github.eve.Item, false",
        "com.google.shop.web, com.google.common.collect.ImmutableList, false",
        "uk.co.shop.web, uk.co.shop.model.Item, true",
        "uk.co.shop.web, uk.co.other.Item, false",
        "au.com.shop, au.com.shop.Item, true",
        "br.gov.shop.web, br.gov.other.Item, false",
        // nobody's
        "shop, shop.Item, false",
        "'', Item, false",
        "java.util.shop, java.util.function.Function, false",
        "jakarta.faces.shop, jakarta.faces.component.UIComponent, false",
        "kotlin.shop.web, kotlin.shop.Item, false",
    })
    void aClassOfWebInfLibIsTheApplicationsOwnByItsPackage(String inClasses, String className, boolean own) {
        assertThat(new OwnPackages(List.of(inClasses)).has(className)).isEqualTo(own);
    }
}
