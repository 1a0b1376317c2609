package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sessions of an application are called if nobody says, and what it is known by. */
class AppPlaceTest {
    private static AppPlace on(String host, String path) {
        return new AppPlace(List.of(host), path, null);
    }

    @ParameterizedTest
    @CsvSource({
        "admin.example, '', admin.example#ROOT",
        "admin.example, /, admin.example#ROOT",
        "admin.example, ##7, admin.example#ROOT##7",
        "admin.example, /shop##2, admin.example#shop##2",
        "admin.example, /shop/desk, admin.example#shop#desk",
    })
    void nameOnAVirtualHostBeginsWithTheHost(String host, String path, String name) {
        assertThat(on(host, path).defaultName()).isEqualTo(name);
    }

    @Test
    void ofSeveralVirtualHostsTheFirstStandsInTheName() {
        assertThat(new AppPlace(List.of("shop.example", "www.shop.example"), "/", null).defaultName())
                .isEqualTo("shop.example#ROOT");
    }

    @Test
    void hostThatHasNoRoomIsCutAndTwoLongOnesStayTwo() {
        String long1 = on("one." + "a".repeat(60) + ".example", "/shop").defaultName();
        String long2 = on("one." + "a".repeat(60) + ".invalid", "/shop").defaultName();

        assertThat(long1).matches("one\\.a{51}-[0-9a-f]{8}").hasSize(64).isNotEqualTo(long2);
        assertThat(long2).hasSize(64);
    }

    @Test
    void hostWithOtherCharactersThanANameHasIsToldFromItsLikes() {
        String anyHost = on("*.shop.example", "/").defaultName();
        String ofAConnector = on("@.shop.example", "/").defaultName();

        assertThat(anyHost).matches("_\\.shop\\.example#ROOT-[0-9a-f]{8}").isNotEqualTo(ofAConnector);
    }

    @Test
    void pathThatGivesNoNameGivesNoneOnAHostEither() {
        assertThat(on("admin.example", "/größe").defaultName()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "'', /",
        "/, /",
        "/shop##2, /shop",
        "##7, /",
    })
    void identityHasNoVersion(String path, String place) {
        assertThat(AppPlace.at(path).identity("shop", false)).hasToString(place);
        assertThat(on("admin.example", path).identity("shop", false)).hasToString("admin.example" + place);
    }

    @ParameterizedTest
    @CsvSource({
        "Shop, Shop",
        "Shop 2.1, Shop",
        "Shop v2.1-SNAPSHOT, Shop",
        "shop-1.0.0, shop",
        "Shop 24 hours, Shop hours",
        "24hours, 24hours",
    })
    void titleLosesItsVersion(String title, String known) {
        assertThat(new AppPlace(List.of(), "/", title).identity("ROOT", false).title())
                .isEqualTo(known);
    }

    /** As Spring's context and its environment look from outside. */
    public static final class Context {
        private final String name;

        Context(String name) {
            this.name = name;
        }

        /** Spring's, too, gives what is asked for by name. */
        public static final class Environment {
            private final String name;

            Environment(String name) {
                this.name = name;
            }

            public String getProperty(String key) {
                return key.equals("spring.application.name") ? name : "of " + key;
            }
        }

        public Environment getEnvironment() {
            return new Environment(name);
        }
    }

    @Test
    void springsNameOfTheApplicationIsItsTitle() {
        assertThat(AppPlace.titleOf(new Context("desk"), "application")).isEqualTo("desk");
        assertThat(AppPlace.titleOf(new Context(null), "Desk")).isEqualTo("Desk");
        assertThat(AppPlace.titleOf(new Context(""), "Desk")).isEqualTo("Desk");
        assertThat(AppPlace.titleOf(null, null)).isNull();
    }

    /** Where Spring could not start, it puts the exception there. */
    @Test
    void whatIsNotSpringsGivesNoTitle() {
        assertThat(AppPlace.titleOf(new IllegalStateException("no context"), "Desk"))
                .isEqualTo("Desk");
    }
}
