package dev.holdfast.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.holdfast.config.Names;
import jakarta.servlet.SessionCookieConfig;
import jakarta.servlet.http.Cookie;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AffinityCookiesTest {
    private final AffinityCookies cookies = new AffinityCookies("HFROUTE", "", "n1");

    @ParameterizedTest
    @ValueSource(strings = {"n1", ".n1"})
    void knowsItsOwnRouteWithAndWithoutDot(String value) {
        assertThat(cookies.namesMe(new Cookie[] {new Cookie("HFROUTE", value)})).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "n2", "N1", "..n1", "xn1", "n1.", "ID.n1", "n1,n1", "\"n1\"", "ü", "n11"})
    void takesAnyOtherValueForAnotherNode(String value) {
        Cookie[] sent = {new Cookie("HFROUTE", value)};

        assertThat(cookies.namesMe(sent)).isFalse();
        assertThat(cookies.present(sent)).isTrue();
    }

    @Test
    void isContentIfAnyOfSeveralCookiesNamesIt() {
        assertThat(cookies.namesMe(new Cookie[] {
                    new Cookie("HFROUTE", "n2"), new Cookie("JSESSIONID", "n3"), new Cookie("HFROUTE", "n1")
                }))
                .isTrue();
    }

    @Test
    void standsRequestsWithoutCookiesAndCookiesWithoutValue() {
        Cookie[] withoutValue = {new Cookie("HFROUTE", null), new Cookie("hfroute", "n1")};

        assertThat(cookies.namesMe(null)).isFalse();
        assertThat(cookies.present(null)).isFalse();
        assertThat(cookies.present(new Cookie[0])).isFalse();
        assertThat(cookies.namesMe(withoutValue)).isFalse();
    }

    @Test
    void goesWhereverTheSessionCookieGoes() {
        Cookie session = new Cookie("JSESSIONID", "1fab");
        session.setPath("/shop");
        session.setDomain("example.org");
        session.setSecure(true);
        session.setHttpOnly(true);
        session.setAttribute("SameSite", "None");
        session.setAttribute("Partitioned", "");

        Cookie set = cookies.set(session);

        assertThat(set.getName()).isEqualTo("HFROUTE");
        assertThat(set.getValue()).isEqualTo("n1");
        assertThat(set.getAttributes()).isEqualTo(session.getAttributes());
        assertThat(set.getMaxAge()).isEqualTo(-1);
    }

    @Test
    void livesAsLongAsAPersistentSessionCookie() {
        Cookie session = new Cookie("JSESSIONID", "1fab");
        session.setMaxAge(3600);
        session.setAttribute("Expires", "Thu, 01 Jan 2026 00:00:00 GMT");

        Cookie set = cookies.set(session);

        assertThat(set.getMaxAge()).isEqualTo(3600);
        assertThat(set.getAttribute("Expires")).isNull();
    }

    @Test
    void expiresWithTheAttributesItWasSetWith() {
        Cookie session = new Cookie("JSESSIONID", "1fab");
        session.setPath("/shop");
        session.setAttribute("SameSite", "Lax");
        session.setMaxAge(3600);

        Cookie expired = cookies.expire(session);

        assertThat(expired.getMaxAge()).isZero();
        assertThat(expired.getPath()).isEqualTo("/shop");
        assertThat(expired.getAttribute("SameSite")).isEqualTo("Lax");
        assertThat(expired.getValue()).isEmpty();
    }

    @Test
    void writesTheDotThatSomeBalancersWant() {
        assertThat(new AffinityCookies("HFROUTE", ".", "n1")
                        .set(new Cookie("JSESSIONID", "1fab"))
                        .getValue())
                .isEqualTo(".n1");
    }

    @ParameterizedTest
    @CsvSource({"'', /", "/shop, /shop", "/shop##2, /shop%23%232", "/größe, /gr%C3%B6%C3%9Fe", "/100%, /100%25"})
    void sendsTheContextPathAsContainersDo(String contextPath, String path) {
        SessionCookieConfig config = mock(SessionCookieConfig.class);
        when(config.getMaxAge()).thenReturn(-1);

        Cookie like = AffinityCookies.likeSessionCookie(config, contextPath, true);

        assertThat(like.getPath()).isEqualTo(path);
        assertThat(like.getSecure()).isTrue();
        assertThat(like.getDomain()).isNull();
    }

    @Test
    void takesThePathAndAllAttributesFromTheSessionConfig() {
        SessionCookieConfig config = mock(SessionCookieConfig.class);
        when(config.getPath()).thenReturn("/");
        when(config.getDomain()).thenReturn("example.org");
        when(config.getMaxAge()).thenReturn(600);
        when(config.getAttributes()).thenReturn(Map.of("SameSite", "None", "Partitioned", ""));

        Cookie set = cookies.set(AffinityCookies.likeSessionCookie(config, "/shop", false));

        assertThat(set.getPath()).isEqualTo("/");
        assertThat(set.getDomain()).isEqualTo("example.org");
        assertThat(set.getMaxAge()).isEqualTo(600);
        assertThat(set.getAttribute("SameSite")).isEqualTo("None");
        assertThat(set.getAttribute("Partitioned")).isEmpty();
        assertThat(set.getSecure()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "n 1", "n.1", "n1;", "x234567890123456789012345678901234567890123456789012345678901234"})
    void refusesWhatIsNoRoute(String route) {
        assertThatThrownBy(() -> new AffinityCookies("HFROUTE", "", route))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("\"" + route + "\" is no route: it must be 1 to 63 of the characters A-Z a-z 0-9 _ -");
    }

    @Test
    void derivesTheSameValidRouteFromTheSameHostAndPort() {
        String route = Routes.derive("host-a", 8080);

        assertThat(route).matches("n-[0-9a-f]{8}").isEqualTo(Routes.derive("host-a", 8080));
        assertThat(Names.isRoute(route)).isTrue();
        assertThat(Routes.derive("host-a", 8081)).isNotEqualTo(route);
        assertThat(Routes.derive("host-b", 8080)).isNotEqualTo(route);
    }
}
