package dev.holdfast.history;

import dev.holdfast.history.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A browser stays in its session, and the session keeps its id until somebody asks for another one. */
final class IdentityRule implements Rule {
    @Override
    public void check(Life life, Findings findings) {
        List<Event> starts = life.own(Action.START);
        for (Event look : life.own(Event::acknowledged)) {
            if (look.alive()) {
                checkBirth(starts, look, findings);
            } else {
                checkAbsence(life, starts, look, findings);
            }
        }
        checkIds(life, findings);
    }

    private static void checkBirth(List<Event> starts, Event look, Findings findings) {
        String born = look.seen().born();
        if (born.isEmpty()
                || starts.stream().anyMatch(start -> start.call().token().equals(born))) {
            return;
        }
        List<Event> proof = new ArrayList<>(starts);
        proof.add(look);
        if (born.equals(Seen.NOTHING)) {
            findings.add(Kind.NEW_SESSION, "the browser got an empty session in place of its own", proof);
        } else {
            findings.add(Kind.FOREIGN_SESSION, "the browser is in the session " + born, proof);
        }
    }

    private static void checkAbsence(Life life, List<Event> starts, Event look, Findings findings) {
        Optional<Event> start = starts.stream()
                .filter(event -> event.alive() && event.before(look))
                .findFirst();
        boolean ended = !life.own(event -> event.span().start() < look.span().end() && mayHaveEnded(event, look))
                .isEmpty();
        if (start.isEmpty() || ended) {
            return;
        }
        List<Event> proof = new ArrayList<>(List.of(start.get(), look));
        proof.addAll(life.own(event -> event.action().givesId() && event.before(look)));
        findings.add(Kind.LOST_SESSION, "the session was not found, and nobody has ended it", proof);
    }

    /** Logged out; or its id may have become one that this request did not send. */
    private static boolean mayHaveEnded(Event event, Event look) {
        return switch (event.action()) {
            case LOG_OUT -> true;
            case CHANGE_ID, LOG_IN -> !event.acknowledged() || event.span().overlaps(look.span());
            default -> false;
        };
    }

    private static void checkIds(Life life, Findings findings) {
        Zones zones = new Zones();
        Map<String, Event> givers = new HashMap<>();
        List<Event> alive = life.own(Event::alive);
        alive.stream()
                .filter(IdentityRule::hasGivenAnId)
                .forEach(event -> givers.putIfAbsent(event.seen().id(), event));
        List<Event> unknown = new ArrayList<>(life.own(event -> event.action().givesId() && !event.acknowledged()));
        for (Event look : alive) {
            Event giver = givers.computeIfAbsent(look.seen().id(), id -> takeUnknown(unknown, look));
            if (giver == null) {
                findings.add(Kind.CHANGED_ID, "nobody has asked for this id", List.of(look));
                return;
            }
            if (giver.span().start() > look.span().end()) {
                findings.add(Kind.CHANGED_ID, "the session has this id before it was given", List.of(look, giver));
                return;
            }
            zones.add(look.seen().id(), look, look.span());
        }
        zones.conflicts(
                (ids, events) -> findings.add(Kind.CHANGED_ID, "the session's id changed and changed back", events));
    }

    /** A login of somebody who is logged in, by a request whose answer was lost, leaves the id as it is. */
    private static boolean hasGivenAnId(Event event) {
        return event.action() == Action.START
                || (event.action().givesId()
                        && !event.call().sentId().equals(event.seen().id()));
    }

    /** An answer that was lost may have given the id. */
    private static Event takeUnknown(List<Event> unknown, Event look) {
        Optional<Event> giver = unknown.stream()
                .filter(event -> event.span().start() < look.span().end())
                .findFirst();
        giver.ifPresent(unknown::remove);
        return giver.orElse(null);
    }
}
