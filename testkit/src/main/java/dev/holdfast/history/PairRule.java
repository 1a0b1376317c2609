package dev.holdfast.history;

import dev.holdfast.history.Violation.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Two values that one request sets are both there or both not.
 *
 * <p>Excused is what a container does, too: a request that shares the session with a neighbour at its node is seen when
 * it has done one half, because the neighbour's answer took that half along.
 */
final class PairRule implements Rule {
    @Override
    public void check(Life life, Findings findings) {
        for (String pair : life.names(Action.PUT_BOTH)) {
            String first = Call.first(pair);
            String second = Call.second(pair);
            for (Event look : life.looks(first)) {
                if (!look.seen().has(second)
                        || look.seen().value(first).equals(look.seen().value(second))) {
                    continue;
                }
                List<Event> writers = life.own(event -> event.action() == Action.PUT_BOTH
                        && (event.call().token().equals(look.seen().value(first))
                                || event.call().token().equals(look.seen().value(second))));
                boolean shared = writers.stream()
                        .anyMatch(writer -> writer.effect().overlaps(look.span()) && life.hadNeighbour(writer));
                if (shared) {
                    findings.excuse();
                    continue;
                }
                List<Event> proof = new ArrayList<>(writers);
                proof.add(look);
                findings.add(Kind.TORN_PAIR, "only one half of " + pair + " is there", proof);
            }
        }
    }
}
