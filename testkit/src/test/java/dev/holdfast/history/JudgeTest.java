package dev.holdfast.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.history.Judge.Verdict;
import dev.holdfast.history.Violation.Kind;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The judge finds each kind of violation that it claims to find, and nothing where there is none. */
class JudgeTest {

    // ---- bad histories

    /** No default: a kind without a history does not compile. */
    private static List<Story> bad(Kind kind) {
        return switch (kind) {
            case LOST_INCREMENT ->
                List.of(
                        increments("1", "1"),
                        increments("1", "2").reads().sees("n", "0"),
                        // Seen by a read, then made again from the number before.
                        Story.begun()
                                .sends(Action.INCREMENT, "n")
                                .breaksOff()
                                .reads()
                                .sees("n", "1")
                                .sends(Action.INCREMENT, "n")
                                .sees("n", "1"),
                        parallelIncrementsOfOneNumber(),
                        // It is no excuse that the session ends just then: who has not seen the other's change is
                        // refused.
                        incrementsOfOneNumberBesideALogout());
            case REPEATED_INCREMENT ->
                List.of(
                        increments("1").reads().sees("n", "2"),
                        Story.begun()
                                .sends(Action.INCREMENT, "n")
                                .isRefused()
                                .reads()
                                .sees("n", "2"));
            case STALE_COUNTER ->
                List.of(Story.begun()
                        .sends(Action.INCREMENT, "n")
                        .isRefused()
                        .reads()
                        .sees("n", "1")
                        .reads()
                        .sees("n", "0"));
            case LOST_ELEMENT ->
                List.of(
                        added("x").reads().sees("list", "-"),
                        added("x").sends(Action.ADD, "list", "y").sees("list", "y"),
                        Story.begun()
                                .sends(Action.ADD, "set", "x")
                                .breaksOff()
                                .reads()
                                .sees("set", "x")
                                .reads()
                                .sees("set", "-"));
            case PHANTOM_ELEMENT ->
                List.of(
                        added("x").reads().sees("list", "x,y"),
                        added("x")
                                .reads()
                                .sees("list", "x,y")
                                .sends(Action.ADD, "list", "y")
                                .sees("list", "x,y"));
            case REPEATED_ELEMENT -> List.of(added("x").reads().sees("list", "x,x"));
            case RETURNED_ELEMENT ->
                List.of(
                        added("x")
                                .sends(Action.TAKE, "list", "x")
                                .sees("list", "-")
                                .reads()
                                .sees("list", "x"),
                        added("x")
                                .sends(Action.TAKE, "list", "x")
                                .isRefused()
                                .reads()
                                .sees("list", "-")
                                .reads()
                                .sees("list", "x"));
            case REORDERED_ELEMENTS ->
                List.of(added("x").sends(Action.ADD, "list", "y").sees("list", "y,x"));
            case STALE_VALUE ->
                List.of(
                        put("1", "2").reads().sees("r", "1"),
                        put("1").sends(Action.PUT, "r", "2")
                                .isRefused()
                                .reads()
                                .sees("r", "2")
                                .reads()
                                .sees("r", "1"),
                        put("1").sends(Action.DROP, "r").sees().reads().sees("r", "1"),
                        lateSettingThatGoesBack());
            case PHANTOM_VALUE ->
                List.of(
                        put("1").reads().sees("r", "2"),
                        put("1").reads()
                                .sees("r", "2")
                                .sends(Action.PUT, "r", "2")
                                .sees());
            case LOST_VALUE ->
                List.of(
                        put("1").reads().sees("r", "-"),
                        put("1").sends(Action.DROP, "r")
                                .sees()
                                .sends(Action.PUT, "r", "2")
                                .sees()
                                .reads()
                                .sees("r", "-"));
            case TORN_PAIR ->
                List.of(Story.begun()
                        .sends(Action.PUT_BOTH, "pair", "1")
                        .isRefused()
                        .reads()
                        .sees("pair.1", "1", "pair.2", "-"));
            case LOST_SESSION ->
                List.of(
                        Story.begun().reads().seesNoSession(),
                        Story.begun()
                                .sends(Action.CHANGE_ID, "")
                                .isIn("id-2")
                                .sendsId("id-2")
                                .reads()
                                .seesNoSession());
            case NEW_SESSION -> List.of(Story.begun().reads().isBorn("-"));
            case FOREIGN_SESSION -> List.of(Story.begun().reads().isBorn("browser-2"));
            case CHANGED_ID ->
                List.of(
                        Story.begun().reads().isIn("id-2"),
                        Story.begun()
                                .sends(Action.CHANGE_ID, "")
                                .isIn("id-2")
                                .reads()
                                .isIn("id-2")
                                .reads()
                                .isIn("id-1"));
            case ID_USED_AGAIN ->
                List.of(Story.begun()
                        .sends(Action.LOG_OUT, "")
                        .sees()
                        .life("browser-1/2", "")
                        .sends(Action.START, "", "browser-1/2")
                        .isIn("id-1"));
            case SERVED_AFTER_END ->
                List.of(
                        Story.begun().sends(Action.LOG_OUT, "").sees().reads().sees(),
                        Story.begun()
                                .sends(Action.LOG_OUT, "")
                                .sees()
                                .later(EndRule.GRACE)
                                .copySends(Action.READ, "")
                                .sees(),
                        Story.begun()
                                .sends(Action.CHANGE_ID, "")
                                .isIn("id-2")
                                .later(EndRule.GRACE)
                                .copySends(Action.READ, "")
                                .sees());
            case CHANGED_AFTER_END ->
                List.of(
                        Story.begun()
                                .sends(Action.LOG_OUT, "")
                                .sees()
                                .sends(Action.INCREMENT, "n")
                                .sees("n", "1"),
                        Story.begun()
                                .sends(Action.LOG_OUT, "")
                                .sees()
                                .copySends(Action.INCREMENT, "n")
                                .sees("n", "1"));
            case LOST_LOGIN ->
                List.of(
                        loggedIn().reads().isUser("-"),
                        Story.begun()
                                .sends(Action.LOG_IN, "")
                                .breaksOff()
                                .reads()
                                .isUser("ada")
                                .reads()
                                .isUser("-"));
            case UNASKED_LOGIN ->
                List.of(
                        Story.begun().reads().isUser("ada"),
                        Story.begun()
                                .reads()
                                .isUser("ada")
                                .sends(Action.LOG_IN, "")
                                .isUser("ada"));
            case UNEXPECTED_ANSWER -> List.of(Story.begun().reads().fails());
        };
    }

