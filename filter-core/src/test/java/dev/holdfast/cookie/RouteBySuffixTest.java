package dev.holdfast.cookie;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionId;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouteBySuffixTest {
    private static final String ID = SessionId.random().value();

    private final RouteBySuffix routing = new RouteBySuffix("n1");
    private final FakeExchange exchange = new FakeExchange(ID);

    @Test
    void cookieThatNamesThisNodeIsLeftAlone() {
        exchange.presents(ID + ".n1");

        routing.alive(exchange, ID, null);

        assertThat(exchange.done).isEmpty();
    }

    @Test
    void oneOfSeveralCookiesThatNamesThisNodeIsEnough() {
        exchange.presents(ID + ".n2", ID + ".n1");

        routing.alive(exchange, ID, null);

        assertThat(exchange.done).isEmpty();
    }

    @Test
    void cookieThatNamesAnotherNodeOrNoneIsSetAgain() {
        exchange.presents(ID + ".n2");
        routing.alive(exchange, ID, null);
        exchange.presents(ID);
        routing.alive(exchange, ID, null);

        assertThat(exchange.done).containsExactly("set " + ID + ".n1", "set " + ID + ".n1");
    }

    /** A cache would give the session to the next browser that asks for the page. */
    @Test
    void answerThatSharedCachesMayKeepDoesNotRepeatTheSessionCookie() {
        exchange.cacheControl = List.of("public, max-age=600");
        for (int i = 0; i < 6; i++) {
            exchange.presents(ID + ".n2");
            routing.alive(exchange, ID, null);
        }
        assertThat(exchange.done).isEmpty();

        exchange.cacheControl = List.of("private, max-age=600");
        routing.alive(exchange, ID, null);

        assertThat(exchange.done).containsExactly("set " + ID + ".n1");
    }

    @Test
    void newSessionAndChangedIdGetTheRouteToo() {
        exchange.isNew = true;
        routing.alive(exchange, ID, null);
        exchange.isNew = false;
        exchange.setsSessionCookie = true;
        routing.alive(exchange, ID, null);

        assertThat(exchange.done).containsExactly("set " + ID + ".n1", "set " + ID + ".n1");
    }

    @Test
    void sessionThatCameByUrlGetsNoCookie() {
        exchange.presents();

        routing.alive(exchange, ID, null);

        assertThat(exchange.done).isEmpty();
    }

    /** Round robin behind {@code suffix}: not every answer may set a cookie. */
    @Test
    void sessionThatComesAgainAndAgainWithAnothersRouteKeepsItsCookie() {
        for (int i = 0; i < 6; i++) {
            exchange.presents(ID + ".n2");
            routing.alive(exchange, ID, null);
        }

        assertThat(exchange.done).hasSize(3).containsOnly("set " + ID + ".n1");
    }

    @Test
    void endTakesTheCookieOutOfTheBrowser() {
        exchange.presents(ID + ".n2");

        routing.ended(exchange);

        assertThat(exchange.done).containsExactly("expire");
    }

    @Test
    void endOfASessionThatCameByUrlTouchesNoCookie() {
        exchange.presents();

        routing.ended(exchange);

        assertThat(exchange.done).isEmpty();
    }

    @Test
    void sessionThatIsToGoOnElsewhereGetsTheRouteOfItsSuccessor() {
        exchange.presents(ID + ".n1");
        routing.alive(exchange, ID, "n2");
        exchange.presents(ID + ".n2");
        routing.alive(exchange, ID, "n2");
        assertThat(exchange.done).containsExactly("set " + ID + ".n2");

        exchange.cacheControl = List.of("public, max-age=600");
        exchange.presents(ID + ".n1");
        routing.alive(exchange, ID, "n2");
        exchange.presents();
        routing.alive(exchange, ID, "n2");
        assertThat(exchange.done).hasSize(1);

        exchange.cacheControl = List.of();
        exchange.isNew = true;
        routing.alive(exchange, ID, "n2");
        assertThat(exchange.done).containsExactly("set " + ID + ".n2", "set " + ID + ".n2");
    }
}
