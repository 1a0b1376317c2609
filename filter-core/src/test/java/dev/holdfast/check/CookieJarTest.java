package dev.holdfast.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CookieJarTest {
    private static final URI CART = URI.create("http://shop.example.com/shop/cart");

    private final CookieJar jar = new CookieJar();

    private void keep(URI from, String... lines) {
        jar.keep(
                from,
                Stream.of(lines).flatMap(line -> SetCookie.parse(line).stream()).toList());
    }

    private List<String> sentTo(String address) {
        return jar.sentTo(URI.create(address)).stream()
                .map(cookie -> cookie.name() + "=" + cookie.value())
                .toList();
    }

    @Test
    void cookieGoesToItsPathAndBelow() {
        keep(CART, "a=1; Path=/shop", "b=2; Path=/shop/", "c=3; Path=/", "d=4; Path=/shop/cart");

        assertThat(sentTo("http://shop.example.com/shop/cart")).containsExactly("d=4", "b=2", "a=1", "c=3");
        assertThat(sentTo("http://shop.example.com/shop")).containsExactly("a=1", "c=3");
        assertThat(sentTo("http://shop.example.com/shopping")).containsExactly("c=3");
        assertThat(sentTo("http://shop.example.com")).containsExactly("c=3");
    }

    @Test
    void cookieWithoutAPathGoesWhereItsAnswerWas() {
        keep(CART, "a=1", "b=2; Path=relative");
        keep(URI.create("http://shop.example.com/start"), "c=3");

        assertThat(sentTo("http://shop.example.com/shop/login")).containsExactly("a=1", "b=2", "c=3");
        assertThat(sentTo("http://shop.example.com/")).containsExactly("c=3");
    }

    @Test
    void cookieIsTakenOutByAgeOrDate() {
        for (String end : List.of(
                "Max-Age=0",
                "max-age=-1",
                "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                "Expires=Thu, 01-Jan-1970 00:00:10 GMT",
                "Max-Age=0; Expires=Thu, 01 Jan 2099 00:00:00 GMT")) {
            keep(CART, "a=1; Path=/shop; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b=2; Path=/shop");

            keep(CART, "a=; Path=/shop; " + end, "b=; Path=/; " + end);

            assertThat(sentTo("http://shop.example.com/shop/cart")).as(end).containsExactly("b=2");
        }
    }

    @Test
    void whatBrowsersRefuseIsNotKept() {
        keep(CART, "a=1; Secure", "b=2; Domain=other.example", "c=3; SameSite=None", "no pair", "=4");

        assertThat(sentTo("http://shop.example.com/shop/cart")).isEmpty();
    }

    @Test
    void secureCookieGoesToHttpsAlone() {
        keep(URI.create("https://shop.example.com/"), "a=1; Secure; SameSite=None", "b=2; Domain=.Example.com");

        assertThat(sentTo("https://shop.example.com/")).containsExactly("a=1", "b=2");
        assertThat(sentTo("http://shop.example.com/")).containsExactly("b=2");
    }
}