    @Test
    void loginThatLeavesTheIdAsItIsHasNotGivenIt() {
        Story story = new Story()
                .sends(Action.START, "", "browser-1")
                .breaksOff()
                .sends(Action.INCREMENT, "n")
                .sees("n", "1")
                .sends(Action.LOG_IN, "")
                .isUser("ada");

        assertThat(kinds(story)).isEmpty();
    }

    private static Story increments(String... results) {
        Story story = Story.begun();
        for (String result : results) {
            story.sends(Action.INCREMENT, "n").sees("n", result);
        }
        return story;
    }

    private static Story parallelIncrementsOfOneNumber() {
        Story story = Story.begun();
        Story.Sent one = story.sends(Action.INCREMENT, "n");
        Story.Sent other = story.sends(Action.INCREMENT, "n").to("n2");
        one.sees("n", "1");
        return other.sees("n", "1");
    }

    private static Story incrementsOfOneNumberBesideALogout() {
        Story story = Story.begun();
        Story.Sent one = story.sends(Action.INCREMENT, "n");
        Story.Sent other = story.sends(Action.INCREMENT, "n").to("n2");
        Story.Sent logout = story.sends(Action.LOG_OUT, "");
        one.sees("n", "1");
        other.sees("n", "1");
        return logout.sees();
    }

    private static Story added(String token) {
        return Story.begun().sends(Action.ADD, "list", token).sees("list", token);
    }

    private static Story put(String... tokens) {
        Story story = Story.begun();
        for (String token : tokens) {
            story.sends(Action.PUT, "r", token).sees();
        }
        return story;
    }

    private static Story lateSettingThatGoesBack() {
        Story story = put("1");
        Story.Sent late = story.sends(Action.PUT, "r", "2");
        story.reads().sees("r", "2").reads().sees("r", "1");
        return late.sees();
    }

    private static Story loggedIn() {
        return Story.begun().sends(Action.LOG_IN, "").isUser("ada");
    }

