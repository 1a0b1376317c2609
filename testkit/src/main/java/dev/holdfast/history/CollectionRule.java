package dev.holdfast.history;

import dev.holdfast.history.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A collection that is changed in place holds each element that was added and not taken, once; what was neither
 * acknowledged nor seen may be missing, and may come late. A name that ends in {@code set} has no order.
 */
final class CollectionRule implements Rule {
    @Override
    public void check(Life life, Findings findings) {
        for (String collection : life.names(Action.ADD)) {
            List<Event> looks = life.looks(collection);
            Map<String, Event> adds = byToken(life, Action.ADD, collection);
            Map<String, Event> takes = byToken(life, Action.TAKE, collection);
            looks.forEach(look -> checkOrigin(collection, adds, look, findings));
            for (Map.Entry<String, Event> add : adds.entrySet()) {
                checkPresence(collection, add.getValue(), takes.get(add.getKey()), looks, findings);
            }
            if (!collection.endsWith("set")) {
                looks.forEach(look -> checkOrder(collection, adds, look, findings));
            }
        }
    }

    private static Map<String, Event> byToken(Life life, Action action, String collection) {
        Map<String, Event> events = new HashMap<>();
        life.own(event -> event.action() == action && event.call().name().equals(collection) && !event.noSession())
                .forEach(event -> events.put(event.call().token(), event));
        return events;
    }

    private static void checkOrigin(String collection, Map<String, Event> adds, Event look, Findings findings) {
        List<String> elements = look.seen().elements(collection);
        for (int i = 0; i < elements.size(); i++) {
            String token = elements.get(i);
            Event add = adds.get(token);
            if (add == null) {
                findings.add(
                        Kind.PHANTOM_ELEMENT, token + ", which nobody has added, is in " + collection, List.of(look));
            } else if (add.span().start() > look.span().end()) {
                findings.add(
                        Kind.PHANTOM_ELEMENT,
                        token + " is in " + collection + " before it was added",
                        List.of(look, add));
            } else if (elements.indexOf(token) < i) {
                findings.add(
                        Kind.REPEATED_ELEMENT,
                        token + ", added once, is in " + collection + " more than once",
                        List.of(add, look));
            }
        }
    }

    private static void checkPresence(String collection, Event add, Event take, List<Event> looks, Findings findings) {
        String token = add.call().token();
        List<Event> present = new ArrayList<>(looks.stream()
                .filter(look -> look.seen().elements(collection).contains(token))
                .toList());
        if (add.alive()) {
            present.add(add);
        }
        List<Event> absent = new ArrayList<>(looks.stream()
                .filter(look -> !look.seen().elements(collection).contains(token))
                .toList());
        for (Event look : absent) {
            Event proof = first(present, look);
            if (proof != null
                    && (take == null || take.span().start() > look.span().end())) {
                findings.add(
                        Kind.LOST_ELEMENT,
                        token + " is no longer in " + collection + ", and nobody has taken it out",
                        List.of(add, proof, look));
            }
        }
        if (take == null) {
            return;
        }
        List<Event> gone = new ArrayList<>();
        if (take.alive()) {
            gone.add(take);
        }
        // Missing after it was there: the taking has been done, acknowledged or not.
        absent.stream().filter(look -> first(present, look) != null).forEach(gone::add);
        for (Event look : present) {
            Event proof = first(gone, look);
            if (proof != null) {
                findings.add(
                        Kind.RETURNED_ELEMENT,
                        token + " is in " + collection + " again after it was taken out",
                        List.of(add, take, proof, look));
            }
        }
    }

    private static Event first(List<Event> some, Event before) {
        return some.stream().filter(event -> event.before(before)).findFirst().orElse(null);
    }

    private static void checkOrder(String collection, Map<String, Event> adds, Event look, Findings findings) {
        List<Event> order = look.seen().elements(collection).stream()
                .map(adds::get)
                .filter(add -> add != null)
                .toList();
        for (int i = 0; i < order.size(); i++) {
            for (int j = i + 1; j < order.size(); j++) {
                Event left = order.get(i);
                Event right = order.get(j);
                if (right.alive() && right.before(left)) {
                    findings.add(
                            Kind.REORDERED_ELEMENTS,
                            right.call().token() + " stands behind "
                                    + left.call().token() + " in " + collection + " and was added before it",
                            List.of(right, left, look));
                }
            }
        }
    }
}
