package dev.holdfast.check;

import dev.holdfast.session.Shown;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.Set;

/** Says what was seen, each thing once and on a line of its own. Confined to one thread. */
final class Report {
    private final PrintWriter out;
    private final Set<String> said = new HashSet<>();
    private int findings;

    Report(PrintWriter out) {
        this.out = out;
    }

    /** What is as it should be. */
    void fact(String line) {
        if (said.add(line)) {
            out.println(Shown.line(line));
        }
    }

    /** What is wrong, and what to do. */
    void finding(String line) {
        if (said.add(line)) {
            findings++;
            out.println("Finding: " + Shown.line(line));
        }
    }

    int findings() {
        return findings;
    }
}