    @ParameterizedTest
    @EnumSource
    void findsEveryKindInEachOfItsHistories(Kind kind) {
        for (Story story : bad(kind)) {
            // A counter that has lost an increment may also have gone back.
            assertThat(kinds(story))
                    .contains(kind)
                    .allMatch(found -> found == kind || (kind == Kind.LOST_INCREMENT && found == Kind.STALE_COUNTER));
        }
    }

    private static List<Kind> kinds(Story story) {
        return Judge.judge(story.events()).violations().stream()
                .map(Violation::kind)
                .toList();
    }

    // ---- good histories

    static Stream<Arguments> good() {
        return Stream.of(
                Arguments.of("refused increments count once or not at all", refusedIncrements()),
                Arguments.of("parallel increments in either order", parallelIncrements()),
                Arguments.of("a refused element may come late, and then stays", lateElement()),
                Arguments.of("a set has no order", setWithoutOrder()),
                Arguments.of("an element is taken, seen or not by a parallel request", parallelTaking()),
                Arguments.of("a refused setting may take effect after a later one", lateSetting()),
                Arguments.of("parallel answers see the setting and the one before", parallelSetting()),
                Arguments.of("a removed value is not there, and comes with the next setting", removals()),
                Arguments.of("a removal that was refused may have been done", refusedRemoval()),
                Arguments.of("the id changes, and a request under way with the old one finds nothing", idChanges()),
                Arguments.of("an id whose answer was lost", lostId()),
                Arguments.of("a session may be gone after a logout that was refused", refusedLogout()),
                Arguments.of("the next session of a browser after its logout", nextSession()),
                Arguments.of("copied cookies are served for less than two seconds", copiedCookies()),
                Arguments.of("a request that overlaps the logout may be served", parallelLogout()),
                Arguments.of("a login that another request does not know yet", parallelLogin()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void good(String title, Story story) {
        assertThat(Judge.judge(story.events()).violations()).as(title).isEmpty();
    }

    private static Story refusedIncrements() {
        return Story.begun()
                .sends(Action.INCREMENT, "n")
                .isRefused()
                .sends(Action.INCREMENT, "n")
                .breaksOff()
                .reads()
                .sees("n", "1")
                .reads()
                .sees("n", "2")
                .sends(Action.INCREMENT, "n")
                .sees("n", "3");
    }

    private static Story parallelIncrements() {
        Story story = Story.begun();
        Story.Sent one = story.sends(Action.INCREMENT, "n");
        Story.Sent other = story.sends(Action.INCREMENT, "n");
        Story.Sent read = story.reads();
        one.sees("n", "2");
        read.sees("n", "0");
        return other.sees("n", "1").reads().sees("n", "2");
    }

    private static Story lateElement() {
        return Story.begun()
                .sends(Action.ADD, "list", "x")
                .isRefused()
                .reads()
                .sees("list", "-")
                .sends(Action.ADD, "list", "y")
                .sees("list", "y")
                .reads()
                .sees("list", "y,x")
                .reads()
                .sees("list", "y,x");
    }

    private static Story setWithoutOrder() {
        return Story.begun()
                .sends(Action.ADD, "set", "x")
                .sees("set", "x")
                .sends(Action.ADD, "set", "y")
                .sees("set", "y,x");
    }

    private static Story parallelTaking() {
        Story story = added("x");
        Story.Sent take = story.sends(Action.TAKE, "list", "x");
        Story.Sent one = story.reads();
        Story.Sent other = story.reads();
        take.sees("list", "-");
        one.sees("list", "x");
        return other.sees("list", "-");
    }

    private static Story lateSetting() {
        return put("1").sends(Action.PUT, "r", "2")
                .breaksOff()
                .sends(Action.PUT, "r", "3")
                .sees()
                .reads()
                .sees("r", "3")
                .reads()
                .sees("r", "2");
    }

    private static Story parallelSetting() {
        Story story = put("1");
        Story.Sent set = story.sends(Action.PUT, "r", "2");
        Story.Sent one = story.reads();
        Story.Sent other = story.reads();
        set.sees();
        one.sees("r", "2");
        return other.sees("r", "1").reads().sees("r", "2");
    }

    private static Story removals() {
        return put("1").sends(Action.DROP, "r")
                .sees()
                .reads()
                .sees("r", "-")
                .sends(Action.PUT, "r", "2")
                .sees()
                .reads()
                .sees("r", "2");
    }

    private static Story refusedRemoval() {
        return put("1").sends(Action.DROP, "r")
                .isRefused()
                .reads()
                .sees("r", "1")
                .reads()
                .sees("r", "-");
    }

    private static Story idChanges() {
        Story story = Story.begun();
        Story.Sent read = story.reads();
        story.sends(Action.CHANGE_ID, "").isIn("id-2");
        return read.seesNoSession().sendsId("id-2").reads().isIn("id-2");
    }

    private static Story lostId() {
        return Story.begun()
                .sends(Action.CHANGE_ID, "")
                .breaksOff()
                .reads()
                .isIn("id-1")
                .reads()
                .isIn("id-2")
                .reads()
                .seesNoSession();
    }

    private static Story refusedLogout() {
        return Story.begun()
                .sends(Action.LOG_OUT, "")
                .isRefused()
                .reads()
                .sees()
                .reads()
                .seesNoSession();
    }

    private static Story nextSession() {
        return Story.begun()
                .sends(Action.LOG_OUT, "")
                .sees()
                .reads()
                .seesNoSession()
                .life("browser-1/2", "id-1")
                .sends(Action.START, "", "browser-1/2")
                .isIn("id-2");
    }

    private static Story copiedCookies() {
        return Story.begun()
                .sends(Action.LOG_OUT, "")
                .sees()
                .later(EndRule.GRACE.minus(Duration.ofMillis(100)))
                .copySends(Action.READ, "")
                .sees()
                .copySends(Action.INCREMENT, "n")
                .isRefused()
                .later(EndRule.GRACE)
                .copySends(Action.READ, "")
                .seesNoSession();
    }

    private static Story parallelLogout() {
        Story story = Story.begun();
        Story.Sent one = story.sends(Action.INCREMENT, "n");
        Story.Sent other = story.sends(Action.INCREMENT, "n");
        story.sends(Action.LOG_OUT, "").sees();
        one.sees("n", "1");
        return other.seesNoSession();
    }

    private static Story parallelLogin() {
        Story story = Story.begun();
        Story.Sent read = story.reads();
        Story.Sent late = story.reads();
        story.sends(Action.LOG_IN, "").isUser("ada");
        read.isUser("-");
        return late.isUser("ada").reads().isUser("ada");
    }

    // ---- limits and words

    @Test
    void halfAPairIsExcusedOnlyWhileItsRequestSharesTheSessionWithANeighbour() {
        assertThat(halfAPair("n1").excused()).isOne();
        assertThat(halfAPair("n1").violations()).isEmpty();
        assertThat(halfAPair("n2").excused()).isZero();
        assertThat(halfAPair("n2").violations()).extracting(Violation::kind).containsExactly(Kind.TORN_PAIR);
    }

    private static Verdict halfAPair(String nodeOfNeighbour) {
        Story story = Story.begun();
        Story.Sent pair = story.sends(Action.PUT_BOTH, "pair", "1");
        Story.Sent neighbour = story.sends(Action.INCREMENT, "n").to(nodeOfNeighbour);
        neighbour.sees("n", "1");
        story.reads().to("n3").sees("pair.1", "1", "pair.2", "-");
        pair.sees();
        return Judge.judge(story.events());
    }

    @Test
    void historyOfSeveralBrowsersIsJudgedEachForItself() {
        Story story = increments("1").life("browser-2", "");
        story.sends(Action.START, "", "browser-2").isIn("id-2").sendsId("id-2");
        story.sends(Action.INCREMENT, "n").sees("n", "1");

        Verdict verdict = Judge.judge(story.events());

        assertThat(verdict.violations()).isEmpty();
        assertThat(verdict.lives()).isEqualTo(2);
    }

    @Test
    void violationNamesTheRequestsThatProveItInTheirOrder() {
        List<Violation> violations = Judge.judge(put("1").sends(Action.PUT, "r", "2")
                        .sees()
                        .reads()
                        .sees("r", "1")
                        .events())
                .violations();

        assertThat(violations).singleElement().hasToString("""
                STALE_VALUE in browser-1: r cannot have been in this order: 1, 2
                    [0.0..1.0 ms] n1 PUT r 1 sent id id-1 ACKNOWLEDGED id id-1 born browser-1 {}
                    [2.0..3.0 ms] n1 PUT r 2 sent id id-1 ACKNOWLEDGED id id-1 born browser-1 {}
                    [4.0..5.0 ms] n1 READ sent id id-1 ACKNOWLEDGED id id-1 born browser-1 {r=1}""");
    }
}
