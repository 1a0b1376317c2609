package dev.holdfast.history;

import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what browsers have sent and seen, and says what of it must not be.
 *
 * <p>What counts is real time: a request that was sent after another one's answer had arrived must see what that answer
 * told or acknowledged. Requests that overlap may have happened in either order. A request that was refused, or whose
 * answer never came, has happened once or not at all, at any time after it was sent.
 */
public final class Judge {
    private static final List<Rule> RULES = List.of(
            new IdentityRule(),
            new EndRule(),
            new LoginRule(),
            new CounterRule(),
            new CollectionRule(),
            new ValueRule(),
            new PairRule());

    private Judge() {}

    /**
     * What the judge says.
     *
     * @param lives how many sessions there were
     * @param excused how often something was seen that requests of one session at one node may do to each other in any
     *     container
     */
    public record Verdict(int lives, int excused, List<Violation> violations) {}

    /** Judges a whole history; the order of the events in the list does not matter. */
    public static Verdict judge(List<Event> history) {
        Map<String, List<Event>> lives = new LinkedHashMap<>();
        history.forEach(event -> lives.computeIfAbsent(event.call().life(), life -> new ArrayList<>())
                .add(event));
        List<Violation> violations = new ArrayList<>();
        int excused = 0;
        for (Map.Entry<String, List<Event>> entry : lives.entrySet()) {
            Life life = new Life(entry.getKey(), entry.getValue());
            Findings findings = new Findings(life.name());
            for (Event event : life.all()) {
                if (event.outcome() == Outcome.FAILED) {
                    findings.add(Kind.UNEXPECTED_ANSWER, "neither a success nor a 503", List.of(event));
                }
            }
            RULES.forEach(rule -> rule.check(life, findings));
            violations.addAll(findings.violations());
            excused += findings.excused();
        }
        violations.addAll(idsUsedAgain(history));
        return new Verdict(lives.size(), excused, violations);
    }

    private static List<Violation> idsUsedAgain(List<Event> history) {
        Map<String, Event> owners = new HashMap<>();
        List<Violation> violations = new ArrayList<>();
        for (Event event : history) {
            if (!event.alive()) {
                continue;
            }
            Event owner = owners.putIfAbsent(event.seen().id(), event);
            if (owner != null && !owner.call().life().equals(event.call().life())) {
                violations.add(new Violation(
                        Kind.ID_USED_AGAIN,
                        event.call().life(),
                        "its id was the one of " + owner.call().life(),
                        Life.inOrder(List.of(owner, event))));
            }
        }
        return violations;
    }
}
