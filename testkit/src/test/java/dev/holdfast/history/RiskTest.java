package dev.holdfast.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Answers at risk are a class of their own. */
class RiskTest {
    private static final long NEVER = Long.MAX_VALUE;

    @Test
    void toABrowserThatStaysAtItsNodeItIsAsGoodAsAny() {
        Story story = Story.begun()
                .sends(Action.INCREMENT, "n")
                .sees("n", "1")
                .reads()
                .sees("n", "0");

        assertThat(violations(atRisk(story, 1), NEVER)).isNotEmpty();
    }

    @Test
    void toABrowserThatMovesItMayHaveBeenGivenUp() {
        Story story = Story.begun()
                .sends(Action.INCREMENT, "n")
                .sees("n", "1")
                .reads()
                .to("n2")
                .sees("n", "0");
        List<Event> history = atRisk(story, 1);

        assertThat(violations(history, NEVER)).isEmpty();
        assertThat(Risk.loose(history, NEVER)).isEqualTo(1);
    }

    @Test
    void whatWasSavedBeforeTheBrowserMovedIsThere() {
        Story story = Story.begun()
                .sends(Action.INCREMENT, "n")
                .sees("n", "1")
                .reads()
                .to("n2")
                .sees("n", "0");
        List<Event> history = atRisk(story, 1);
        long saved = history.get(1).span().end();

        assertThat(violations(history, saved)).isNotEmpty();
        assertThat(Risk.loose(history, saved)).isZero();
    }

    @Test
    void changeThatWasAcknowledgedOtherwiseIsNoneOfThem() {
        Story story = Story.begun()
                .sends(Action.INCREMENT, "n")
                .sees("n", "1")
                .sends(Action.INCREMENT, "n")
                .sees("n", "2")
                .reads()
                .to("n2")
                .sees("n", "0");

        assertThat(violations(atRisk(story, 2), NEVER)).isNotEmpty();
    }

    private static List<Event> atRisk(Story story, int index) {
        List<Event> events = new ArrayList<>(story.events());
        Event event = events.get(index);
        events.set(index, new Event(event.call(), event.span(), event.node(), event.outcome(), event.seen(), true));
        return events;
    }

    private static List<Violation> violations(List<Event> history, long settled) {
        return Judge.judge(Risk.judged(history, settled)).violations();
    }
}
