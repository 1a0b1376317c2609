package dev.holdfast.history;

import dev.holdfast.history.Violation.Kind;
import java.time.Duration;
import java.util.List;

/**
 * An ended session, and an id that was given up, stay dead.
 *
 * <p>For the browser that has ended it, at once. For somebody who has copied its cookies before, a node that had the
 * session in memory may go on answering for a while, but nothing that changes it is acknowledged.
 */
final class EndRule implements Rule {
    /** How long a node may go on with a session that was ended elsewhere. */
    static final Duration GRACE = Duration.ofSeconds(2);

    @Override
    public void check(Life life, Findings findings) {
        List<Event> ends = life.own(event -> event.alive()
                && (event.action() == Action.LOG_OUT
                        || (event.action().givesId()
                                && !event.call().sentId().isEmpty()
                                && !event.call().sentId().equals(event.seen().id()))));
        for (Event end : ends) {
            for (Event look : life.all()) {
                if (look.alive() && end.before(look) && isOf(end, look)) {
                    check(end, look, findings);
                }
            }
        }
    }

    /** Whether the answer is one under the id that the other request has ended. */
    private static boolean isOf(Event end, Event look) {
        return end.action() == Action.LOG_OUT
                || (look.call().copied() && look.seen().id().equals(end.call().sentId()));
    }

    private static void check(Event end, Event look, Findings findings) {
        long grace = look.call().copied() ? GRACE.toNanos() : 0;
        if (look.action().changes()) {
            findings.add(Kind.CHANGED_AFTER_END, "a change was acknowledged after the end", List.of(end, look));
        } else if (look.span().start() - end.span().end() >= grace) {
            findings.add(Kind.SERVED_AFTER_END, "it was served after the end", List.of(end, look));
        }
    }
}
