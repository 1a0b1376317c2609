package dev.holdfast.history;

import dev.holdfast.history.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * A value that is set without being read is the last one that was acknowledged or seen, or one that was under way
 * since.
 */
final class ValueRule implements Rule {
    @Override
    public void check(Life life, Findings findings) {
        Set<String> values = new TreeSet<>(life.names(Action.PUT));
        values.addAll(life.names(Action.DROP));
        for (String pair : life.names(Action.PUT_BOTH)) {
            values.add(Call.first(pair));
            values.add(Call.second(pair));
        }
        values.forEach(value -> check(life, value, findings));
    }

    private static void check(Life life, String value, Findings findings) {
        List<Event> puts =
                life.own(event -> !event.noSession() && !event.call().put(value).isEmpty());
        List<Event> drops = life.own(
                event -> event.action() == Action.DROP && event.call().name().equals(value) && !event.noSession());
        Zones zones = new Zones();
        puts.forEach(put -> zones.add(put.call().put(value), put, put.effect()));
        drops.stream().filter(Event::alive).forEach(drop -> zones.add(removalBy(drop), drop, drop.span()));
        List<Event> empty = new ArrayList<>();
        for (Event look : life.looks(value)) {
            String token = look.seen().value(value);
            if (token.equals(Seen.NOTHING)) {
                empty.add(look);
            } else if (checkOrigin(value, token, puts, look, findings)) {
                zones.add(token, look, look.span());
            }
        }
        zones.conflicts((tokens, events) -> findings.add(
                Kind.STALE_VALUE, value + " cannot have been in this order: " + String.join(", ", tokens), events));
        empty.forEach(look -> checkEmpty(value, puts, drops, zones, look, life, findings));
    }

    private static String removalBy(Event drop) {
        return "removed at " + drop.span().start();
    }

    private static boolean checkOrigin(String value, String token, List<Event> puts, Event look, Findings findings) {
        Event put = puts.stream()
                .filter(event -> event.call().put(value).equals(token))
                .findFirst()
                .orElse(null);
        if (put == null) {
            findings.add(Kind.PHANTOM_VALUE, value + " is " + token + ", which nobody has set", List.of(look));
            return false;
        }
        if (put.span().start() > look.span().end()) {
            findings.add(Kind.PHANTOM_VALUE, value + " is " + token + " before it was set", List.of(look, put));
            return false;
        }
        return true;
    }

    /** There must be a removal, or the beginning, with no setting certainly between it and this answer. */
    private static void checkEmpty(
            String value, List<Event> puts, List<Event> drops, Zones zones, Event look, Life life, Findings findings) {
        boolean never = puts.stream().noneMatch(put -> knownBefore(put, value, look, life));
        boolean removed = drops.stream()
                .anyMatch(drop -> drop.span().start() < look.span().end()
                        && puts.stream()
                                .noneMatch(put ->
                                        drop.effect().before(put.span()) && knownBefore(put, value, look, life)));
        if ((!never && !removed) || zones.occupied(look.span())) {
            List<Event> proof = new ArrayList<>(
                    puts.stream().filter(put -> put.alive() && put.before(look)).toList());
            proof.add(look);
            findings.add(
                    Kind.LOST_VALUE,
                    value + " is not there, and nobody has removed it since",
                    proof.subList(Math.max(0, proof.size() - 3), proof.size()));
        }
    }

    /** Whether a setting had certainly been done before an answer was asked for. */
    private static boolean knownBefore(Event put, String value, Event look, Life life) {
        return (put.alive() && put.before(look))
                || life.looks(value).stream()
                        .anyMatch(other -> other.before(look)
                                && Objects.equals(
                                        other.seen().value(value), put.call().put(value)));
    }
}
