package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionId;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pages of Tomcat's own Manager application about the sessions of ours, as an operator clicks through them. */
class ManagerPageIT {
    private static final String CARD = "4111-1111-1111-1111";
    private static final Pattern NONCE =
            Pattern.compile("org\\.apache\\.catalina\\.filters\\.CSRF_NONCE=([0-9A-Fa-f]+)");

    @ParameterizedTest
    @EnumSource(TomcatDistribution.class)
    void operatorSeesNeitherAValueNorAWholeIdAndCanEndASession(TomcatDistribution distribution) {
        ExplodedApplication shop = ExplodedApplication.create("shop")
                .webXml("""
                        <distributable/>
                        <servlet><servlet-name>cart</servlet-name><servlet-class>%s</servlet-class></servlet>
                        <servlet-mapping><servlet-name>cart</servlet-name><url-pattern>/cart</url-pattern></servlet-mapping>
                        """.formatted(CartServlet.class.getName()))
                .classes(CartServlet.class);
        try (RedisProcess redis = RedisProcess.start();
                TomcatProcess node = TomcatProcess.node(distribution, "n1")
                        .library(CommitWays.jar())
                        .application("shop", shop.path())
                        .application("manager", distribution.application("manager"))
                        .property("holdfast.node", "n1")
                        .property("holdfast.redis", redis.uri().toString())
                        .property("holdfast.timeout", "5s")
                        .start()) {
            Browser user = new Browser();
            user.get(node, "/shop/cart?do=set&name=card&value=" + CARD);
            String id = user.sessionId();
            String name = ShownSession.nameOf(SessionId.parse(id));
            Operator operator = new Operator(node);

            String list = operator.get("");
            assertThat(operator.get("&action=none"))
                    .contains("1 active Sessions")
                    .contains(name);
            String detail = operator.get("&action=sessionDetail&sessionId=" + name + "&sessionType=Primary");

            assertThat(detail)
                    .contains("Details for Session " + name)
                    .contains("card")
                    .contains("not shown");
            assertThat(list + detail).doesNotContain(id).doesNotContain(CARD);
            assertThat(user.get(node, "/shop/cart?do=peek").body()).isEqualTo("old card=" + CARD);
            assertThat(operator.post("&action=invalidateSessions&sessionIds=" + name))
                    .contains("1 sessions invalidated");
            assertThat(user.get(node, "/shop/cart?do=peek").body()).isEqualTo("none");
        }
    }

    /** Each page of the Manager application has a number that the next request must bring. */
    private static final class Operator {
        private final Browser browser = new Browser();
        private final TomcatProcess node;
        private String nonce = "";

        Operator(TomcatProcess node) {
            this.node = node;
            send("GET", "/manager/html");
        }

        String get(String what) {
            return send("GET", path(what));
        }

        String post(String what) {
            return send("POST", path(what));
        }

        private String path(String what) {
            return "/manager/html/sessions?path=/shop&version=&org.apache.catalina.filters.CSRF_NONCE=" + nonce + what;
        }

        private String send(String method, String path) {
            String login = Base64.getEncoder().encodeToString("operator:engine".getBytes(StandardCharsets.US_ASCII));
            Answer answer = browser.request(node, method, path)
                    .header("Authorization", "Basic " + login)
                    .send();
            assertThat(answer.status()).as(path + answer.body()).isEqualTo(200);
            Matcher found = NONCE.matcher(answer.body());
            assertThat(found.find()).as("a nonce in " + answer.body()).isTrue();
            nonce = found.group(1);
            return answer.body();
        }
    }
}
