package dev.holdfast.history;

import dev.holdfast.history.Event.Outcome;
import java.util.List;

/**
 * The class of answers that a node gave at risk: what they acknowledge or tell is in the memory of that node only,
 * because Redis was away.
 *
 * <p>To a browser that stays at its node such an answer is as good as any: it is judged as one. If a request of the
 * same session was at another node before that was saved, the other node may have shown the state before it, and may
 * have changed what it stands on, so that it was given up: it is judged as one that was refused, which may have been
 * done or not.
 */
public final class Risk {
    private Risk() {}

    /** Whether an answer is one that may be given up, with all that was seen in it. */
    private static boolean isLoose(Event event, List<Event> history, long settled) {
        return event.atRisk()
                && history.stream()
                        .anyMatch(
                                other -> other.call().life().equals(event.call().life())
                                        && !other.node().equals(event.node())
                                        && other.span().end() > event.span().start()
                                        && other.span().start() < settled);
    }

    /** How many answers at risk may have been given up. */
    public static long loose(List<Event> history, long settled) {
        return history.stream()
                .filter(event -> isLoose(event, history, settled))
                .count();
    }

    /**
     * The history as the judge is to read it.
     *
     * @param settled since when no node owed Redis anything, by the clock of the events
     */
    public static List<Event> judged(List<Event> history, long settled) {
        return history.stream()
                .map(event -> isLoose(event, history, settled)
                        ? new Event(event.call(), event.span(), event.node(), Outcome.REFUSED, null, true)
                        : event)
                .toList();
    }
}
