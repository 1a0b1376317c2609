package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.SessionId;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An application that logs in by itself and has no login-config: nobody asks for the session before it does. */
class UserQuestionsIT {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start((name, redis) -> new EmbeddedNode(
            name, redis, Map.of("holdfast.timeout", "1s", "holdfast.outage", "refuse"), UserQuestionsIT::application));

    private static final RedisProcess redis = nodes.redis();
    private static final EmbeddedNode n1 = nodes.n1();
    private static final EmbeddedNode n2 = nodes.n2();

    private static void application(Context context) {
        context.setRealm(new OneUser("ada", "buyer"));
        Page.add(context, "/enter", (request, response) -> {
            request.getSession();
            request.login("ada", "secret");
        });
        Page.add(context, "/name", (request, response) -> response.getWriter().print(request.getRemoteUser()));
        Page.add(context, "/anyone", (request, response) -> response.getWriter().print(request.isUserInRole("**")));
        Page.add(context, "/buyer", (request, response) -> response.getWriter().print(request.isUserInRole("buyer")));
        Page.add(context, "/flush", (request, response) -> {
            request.getSession().setAttribute("x", new ArrayList<>(List.of("changed")));
            response.getWriter().print("half a page");
            response.flushBuffer();
        });
        Page.add(context, "/sorry", (request, response) -> {
            response.setStatus(200);
            response.getWriter().print("sorry");
        });
        ErrorPage page = new ErrorPage();
        page.setErrorCode(500);
        page.setLocation("/sorry");
        context.addErrorPage(page);
    }

    private static Browser ada() {
        Browser browser = new Browser();
        assertThat(browser.get(n1.uri("/enter")).status()).isEqualTo(200);
        return browser;
    }

    @Test
    void madeUpSessionMakesNobodyAUser() {
        Browser browser = new Browser();
        browser.cookies().put("JSESSIONID", SessionId.random().value());

        assertThat(browser.get(n1.uri("/anyone")).body()).isEqualTo("false");
        assertThat(browser.get(n1.uri("/name")).body()).isEqualTo("null");
    }

    @Test
    void userIsKnownOnTheOtherNodeWhateverIsAskedFirst() {
        assertThat(ada().get(n2.uri("/anyone")).body()).isEqualTo("true");
        assertThat(ada().get(n2.uri("/name")).body()).isEqualTo("ada");
        assertThat(ada().get(n2.uri("/buyer")).body()).isEqualTo("true");
    }

    @Test
    void errorPageOfTheApplicationDoesNotHideARefusedChange() {
        Browser browser = ada();
        redis.pause();
        try {
            Answer answer = browser.get(n1.uri("/flush"));

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("Retry-After")).isEqualTo("1");
            assertThat(answer.body()).doesNotContain("half a page").doesNotContain("sorry");
        } finally {
            redis.resume();
        }
        // Nodes that have taken Redis for away look for it twice a second: the next test is to find them as this one.
        for (EmbeddedNode node : List.of(n1, n2)) {
            await().until(() -> new Browser().get(node.uri("/enter")).status() == 200);
        }
    }
}
