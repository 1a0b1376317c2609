package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.KryoCodec;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ForgedLogins;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Stored logins and saved requests of which Jetty's own classes can make nothing: absent, kept, and no reason to refuse
 * a page.
 */
class ForgedLoginIT {
    private static final String PATH = "/" + CommitWays.APP + "/ways/";

    @RegisterExtension
    static final TwoNodes<EmbeddedWebapp> nodes = TwoNodes.start(ForgedLoginIT::node);

    private static final RedisProcess redis = nodes.redis();
    private static final EmbeddedWebapp n1 = nodes.n1();
    private static final EmbeddedWebapp n2 = nodes.n2();

    private final Browser browser = new Browser();

    private static EmbeddedWebapp node(String name, URI redis) {
        return new EmbeddedWebapp(
                name,
                redis,
                "/" + CommitWays.APP,
                CommitWays.application(),
                Map.of("holdfast.timeout", "5s", "holdfast.app", "shop"));
    }

    static Stream<Arguments> forged() {
        return Stream.of("principal", "authType", "savedRequest", "idOfLogin", "beganSecure")
                .flatMap(field -> ForgedLogins.values().stream()
                        .filter(value -> !(value instanceof List) || !field.equals("principal"))
                        .filter(value -> !(value instanceof String) || !field.equals("authType"))
                        .map(value -> Arguments.of(field, value)));
    }

    @ParameterizedTest
    @MethodSource("forged")
    void whatIsNoLoginIsNoReasonToRefuseAPageAndIsKept(String field, Object forged) throws Exception {
        assertThat(change(n1, "a value").status()).isEqualTo(200);
        ForgedLogins.put(redis, "shop", browser.sessionId(), field, stored(forged));

        assertThat(browser.get(n2, PATH + "read").body()).endsWith(" user=null").startsWith("set=a value ");
        assertThat(change(n2, "another").status()).isEqualTo(200);
        assertThat(ForgedLogins.isStill(redis, "shop", browser.sessionId(), field, stored(forged)))
                .isTrue();
        assertThat(browser.get(n1, PATH + "read").body()).startsWith("set=another ");
    }

    @ParameterizedTest
    @MethodSource("forgedRequests")
    void savedRequestThatJettyDoesNotTakeIsNoneAndTheLoginGoesOn(Object forged) throws Exception {
        change(n1, "a value");
        browser.request(n1, "POST", PATH + "private").form("item=tea").send();
        ForgedLogins.put(redis, "shop", browser.sessionId(), "savedRequest", stored(forged));

        Answer login = browser.request(n2, "POST", PATH + "j_security_check")
                .form("j_username=ada&j_password=engine")
                .send();

        assertThat(login.status()).isIn(302, 303);
        assertThat(browser.get(n2, PATH + "read").body()).endsWith(" user=ada");
        assertThat(browser.get(n1, PATH + "read").body()).endsWith(" user=ada");
    }

    static List<Object> forgedRequests() {
        return ForgedLogins.values();
    }

    /** As the product stores it. */
    private static byte[] stored(Object value) throws UnencodableAttributeException {
        ClassPolicy nothingButTheJdk = ClassPolicy.strict(ClassPatterns.NONE, name -> false);
        return new KryoCodec(ForgedLoginIT.class.getClassLoader(), nothingButTheJdk, line -> {})
                .encode("forged", value);
    }

    private Answer change(EmbeddedWebapp node, String value) {
        return browser.request(node, "GET", PATH + "small")
                .header("X-Value", value)
                .send();
    }
}
