package dev.holdfast.history;

import java.util.ArrayList;
import java.util.List;

/** Collects what the rules find in one life. */
final class Findings {
    private final String life;
    private final List<Violation> violations = new ArrayList<>();
    private int excused;

    Findings(String life) {
        this.life = life;
    }

    void add(Violation.Kind kind, String text, List<Event> events) {
        violations.add(new Violation(kind, life, text, Life.inOrder(events)));
    }

    /** Something that is an honest limit: requests of one browser at one node share the session. */
    void excuse() {
        excused++;
    }

    List<Violation> violations() {
        return violations;
    }

    int excused() {
        return excused;
    }
}
