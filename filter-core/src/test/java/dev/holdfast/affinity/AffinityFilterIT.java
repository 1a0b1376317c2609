package dev.holdfast.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.affinity.Browser.Answer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter alone in real containers: what a browser sees of the route cookie. */
class AffinityFilterIT {
    @Nested
    class OnTomcat extends Contract {
        @Override
        DemoNode start() throws Exception {
            return TomcatNode.start("n1");
        }
    }

    @Nested
    class OnUndertow extends Contract {
        @Override
        DemoNode start() throws Exception {
            return UndertowNode.start("n1");
        }
    }

    @TestInstance(Lifecycle.PER_CLASS)
    abstract static class Contract {
        private DemoNode node;
        private Browser browser;

        abstract DemoNode start() throws Exception;

        @BeforeAll
        void startNode() throws Exception {
            node = start();
        }

        @AfterAll
        void stopNode() {
            node.close();
        }

        @BeforeEach
        void openBrowser() {
            browser = new Browser(node.port());
        }

        @Test
        void newSessionIsMarkedWithItsNodeAndWithTheAttributesOfItsCookie() throws Exception {
            Answer answer = browser.get("/shop/new");

            assertThat(answer.setCookies("HFROUTE")).hasSize(1);
            assertThat(attributes(answer.setCookies("HFROUTE").get(0)))
                    .isEqualTo(attributes(answer.setCookies("JSESSIONID").get(0)));
            assertThat(browser.cookies()).containsEntry("HFROUTE", "n1");
        }

        @ParameterizedTest
        @ValueSource(strings = {"/shop/plain", "/shop/peek"})
        void responseWithoutSessionGetsNoCookie(String path) throws Exception {
            browser.cookies().put("HFROUTE", "n2");
            browser.cookies().put("JSESSIONID", "unknown");

            assertThat(browser.get(path).setCookies()).isEmpty();
        }

