package dev.holdfast.cookie;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouteBySuffixTest {
    private static final String ID = SessionId.random().value();

    private final RouteBySuffix routing = new RouteBySuffix("n1");
    private final FakeExchange exchange = new FakeExchange();

    @Test
    void cookieThatNamesThisNodeIsLeftAlone() {
        exchange.presents(ID + ".n1");

        routing.alive(exchange, ID);

        assertThat(exchange.done).isEmpty();
    }

    @Test
    void oneOfSeveralCookiesThatNamesThisNodeIsEnough() {
        exchange.presents(ID + ".n2", ID + ".n1");

        routing.alive(exchange, ID);

        assertThat(exchange.done).isEmpty();
    }

    @Test
    void cookieThatNamesAnotherNodeOrNoneIsSetAgain() {
        exchange.presents(ID + ".n2");
        routing.alive(exchange, ID);
        exchange.presents(ID);
        routing.alive(exchange, ID);

        assertThat(exchange.done).containsExactly("set " + ID + ".n1", "set " + ID + ".n1");
    }

    /** A cache would give the session to the next browser that asks for the page. */
    @Test
    void answerThatSharedCachesMayKeepDoesNotRepeatTheSessionCookie() {
        exchange.cacheControl = List.of("public, max-age=600");
        for (int i = 0; i < 6; i++) {
            exchange.presents(ID + ".n2");
            routing.alive(exchange, ID);
        }
        assertThat(exchange.done).isEmpty();

        exchange.cacheControl = List.of("private, max-age=600");
        routing.alive(exchange, ID);

        assertThat(exchange.done).containsExactly("set " + ID + ".n1");
    }

    @Test
    void newSessionAndChangedIdGetTheRouteToo() {
        exchange.isNew = true;
        routing.alive(exchange, ID);
        exchange.isNew = false;
        exchange.setsSessionCookie = true;
        routing.alive(exchange, ID);

        assertThat(exchange.done).containsExactly("set " + ID + ".n1", "set " + ID + ".n1");
    }

    @Test
    void sessionThatCameByUrlGetsNoCookie() {
        exchange.presents();

        routing.alive(exchange, ID);

        assertThat(exchange.done).isEmpty();
    }

    /** Round robin behind {@code suffix}: not every answer may set a cookie. */
    @Test
    void sessionThatComesAgainAndAgainWithAnothersRouteKeepsItsCookie() {
        for (int i = 0; i < 6; i++) {
            exchange.presents(ID + ".n2");
            routing.alive(exchange, ID);
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

    private static final class FakeExchange implements CookieExchange {
        private final List<String> done = new ArrayList<>();
        private List<String> presented = List.of();
        private boolean isNew;
        private boolean setsSessionCookie;
        private List<String> cacheControl = List.of();

        private void presents(String... values) {
            presented = List.of(values);
        }

        @Override
        public List<String> presented(String cookie) {
            return cookie.equals(sessionCookie()) ? presented : List.of();
        }

        @Override
        public boolean tracksByCookie() {
            return true;
        }

        @Override
        public @Nullable String sessionId() {
            return ID;
        }

        @Override
        public boolean isNew() {
            return isNew;
        }

        @Override
        public boolean cameWithSessionCookie() {
            return !presented.isEmpty();
        }

        @Override
        public void set(String cookie, String value) {
            throw new AssertionError("another cookie: " + cookie);
        }

        @Override
        public void expire(String cookie) {
            throw new AssertionError("another cookie: " + cookie);
        }

        @Override
        public String sessionCookie() {
            return "JSESSIONID";
        }

        @Override
        public boolean setsSessionCookie() {
            return setsSessionCookie;
        }

        @Override
        public void setSessionCookie(String value) {
            done.add("set " + value);
        }

        @Override
        public void setSessionCookieAt(String path, String value) {
            throw new AssertionError("another path: " + path);
        }

        @Override
        public List<String> headers(String name) {
            return name.equals("Cache-Control") ? cacheControl : List.of();
        }

        @Override
        public void addHeader(String name, String value) {
            throw new AssertionError("another header: " + name);
        }

        @Override
        public void expireSessionCookie() {
            done.add("expire");
        }
    }
}
