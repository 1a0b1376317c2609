package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.TwoNodes;
import java.net.URI;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.catalina.authenticator.SingleSignOn;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What Tomcat's valve for single sign-on is worth here, as {@code docs/tomcat.md} states it: two applications, two
 * nodes.
 */
class SingleSignOnIT {
    @RegisterExtension
    static final TwoNodes<EmbeddedTomcat> nodes = TwoNodes.start(SingleSignOnIT::node);

    private static final EmbeddedTomcat n1 = nodes.n1();
    private static final EmbeddedTomcat n2 = nodes.n2();

    private static EmbeddedTomcat node(String name, URI redis) throws LifecycleException {
        EmbeddedTomcat tomcat = new EmbeddedTomcat();
        for (String path : List.of("/shop", "/bank")) {
            Context context = tomcat.addContext(path);
            guarded(context);
            EmbeddedTomcat.keepSessions(context, name, redis);
        }
        tomcat.tomcat().getHost().getPipeline().addValve(new SingleSignOn());
        tomcat.start();
        return tomcat;
    }

    private static void guarded(Context context) {
        LoginConfig login = new LoginConfig("BASIC", "all", null, null);
        new OneUser("ada", "customer").guard(context, "/who", login, new BasicAuthenticator());
        Page.add(context, "/who", (request, response) -> {
            request.getSession();
            response.getWriter().print(request.getRemoteUser());
        });
        Page.add(context, "/enter", (request, response) -> request.getSession());
        Page.add(context, "/leave", (request, response) -> request.getSession().invalidate());
    }

    /** The browsers of one user: an application's cookies go to that application only, the valve's to all. */
    private static final class User {
        private static final String COOKIE = "JSESSIONIDSSO";

        private final Browser shop = new Browser();
        private final Browser bank = new Browser();

        private Browser share(Browser to, Browser from) {
            String ticket = from.cookies().get(COOKIE);
            if (ticket == null) {
                to.cookies().remove(COOKIE);
            } else {
                to.cookies().put(COOKIE, ticket);
            }
            return to;
        }

        Browser shop() {
            return shop;
        }

        /** With the ticket that the shop has given. */
        Browser bank() {
            return share(bank, shop);
        }
    }

    private static User loggedInAtShop() {
        User user = new User();
        user.shop().get(n1.uri("/shop/enter")); // a login is kept in the session that there is
        assertThat(user.shop()
                        .request(n1.uri("/shop/who"), "GET")
                        .header("Authorization", "Basic YWRhOnNlY3JldA==")
                        .send()
                        .body())
                .isEqualTo("ada");
        assertThat(user.shop().cookies()).containsKey(User.COOKIE);
        return user;
    }

    @Test
    void onOneNodeALoginIsGoodForTheOtherApplication() {
        User user = loggedInAtShop();

        assertThat(user.bank().get(n1.uri("/bank/who")).body()).isEqualTo("ada");
    }

    @Test
    void onOneNodeTheEndOfOneSessionIsTheEndOfTheOther() {
        User user = loggedInAtShop();
        user.bank().get(n1.uri("/bank/who"));

        user.shop().get(n1.uri("/shop/leave"));

        assertThat(user.bank.get(n1.uri("/bank/who")).status()).isEqualTo(401);
    }

    @Test
    void onAnotherNodeTheUserIsLoggedInWhereThePasswordWasGivenAndNowhereElse() {
        User user = loggedInAtShop();
        assertThat(user.bank().get(n1.uri("/bank/who")).body()).isEqualTo("ada");

        assertThat(user.bank().get(n2.uri("/bank/who")).status()).isEqualTo(401);
        assertThat(user.shop().get(n2.uri("/shop/who")).body()).isEqualTo("ada");

        // The node does not know the ticket, and takes it away.
        assertThat(user.shop().cookies()).doesNotContainKey(User.COOKIE);
        assertThat(user.shop().get(n1.uri("/shop/who")).body()).isEqualTo("ada");
    }
}
