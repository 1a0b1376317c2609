package dev.holdfast.examples.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.examples.check.Attempt.Action;
import dev.holdfast.examples.check.Event.Answered;
import dev.holdfast.examples.check.Event.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Recorded histories, good and bad ones. Times are milliseconds; a request takes five of them. */
class JudgeTest {

    private static final Kill N1_KILLED_AT_100 = new Kill("n1", millis(100), millis(110));

    private final List<Event> events = new ArrayList<>();
    private final List<Kill> kills = new ArrayList<>(List.of(N1_KILLED_AT_100));
    private final Map<String, String> containers = new LinkedHashMap<>();

    JudgeTest() {
        containers.put("n1", "Tomcat");
        containers.put("n2", "Jetty");
    }

    @Test
    void cartAndLoginThatOutliveTheirNodeAreGood() {
        answered(10, "n1", Action.LOG_IN, "ada");
        answered(20, "n1", Action.ADD, "rope", "rope");
        answered(300, "n2", Action.ADD, "tea", "rope", "tea");
        answered(320, "n2", Action.REMOVE, "rope", "tea");
        answered(400, "n2", Action.READ, "", "tea");

        assertThat(verdict().isGood()).isTrue();
        assertThat(verdict().lines())
                .containsExactly(
                        "",
                        "sessions: 1",
                        "kills: 1",
                        "changes acknowledged: 3",
                        "kept: 3",
                        "lost: 0",
                        "logins made: 1",
                        "logins kept: 1",
                        "refused by a kill: 0",
                        "refused otherwise: 0",
                        "longest gap ms: 5",
                        "Tomcat to Jetty: 1 sessions, 2 of 2 changes kept, 1 of 1 logins kept",
                        "Jetty to Tomcat: 0 sessions, 0 of 0 changes kept, 0 of 0 logins kept",
                        "Good: 3 of 3 acknowledged changes and 1 of 1 logins outlived 1 kills,"
                                + " and nothing was refused but by a kill.");
    }

    @Test
    void acknowledgedItemThatIsMissingIsLost() {
        answered(10, "n1", Action.LOG_IN, "ada");
        answered(20, "n1", Action.ADD, "rope", "rope");
        answered(300, "n2", Action.READ, "");

        assertThat(verdict().isGood()).isFalse();
        assertThat(verdict().lines())
                .contains("customer 1, answered by n2: item rope, acknowledged, is lost", "kept: 0", "lost: 1");
    }

    @Test
    void itemThatIsMissingInOneAnswerIsLostEvenIfItComesBack() {
        answered(10, "n1", Action.LOG_IN, "ada");
        answered(20, "n1", Action.ADD, "rope", "rope");
        answered(300, "n2", Action.READ, "");
        answered(310, "n1", Action.READ, "", "rope");

        assertThat(verdict().lines()).contains("lost: 1");
        assertThat(verdict().isGood()).isFalse();
    }

    @Test
    void removedItemThatIsBackIsALostChange() {
        answered(10, "n1", Action.LOG_IN, "ada");
        answered(20, "n1", Action.ADD, "rope", "rope");
        answered(30, "n1", Action.REMOVE, "rope");
        answered(300, "n2", Action.READ, "", "rope");

        assertThat(verdict().lines())
                .contains("customer 1, answered by n2: item rope, its removal acknowledged, is back", "lost: 1");
        assertThat(verdict().isGood()).isFalse();
    }

    @Test
    void changeThatItsOwnAnswerDoesNotShowIsLost() {
        answered(10, "n1", Action.LOG_IN, "ada");
        answered(20, "n1", Action.ADD, "rope");

        assertThat(verdict().lines()).contains("lost: 1");
    }

    @Test
    void whatANodeLosesWhenItGoesOnIsCountedForTheTwo() {
        answered(10, "n1", Action.LOG_IN, "ada");
        answered(20, "n1", Action.ADD, "rope", "rope");
        answered(30, "n1", Action.ADD, "tea", "rope", "tea");
        events.add(new Answered(attempt(300, "n2", Action.ADD, "oil"), "n2", null, List.of("tea", "oil")));

        assertThat(verdict().lines()).contains("Tomcat to Jetty: 1 sessions, 2 of 3 changes kept, 0 of 1 logins kept");
    }

    @Test
    void moveWithoutAKillIsNoTakeover() {
        answered(10, "n2", Action.LOG_IN, "ada");
        answered(300, "n1", Action.READ, "");

        assertThat(verdict().lines()).contains("Jetty to Tomcat: 0 sessions, 0 of 0 changes kept, 0 of 0 logins kept");
    }

    @Test
    void killBeforeTheLastAnswerOfANodeIsNotTheReasonForAMove() {
        answered(120, "n1", Action.LOG_IN, "ada");
        answered(300, "n2", Action.READ, "");

        assertThat(verdict().lines()).contains("Tomcat to Jetty: 0 sessions, 0 of 0 changes kept, 0 of 0 logins kept");
    }