        @Test
        void cookieThatNamesTheNodeIsLeftAlone() throws Exception {
            browser.get("/shop/new");

            Answer answer = browser.get("/shop/new");

            assertThat(answer.body()).isEqualTo("count 2");
            assertThat(answer.setCookies()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"/shop/new?control=public,max-age=60", "/shop/public"})
        void answerThatCachesMayKeepTellsThemToKeepItWithoutTheCookie(String path) throws Exception {
            Answer answer = browser.get(path);

            assertThat(answer.setCookies("HFROUTE")).hasSize(1);
            assertThat(String.join(", ", answer.headers("Cache-Control"))).endsWith(", no-cache=\"Set-Cookie\"");
            assertThat(browser.get(path).headers("Cache-Control"))
                    .as("of an answer that sets no cookie")
                    .noneMatch(value -> value.contains("Set-Cookie"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"/shop/new", "/shop/new?control=private,max-age=60", "/shop/new?control=no-store"})
        void answerOfOneBrowserIsLeftAlone(String path) throws Exception {
            assertThat(browser.get(path).headers("Cache-Control")).noneMatch(value -> value.contains("Set-Cookie"));
        }

        @Test
        void sessionThatIsNotUsedGetsNoCookie() throws Exception {
            browser.get("/shop/new");
            browser.cookies().remove("HFROUTE");

            assertThat(browser.get("/shop/plain").setCookies()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"n2", "", "..", "ID.n1", "'n1'", "n1|n2"})
        void cookieThatNamesAnotherNodeIsCorrected(String value) throws Exception {
            browser.get("/shop/new");
            browser.cookies().put("HFROUTE", value);

            Answer answer = browser.get("/shop/peek");

            assertThat(answer.body()).isEqualTo("session: true");
            assertThat(browser.cookies()).containsEntry("HFROUTE", "n1");
        }

        @Test
        void cookieOfAbsurdLengthKeepsTheSessionReachable() throws Exception {
            browser.get("/shop/new");
            browser.cookies().put("HFROUTE", "x".repeat(2000));

            assertThat(browser.get("/shop/new").body()).isEqualTo("count 2");
            assertThat(browser.cookies()).containsEntry("HFROUTE", "n1");
        }

        @Test
        void balancerThatDoesNotFollowTheCookieIsNotAnsweredForEver() throws Exception {
            browser.get("/shop/new");
            int corrected = 0;
            for (int i = 0; i < 10; i++) {
                browser.cookies().put("HFROUTE", "n2");
                corrected += browser.get("/shop/new").setCookies("HFROUTE").size();
            }

            assertThat(corrected).isEqualTo(3);
        }

        @ParameterizedTest
        @ValueSource(strings = {"/shop/logout", "/shop/logout-flush"})
        void endOfTheSessionExpiresTheCookie(String path) throws Exception {
            browser.get("/shop/new");

            Answer answer = browser.get(path);

            assertThat(answer.setCookies("HFROUTE")).hasSize(1);
            assertThat(browser.cookies()).doesNotContainKey("HFROUTE");
        }

        @Test
        void sessionThatBeginsAndEndsInOneRequestLeavesNoCookie() throws Exception {
            Answer answer = browser.get("/shop/logout");

            assertThat(answer.setCookies("HFROUTE")).hasSizeLessThanOrEqualTo(1);
            assertThat(browser.cookies()).doesNotContainKey("HFROUTE");
        }

        @Test
        void newSessionInPlaceOfTheOldOneKeepsTheCookieWithOneHeader() throws Exception {
            browser.get("/shop/new");

            Answer answer = browser.get("/shop/relogin");

            assertThat(answer.setCookies("HFROUTE")).hasSize(1);
            assertThat(answer.setCookies("JSESSIONID")).hasSize(1);
            assertThat(browser.cookies()).containsEntry("HFROUTE", "n1");
        }

        @Test
        void changeOfTheSessionIdIsAUseOfTheSession() throws Exception {
            browser.get("/shop/new");
            browser.cookies().remove("HFROUTE");

            browser.get("/shop/rename");

            assertThat(browser.cookies()).containsEntry("HFROUTE", "n1");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/shop/reset",
                    "/shop/flush",
                    "/shop/redirect",
                    "/shop/forward",
                    "/shop/include",
                    "/shop/error",
                    "/shop/session-error",
                    "/shop/exception",
                    "/shop/async",
                    "/shop/async-dispatch"
                })
        void sessionThatBeginsInAnyKindOfRequestIsMarkedOnce(String path) throws Exception {
            Answer answer = browser.get(path);

            assertThat(answer.body()).doesNotContain("Exception").doesNotContain("Error");
            assertThat(answer.setCookies("HFROUTE")).hasSize(1);
            assertThat(browser.cookies()).containsEntry("HFROUTE", "n1");
        }

        @Test
        void sessionAfterTheFirstByteIsMarkedInTheNextResponse() throws Exception {
            assertThat(browser.get("/shop/late").status()).isEqualTo(200);

            browser.get("/shop/new");

            assertThat(browser.cookies()).containsEntry("HFROUTE", "n1");
        }

        @Test
        void requestThatAContainerModuleHandlesIsLeftAlone() throws Exception {
            Answer answer = browser.get("/shop/new", "X-Handled", "yes");

            assertThat(answer.body()).isEqualTo("count 1");
            assertThat(answer.setCookies("HFROUTE")).isEmpty();
        }

        @Test
        void applicationSeesOneSessionObject() throws Exception {
            assertThat(browser.get("/shop/same").body()).isEqualTo("true true");
        }

        private static Set<String> attributes(String setCookie) {
            return Arrays.stream(setCookie.split("; *", -1))
                    .skip(1)
                    .map(attribute -> attribute.toLowerCase(Locale.ROOT))
                    .collect(Collectors.toSet());
        }
    }
}
