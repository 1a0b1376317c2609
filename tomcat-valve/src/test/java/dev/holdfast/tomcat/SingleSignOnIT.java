package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.RedisProcess;
import java.net.http.HttpRequest;
import java.security.Principal;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.catalina.authenticator.SingleSignOn;
import org.apache.catalina.realm.GenericPrincipal;
import org.apache.catalina.realm.RealmBase;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.apache.tomcat.util.descriptor.web.SecurityCollection;
import org.apache.tomcat.util.descriptor.web.SecurityConstraint;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What Tomcat's valve for single sign-on is worth here, as {@code docs/tomcat.md} states it: two applications, two nodes. */
class SingleSignOnIT {
    private static RedisProcess redis;
    private static EmbeddedTomcat n1;
    private static EmbeddedTomcat n2;

    @BeforeAll
    static void start() throws LifecycleException {
        redis = RedisProcess.start();
        n1 = node("n1");
        n2 = node("n2");
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
    }

    private static EmbeddedTomcat node(String name) throws LifecycleException {
        EmbeddedTomcat tomcat = new EmbeddedTomcat();
        for (String path : List.of("/shop", "/bank")) {
            Context context = tomcat.addContext(path);
            context.addParameter("holdfast.node", name);
            context.addParameter("holdfast.redis", redis.uri().toString());
            context.addParameter("holdfast.timeout", "5s");
            guarded(context);
            HoldfastTomcat.install(context);
        }
        tomcat.tomcat().getHost().getPipeline().addValve(new SingleSignOn());
        tomcat.start();
        return tomcat;
    }

    private static void guarded(Context context) {
        context.setRealm(new Users());
        context.setLoginConfig(new LoginConfig("BASIC", "all", null, null));
        context.getPipeline().addValve(new BasicAuthenticator());
        context.addSecurityRole("customer");
        SecurityCollection all = new SecurityCollection();
        all.addPattern("/who");
        SecurityConstraint constraint = new SecurityConstraint();
        constraint.addCollection(all);
        constraint.addAuthRole("customer");
        context.addConstraint(constraint);
        Page.add(context, "/who", (request, response) -> {
            request.getSession();
            response.getWriter().print(request.getRemoteUser());
        });
        Page.add(context, "/enter", (request, response) -> request.getSession());
        Page.add(context, "/leave", (request, response) -> request.getSession().invalidate());
    }

    private static final class Users extends RealmBase {
        @Override
        protected String getPassword(String username) {
            return username.equals("ada") ? "secret" : null;
        }

        @Override
        protected Principal getPrincipal(String username) {
            return new GenericPrincipal(username, List.of("customer"));
        }
    }

    /** The browsers of one user: an application's cookies go to that application only, the valve's to all. */
    private static final class User {
        private static final String COOKIE = "JSESSIONIDSSO";

        private final Browser shop = new Browser();
        private final Browser bank = new Browser();

        private Browser share(Browser to, Browser from) {
            String ticket = from.cookies.get(COOKIE);
            if (ticket == null) {
                to.cookies.remove(COOKIE);
            } else {
                to.cookies.put(COOKIE, ticket);
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
                        .send(HttpRequest.newBuilder(n1.uri("/shop/who"))
                                .header("Authorization", "Basic YWRhOnNlY3JldA=="))
                        .body())
                .isEqualTo("ada");
        assertThat(user.shop().cookies).containsKey(User.COOKIE);
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

        assertThat(user.bank.get(n1.uri("/bank/who")).statusCode()).isEqualTo(401);
    }

    @Test
    void onAnotherNodeTheUserIsLoggedInWhereThePasswordWasGivenAndNowhereElse() {
        User user = loggedInAtShop();
        assertThat(user.bank().get(n1.uri("/bank/who")).body()).isEqualTo("ada");

        assertThat(user.bank().get(n2.uri("/bank/who")).statusCode()).isEqualTo(401);
        assertThat(user.shop().get(n2.uri("/shop/who")).body()).isEqualTo("ada");

        // The node does not know the ticket, and takes it away.
        assertThat(user.shop().cookies).doesNotContainKey(User.COOKIE);
        assertThat(user.shop().get(n1.uri("/shop/who")).body()).isEqualTo("ada");
    }
}
