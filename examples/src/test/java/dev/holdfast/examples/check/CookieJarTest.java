package dev.holdfast.examples.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CookieJarTest {

    private final CookieJar jar = new CookieJar();

    @Test
    void laterCookieOfTheSameNameAndPathReplacesTheEarlierOne() {
        jar.store(List.of("JSESSIONID=one; Path=/shop; HttpOnly", "JSESSIONID=two; Path=/shop; HttpOnly"));

        assertThat(jar.header("/shop/cart")).isEqualTo("JSESSIONID=two");
    }

    @Test
    void expiredCookieIsForgotten() {
        jar.store(List.of("HFROUTE=n1; Path=/shop"));
        jar.store(List.of("HFROUTE=; Path=/shop; Max-Age=0"));

        assertThat(jar.header("/shop/cart")).isEmpty();
        assertThat(jar.route()).isNull();
    }

    @Test
    void cookieIsSentBelowItsPathOnly() {
        jar.store(List.of("JSESSIONID=one; Path=/shop"));

        assertThat(jar.header("/shop/cart")).isEqualTo("JSESSIONID=one");
        assertThat(jar.header("/shopping")).isEmpty();
        assertThat(jar.header("/")).isEmpty();
    }

    @Test
    void cookieOfTheLongerPathComesFirst() {
        jar.store(List.of("HFEPOCH=root.n1; Path=/", "HFEPOCH=shop.n1; Path=/shop"));

        assertThat(jar.header("/shop/cart")).isEqualTo("HFEPOCH=shop.n1; HFEPOCH=root.n1");
    }

    @Test
    void routeComesFromTheRouteCookieWithOrWithoutDotElseFromTheSessionId() {
        jar.store(List.of("JSESSIONID=1234.n1; Path=/shop"));
        assertThat(jar.route()).isEqualTo("n1");

        jar.store(List.of("HFROUTE=n2; Path=/shop"));
        assertThat(jar.route()).isEqualTo("n2");

        jar.store(List.of("HFROUTE=.n1; Path=/shop"));
        assertThat(jar.route()).isEqualTo("n1");
    }
}
