package dev.holdfast.history;

import dev.holdfast.history.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A counter holds every acknowledged increment once, and each of the others once or not at all.
 *
 * <p>So an answer shows at least the increments that were acknowledged before it was asked for, at most those that were
 * asked for before it ended, and never less than an answer before it; and no two increments start from one number.
 */
final class CounterRule implements Rule {
    private static final int SHOWN = 4;

    @Override
    public void check(Life life, Findings findings) {
        for (String counter : life.names(Action.INCREMENT)) {
            List<Event> increments = life.own(event ->
                    event.action() == Action.INCREMENT && event.call().name().equals(counter));
            List<Event> looks = life.looks(counter);
            looks.forEach(look -> checkBounds(counter, increments, look, findings));
            checkTwins(counter, increments, findings);
            checkOrder(counter, looks, findings);
        }
    }

    private static void checkBounds(String counter, List<Event> increments, Event look, Findings findings) {
        List<Event> sure = increments.stream()
                .filter(increment -> increment.alive() && increment.before(look))
                .toList();
        List<Event> possible = increments.stream()
                .filter(increment -> !increment.noSession()
                        && increment.span().start() < look.span().end())
                .toList();
        long number = look.seen().number(counter);
        if (number < sure.size()) {
            findings.add(
                    Kind.LOST_INCREMENT,
                    counter + " is " + number + " after " + sure.size() + " acknowledged increments",
                    withLast(sure, look));
        }
        if (number > possible.size()) {
            findings.add(
                    Kind.REPEATED_INCREMENT,
                    counter + " is " + number + " after " + possible.size() + " increments, refused ones included",
                    withLast(possible, look));
        }
    }

    private static List<Event> withLast(List<Event> increments, Event look) {
        List<Event> shown =
                new ArrayList<>(increments.subList(Math.max(0, increments.size() - SHOWN), increments.size()));
        shown.add(look);
        return shown;
    }

    private static void checkTwins(String counter, List<Event> increments, Findings findings) {
        Map<Long, Event> byResult = new HashMap<>();
        for (Event increment : increments) {
            if (increment.alive()) {
                long result = increment.seen().number(counter);
                Event twin = byResult.putIfAbsent(result, increment);
                if (twin != null) {
                    findings.add(
                            Kind.LOST_INCREMENT,
                            "two acknowledged increments made " + counter + " " + result,
                            List.of(twin, increment));
                }
            }
        }
    }

    private static void checkOrder(String counter, List<Event> looks, Findings findings) {
        for (Event look : looks) {
            Event highest = null;
            for (Event earlier : looks) {
                if (earlier.before(look)
                        && (highest == null
                                || earlier.seen().number(counter)
                                        > highest.seen().number(counter))) {
                    highest = earlier;
                }
            }
            if (highest == null) {
                continue;
            }
            long before = highest.seen().number(counter);
            long now = look.seen().number(counter);
            if (now < before) {
                findings.add(
                        Kind.STALE_COUNTER,
                        counter + " is " + now + " after an answer with " + before,
                        List.of(highest, look));
            } else if (now == before
                    && look.action() == Action.INCREMENT
                    && look.call().name().equals(counter)
                    && highest.action() != Action.INCREMENT) {
                findings.add(
                        Kind.LOST_INCREMENT,
                        "an increment made " + counter + " " + now + ", which it had been before",
                        List.of(highest, look));
            }
        }
    }
}
