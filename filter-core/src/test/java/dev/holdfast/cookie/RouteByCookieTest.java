package dev.holdfast.cookie;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.affinity.RouteCookie;
import dev.holdfast.session.SessionId;
import org.junit.jupiter.api.Test;

class RouteByCookieTest {
    private static final String ID = SessionId.random().value();

    private final RouteByCookie routing = new RouteByCookie(new RouteCookie("HFROUTE", "", "n1"), () -> "/shop");
    private final FakeExchange exchange = new FakeExchange(ID);

    RouteByCookieTest() {
        exchange.presents(ID);
    }

    @Test
    void cookieThatNamesThisNodeIsLeftAlone() {
        exchange.presentsRoutes("n2", "n1");

        routing.alive(exchange, ID, null);

        assertThat(exchange.done).isEmpty();
    }

    @Test
    void cookieOfAnotherNodeIsSetAgainAndTheSessionCookieRepeatedWhereNoBrowserReadsIt() {
        exchange.presentsRoutes("n2");

        routing.alive(exchange, ID, null);

        assertThat(exchange.done).containsExactly("set HFROUTE=n1", "set at /shop/.holdfast " + ID);
    }

    @Test
    void sessionThatIsToGoOnElsewhereGetsTheRouteOfItsSuccessorOnce() {
        exchange.presentsRoutes("n1");
        routing.alive(exchange, ID, "n2");
        exchange.presentsRoutes("n2");
        routing.alive(exchange, ID, "n2"); // it was under way already

        assertThat(exchange.done).containsExactly("set HFROUTE=n2");
    }

    @Test
    void sessionThatBeginsMayBeginElsewhere() {
        exchange.presents();
        exchange.isNew = true;
        exchange.setsSessionCookie = true;

        routing.alive(exchange, ID, "n2");

        assertThat(exchange.done).containsExactly("set HFROUTE=n2");
    }
}
