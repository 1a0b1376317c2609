package dev.holdfast.history;

import dev.holdfast.history.Violation.Kind;
import java.util.ArrayList;
import java.util.List;

/** Who is logged in stays logged in, and nobody else is. */
final class LoginRule implements Rule {
    @Override
    public void check(Life life, Findings findings) {
        List<Event> logins = life.own(event -> event.action() == Action.LOG_IN && !event.noSession());
        List<Event> known = new ArrayList<>(logins.stream().filter(Event::alive).toList());
        List<Event> looks =
                life.own(event -> event.alive() && !event.seen().user().isEmpty());
        looks.stream().filter(look -> !look.seen().user().equals(Seen.NOTHING)).forEach(known::add);
        for (Event look : looks) {
            if (look.seen().user().equals(Seen.NOTHING)) {
                known.stream()
                        .filter(event -> event.before(look))
                        .findFirst()
                        .ifPresent(event ->
                                findings.add(Kind.LOST_LOGIN, "nobody is logged in any more", List.of(event, look)));
            } else if (logins.stream()
                    .noneMatch(login -> login.span().start() < look.span().end())) {
                findings.add(Kind.UNASKED_LOGIN, look.seen().user() + " has not logged in", List.of(look));
            }
        }
    }
}
