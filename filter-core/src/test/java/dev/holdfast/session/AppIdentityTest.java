package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When two that have one name are taken for two. */
class AppIdentityTest {
    private static AppIdentity of(String text) {
        AppIdentity identity = AppIdentity.parse("shop", text);
        assertThat(identity).isNotNull();
        return identity;
    }

    @ParameterizedTest
    @CsvSource({
        "/shop, /desk",
        "/, admin.example/",
        "/;Shop, /;Desk",
        "=/shop, /desk",
        "=/shop;Shop, /shop;Desk",
    })
    void otherPlaceOrTitleIsAnotherApplication(String one, String other) {
        assertThat(of(one).isOtherThan(of(other))).isTrue();
        assertThat(of(other).isOtherThan(of(one))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "/shop, /shop",
        "/shop;Shop, /shop",
        "/shop;Shop, =/shop;Shop",
        "=/shop, =/desk",
        "=/shop;Shop, =admin.example/;Desk",
    })
    void onePlaceOrANameThatBothChoseIsOneApplication(String one, String other) {
        assertThat(of(one).isOtherThan(of(other))).isFalse();
        assertThat(of(other).isOtherThan(of(one))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "=/shop", "admin.example/shop;Größe 店", "=a.example,b.example/;Shop"})
    void textIsReadAsItWasWritten(String text) {
        assertThat(of(text).text()).isEqualTo(text);
        assertThat(of(of(text).text())).isEqualTo(of(text));
    }

    @Test
    void whatComesFromOthersBeginsNoLineAndIsNotLong() {
        AppIdentity forged = of("/a\n\u009b|\u202eb;=;\u0000" + "x".repeat(1_000));

        assertThat(forged.place()).isEqualTo("/a____b");
        assertThat(forged.title()).startsWith("___x").hasSize(200);
        assertThat(AppIdentity.parse("shop", "")).isNull();
    }
}
