package dev.holdfast.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CookieRulesTest {
    private static final String HTTP = "http://shop.example.com/shop/cart";
    private static final String HTTPS = "https://shop.example.com/shop/cart";

    /** What is said of a session cookie, a route and an epoch with these attributes. */
    private static List<String> judged(String address, String session, String route, String epoch) {
        List<SetCookie> set = Stream.of(
                        "JSESSIONID=" + SessionId.random().value() + session,
                        "HFROUTE=n1" + route,
                        "HFEPOCH=" + Epoch.fresh("n1_12345678").text() + epoch)
                .flatMap(line -> SetCookie.parse(line).stream())
                .toList();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CookieRules.judge(
                new Marks("JSESSIONID", "HFROUTE", "HFEPOCH"),
                new Exchange(URI.create(address), List.of(), 200, set),
                new Report(new PrintWriter(out, true, StandardCharsets.UTF_8)));
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private static List<String> judged(String address, String all) {
        return judged(address, all, all, all);
    }

    @Test
    void whatHoldfastSetsIsGood() {
        assertThat(judged(HTTP, "; Path=/shop; HttpOnly")).isEmpty();
        assertThat(judged(HTTP, "; Path=/; HttpOnly; SameSite=Lax")).isEmpty();
        assertThat(judged(HTTPS, "; path=/shop; secure; httponly; samesite=none"))
                .isEmpty();
        assertThat(judged(HTTPS, "; Path=/shop/; Secure; HttpOnly; Domain=.example.com; SameSite=Strict"))
                .isEmpty();
    }

    @Test
    void cookieForHttpsIsSecure() {
        assertThat(judged(HTTPS, "; Path=/shop; HttpOnly"))
                .containsExactly("Finding: JSESSIONID, HFROUTE, HFEPOCH: no Secure on https, so browsers send it over"
                        + " http, too. The container does not believe that the browser speaks https (HF-302): let the"
                        + " balancer send X-Forwarded-Proto, and Tomcat's RemoteIpValve or Jetty's"
                        + " ForwardedRequestCustomizer read it.");
    }

    @Test
    void cookieForHttpIsNot() {
        assertThat(judged(HTTP, "; Path=/shop; HttpOnly", "; Path=/shop; HttpOnly; Secure", "; Path=/shop; HttpOnly"))
                .containsExactly("Finding: HFROUTE: Secure, and browsers take no such cookie over http. Check the https"
                        + " address of the site; if it has none, take Secure out of the session cookie's"
                        + " configuration.");
    }

    @Test
    void sameSiteNoneIsSecure() {
        assertThat(judged(HTTP, "; Path=/shop; HttpOnly; SameSite=None"))
                .containsExactly("Finding: JSESSIONID, HFROUTE, HFEPOCH: SameSite=None without Secure, which browsers"
                        + " refuse. Serve the site by https, with Secure, or set SameSite=Lax.");
    }

    @Test
    void sameSiteHasThreeValues() {
        assertThat(judged(HTTP, "; Path=/shop; HttpOnly; SameSite=Laxer"))
                .containsExactly(
                        "Finding: JSESSIONID, HFROUTE, HFEPOCH: SameSite=Laxer, which browsers do not know. Set"
                                + " Strict, Lax or None.");
    }

    @Test
    void cookieIsNotForScripts() {
        assertThat(judged(HTTP, "; Path=/shop", "; Path=/shop; HttpOnly", "; Path=/shop; HttpOnly"))
                .containsExactly("Finding: JSESSIONID: no HttpOnly, so scripts can read it. Jetty"
                        + " does so by default: set <http-only>true</http-only> in the <cookie-config> of web.xml. On"
                        + " Tomcat, take useHttpOnly=\"false\" out of context.xml.");
    }

    @Test
    void domainIsThatOfTheSite() {
        assertThat(judged(HTTP, "; Path=/shop; HttpOnly; Domain=internal.example"))
                .containsExactly("Finding: JSESSIONID, HFROUTE, HFEPOCH: Domain=internal.example, so browsers refuse it"
                        + " from shop.example.com. Check the site under the name that users know, or take the domain"
                        + " out of the session cookie's configuration.");
    }

    @Test
    void pathIsThatOfTheSite() {
        assertThat(judged("http://shop.example.com/cart;jsessionid=1?secret=2", "; Path=/shop; HttpOnly"))
                .containsExactly("Finding: JSESSIONID, HFROUTE, HFEPOCH: Path=/shop, so browsers do not send it to"
                        + " http://shop.example.com/cart. The balancer serves the application under another path than"
                        + " the container: use the same one, or let it rewrite cookies (nginx: proxy_cookie_path;"
                        + " httpd: ProxyPassReverseCookiePath).");
    }

    @Test
    void cookiesGoTogether() {
        assertThat(judged(
                        HTTPS,
                        "; Path=/shop; HttpOnly; Secure; SameSite=None",
                        "; Path=/shop; HttpOnly; Secure; SameSite=None",
                        "; Path=/; HttpOnly; Secure"))
                .containsExactly(
                        "Finding: HFEPOCH: Path is /, and that of JSESSIONID /shop, so a request may carry one without"
                                + " the other. Something between container and browser rewrites cookies: let it treat"
                                + " both alike.",
                        "Finding: HFEPOCH: SameSite is not set, and that of JSESSIONID None, so a request may carry one"
                                + " without the other. Something between container and browser rewrites cookies: let"
                                + " it treat both alike.");
    }

    /** The terminal of an operator does what some of them say. */
    @Test
    void controlCharactersOfAServerDoNotReachTheTerminal() {
        assertThat(judged(HTTP, "; Path=/shop; HttpOnly; Domain=\u009b31m\u202e.example"))
                .singleElement()
                .asString()
                .contains("Domain=?31m?.example,");
    }
}
