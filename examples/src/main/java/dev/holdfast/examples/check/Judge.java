package dev.holdfast.examples.check;

import dev.holdfast.examples.check.Event.Answered;
import dev.holdfast.examples.check.Event.Refused;
import java.util.ArrayList;
import java.util.List;

/**
 * Says what a history is worth. It holds every answer, not only the last one, against all that was acknowledged to the
 * same customer before it.
 */
final class Judge {

    private Judge() {}

    static Verdict judge(History history) {
        Verdict.Counts counts = new Verdict.Counts();
        Takeovers takeovers = new Takeovers(history.containers());
        List<String> findings = new ArrayList<>();
        for (int i = 0; i < history.customers().size(); i++) {
            List<Event> events = history.customers().get(i);
            Expectations expected = new Expectations("customer " + (i + 1));
            String lastNode = "none";
            Answered last = null;
            for (Event event : events) {
                if (event instanceof Answered answered) {
                    Expectations.Standing before = expected.standing();
                    expected.acknowledge(answered);
                    expected.compare(answered);
                    if (last != null && wasKilledBetween(last, answered, history.kills())) {
                        takeovers.add(last.node(), answered.node(), before, expected.standing());
                    }
                    last = answered;
                    lastNode = answered.node();
                } else if (event instanceof Refused refused) {
                    expected.doubt(refused);
                    if (isOfAKill(refused.attempt(), lastNode, history.kills())) {
                        counts.refusedByKill++;
                    } else {
                        counts.refusedOtherwise++;
                        findings.add(refused(i, refused, lastNode));
                    }
                }
            }
            expected.addTo(counts);
            findings.addAll(expected.findings());
            counts.longestGap = Math.max(counts.longestGap, longestGap(events));
        }
        return new Verdict(history.customers().size(), history.kills().size(), counts, takeovers.lines(), findings);
    }

    /**
     * Whether the request was under way to a node while that node was killed, which takes some milliseconds. That node
     * is the one that the cookies name, or, while they name one that was down, the one that answered last.
     */
    private static boolean isOfAKill(Attempt attempt, String lastNode, List<Kill> kills) {
        return kills.stream()
                .anyMatch(kill ->
                        (attempt.route() == null || attempt.route().equals(kill.node()) || lastNode.equals(kill.node()))
                                && attempt.sentAt() <= kill.goneAt()
                                && attempt.endedAt() >= kill.startedAt());
    }

    /** Whether the node of the earlier answer was killed before the later answer was there. */
    private static boolean wasKilledBetween(Answered earlier, Answered later, List<Kill> kills) {
        return kills.stream()
                .anyMatch(kill -> kill.node().equals(earlier.node())
                        && kill.goneAt() >= earlier.attempt().sentAt()
                        && kill.startedAt() <= later.attempt().endedAt());
    }

    private static String refused(int customer, Refused refused, String lastNode) {
        Attempt attempt = refused.attempt();
        return "customer " + (customer + 1) + ": " + attempt.action() + " " + attempt.subject() + " for node "
                + attempt.route() + ", after an answer by " + lastNode
                + ", was refused though no node was killed over it: " + refused.reason();
    }

    /** The longest time from sending the first request that did not succeed, or a slow one, to the next success. */
    private static long longestGap(List<Event> events) {
        long longest = 0;
        long waitingSince = -1;
        for (Event event : events) {
            if (waitingSince < 0) {
                waitingSince = event.attempt().sentAt();
            }
            longest = Math.max(longest, event.attempt().endedAt() - waitingSince);
            if (event instanceof Answered) {
                waitingSince = -1;
            }
        }
        return longest;
    }
}
