package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What stands in Redis may be of another version, or nobody's. */
class StoredLoginTest {
    @Test
    void userIsItsNameAndItsRolesInTheirOrder() {
        StoredLogin.User ada = new StoredLogin.User("ada", List.of("user", "admin"));

        assertThat(ada.stored()).containsExactly("ada", "user", "admin");
        assertThat(StoredLogin.User.of(ada.stored())).isEqualTo(ada);
        assertThat(StoredLogin.User.of(List.of("ada"))).isEqualTo(new StoredLogin.User("ada", List.of()));
    }

    @Test
    void whatIsNoUserIsNobody() {
        assertThat(StoredLogin.User.of(null)).isNull();
        assertThat(StoredLogin.User.of(List.of())).isNull();
        assertThat(StoredLogin.User.of("ada")).isNull();
    }

    @Test
    void whatIsOfAnotherTypeIsNotThere() {
        Map<String, Object> saved = Map.of("method", 7, "headers", "Accept", "cookies", List.of("a", 1));

        assertThat(StoredLogin.text(saved, StoredLogin.METHOD)).isNull();
        assertThat(StoredLogin.text(saved, StoredLogin.URI)).isNull();
        assertThat(StoredLogin.texts(saved, StoredLogin.HEADERS)).isEmpty();
        assertThat(StoredLogin.texts(saved, StoredLogin.LOCALES)).isEmpty();
        assertThat(StoredLogin.texts(saved, StoredLogin.COOKIES)).containsExactly("a", "1");
    }
}
