package dev.holdfast.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which answers a cache between node and browsers may give to another browser. */
class SharedCachesTest {
    private static final String TO_COME = "Wed, 21 Oct 2037 07:28:00 GMT";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "public",
                "Public, max-age=86400",
                "no-transform,public",
                "max-age=600",
                "max-age=\"600\"",
                "max-age = 600",
                "must-revalidate, max-age=1",
                "s-maxage=0",
                "S-MaxAge=600, max-age=0",
                "private=\"X-User\", max-age=60",
                "no-cache=\"X-User\", max-age=60",
                "public, no-cache",
            })
    void answerThatIsPublicOrHasALifeTimeMayBeKept(String cacheControl) {
        assertThat(SharedCaches.mayKeep(List.of(cacheControl), List.of())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "private",
                "private, max-age=600",
                "public, no-store",
                "No-Store",
                "no-cache",
                "no-cache, max-age=600",
                "max-age=0",
                "max-age=00",
                "max-age",
                "max-age=soon",
                "must-revalidate",
                "x-public",
                "ext=\"public, max-age=60\"",
            })
    void answerThatIsOneBrowsersOrLivesNoTimeIsNotKept(String cacheControl) {
        assertThat(SharedCaches.mayKeep(List.of(cacheControl), List.of())).isFalse();
    }

    @Test
    void severalHeadersCountAsOne() {
        assertThat(SharedCaches.mayKeep(List.of("max-age=60", "private"), List.of()))
                .isFalse();
        assertThat(SharedCaches.mayKeep(List.of("must-revalidate", "public"), List.of()))
                .isTrue();
    }

    @Test
    void dateIsALifeTimeWhereNothingElseGivesOne() {
        assertThat(SharedCaches.mayKeep(List.of(), List.of(TO_COME))).isTrue();
        assertThat(SharedCaches.mayKeep(List.of("must-revalidate"), List.of(TO_COME)))
                .isTrue();
        assertThat(SharedCaches.mayKeep(List.of("max-age=0"), List.of(TO_COME))).isFalse();
        assertThat(SharedCaches.mayKeep(List.of("private"), List.of(TO_COME))).isFalse();
        assertThat(SharedCaches.mayKeep(List.of("no-cache"), List.of(TO_COME))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 26 Jul 1997 05:00:00 GMT"})
    void dateThatMeansNeverIsNoLifeTime(String expires) {
        assertThat(SharedCaches.mayKeep(List.of(), List.of(expires))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-cache=\"Set-Cookie\"",
                "public, no-cache=\"set-cookie, X-User\"",
                "no-cache=\"X-User,Set-Cookie\", max-age=60",
                "no-cache=Set-Cookie",
            })
    void answerMaySayByItselfThatItsCookiesAreNotKept(String cacheControl) {
        assertThat(SharedCaches.areWithoutCookies(List.of("max-age=60", cacheControl)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"no-cache", "no-cache=\"X-Set-Cookie\"", "no-cache=\"Set-Cookie2\"", "private=\"Set-Cookie\""})
    void othersDoNotSayIt(String cacheControl) {
        assertThat(SharedCaches.areWithoutCookies(List.of(cacheControl))).isFalse();
    }
}