    @Test
    void refusedChangeMayBeThereOrNot() {
        answered(10, "n1", Action.LOG_IN, "ada");
        refused(98, "n1", Action.ADD, "rope");
        refused(105, "n1", Action.ADD, "tea");
        answered(300, "n2", Action.READ, "", "rope");

        assertThat(verdict().isGood()).isTrue();
        assertThat(verdict().lines()).contains("refused by a kill: 2", "refused otherwise: 0");
    }

    @Test
    void changeThatWasExecutedTwiceIsBad() {
        answered(10, "n1", Action.LOG_IN, "ada");
        refused(98, "n1", Action.ADD, "rope");
        answered(300, "n2", Action.READ, "", "rope", "rope");

        assertThat(verdict().isGood()).isFalse();
        assertThat(verdict().lines())
                .contains("customer 1, answered by n2: item rope was sent once and is in the cart 2 times");
    }

    @Test
    void itemOfSomebodyElseIsBad() {
        answered(10, "n1", Action.LOG_IN, "ada");
        answered(20, "n1", Action.READ, "", "anchor");

        assertThat(verdict().isGood()).isFalse();
        assertThat(verdict().lines())
                .contains("customer 1, answered by n1: item anchor of somebody else is in the cart");
    }

    @Test
    void lostLoginIsBadThoughTheCartIsWhole() {
        answered(10, "n1", Action.LOG_IN, "ada");
        answered(20, "n1", Action.ADD, "rope", "rope");
        events.add(new Answered(attempt(300, "n2", Action.READ, ""), "n2", null, List.of("rope")));

        assertThat(verdict().isGood()).isFalse();
        assertThat(verdict().lines())
                .contains(
                        "customer 1, answered by n2: the login of ada is lost",
                        "lost: 0",
                        "logins made: 1",
                        "logins kept: 0");
    }

    @Test
    void customerWhoNeverGotInIsBad() {
        refused(98, "n1", Action.LOG_IN, "ada");

        assertThat(verdict().isGood()).isFalse();
        assertThat(verdict().lines()).contains("logins made: 0", "refused by a kill: 1");
    }

    @Test
    void refusalByANodeThatNobodyKilledIsBad() {
        answered(10, "n2", Action.LOG_IN, "ada");
        refused(104, "n2", Action.ADD, "rope");
        answered(300, "n2", Action.READ, "");

        assertThat(verdict().isGood()).isFalse();
        assertThat(verdict().lines())
                .contains(
                        "customer 1: ADD rope for node n2, after an answer by n2, was refused though no node was killed over it: status 503",
                        "refused by a kill: 0",
                        "refused otherwise: 1");
    }

    @Test
    void refusalOfARequestSentWhenTheNodeWasGoneIsBad() {
        answered(10, "n1", Action.LOG_IN, "ada");
        refused(111, "n1", Action.ADD, "rope");

        assertThat(verdict().lines()).contains("refused by a kill: 0", "refused otherwise: 1");
        assertThat(verdict().isGood()).isFalse();
    }

    @Test
    void refusalOfARequestThatEndedBeforeTheKillIsBad() {
        answered(10, "n1", Action.LOG_IN, "ada");
        refused(90, "n1", Action.ADD, "rope");

        assertThat(verdict().lines()).contains("refused by a kill: 0", "refused otherwise: 1");
    }

    @Test
    void refusalByTheNodeThatStoodInForTheOneInTheCookiesIsOfItsKill() {
        answered(10, "n1", Action.LOG_IN, "ada");
        refused(98, "n2", Action.ADD, "rope");

        assertThat(verdict().lines()).contains("refused by a kill: 1", "refused otherwise: 0");
    }

    @Test
    void gapLastsFromTheFirstRefusedRequestToTheNextAnswer() {
        answered(10, "n1", Action.LOG_IN, "ada");
        refused(98, "n1", Action.ADD, "rope");
        refused(120, "n1", Action.ADD, "tea");
        answered(300, "n2", Action.ADD, "oil", "oil");

        assertThat(verdict().lines()).contains("longest gap ms: 207");
    }

    private Verdict verdict() {
        return Judge.judge(new History(List.of(events), kills, containers));
    }

    private void answered(long at, String node, Action action, String subject, String... items) {
        events.add(new Answered(attempt(at, node, action, subject), node, "ada", Arrays.asList(items)));
    }

    private void refused(long at, String route, Action action, String subject) {
        events.add(new Refused(attempt(at, route, action, subject), "status 503"));
    }

    private static Attempt attempt(long at, String route, Action action, String subject) {
        return new Attempt(action, subject, route, millis(at), millis(at + 5));
    }

    private static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
