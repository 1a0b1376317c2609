package dev.holdfast.examples.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What went over from a killed node to another one, summed over all customers for each two of the nodes. */
final class Takeovers {

    private record Pair(String from, String to) {}

    private final Map<Pair, Sums> sums = new LinkedHashMap<>();
    private final Map<String, String> containers;

    /**
     * None so far.
     *
     * @param containers the container of each node by the node's name
     */
    Takeovers(Map<String, String> containers) {
        this.containers = containers;
        for (String from : containers.keySet()) {
            for (String to : containers.keySet()) {
                if (!from.equals(to)) {
                    sums.put(new Pair(from, to), new Sums());
                }
            }
        }
    }

    /**
     * A customer whose last answer had come from the node that was killed was answered by another one.
     *
     * @param before how the customer stood before that answer
     * @param after how it stood with it
     */
    void add(String from, String to, Expectations.Standing before, Expectations.Standing after) {
        Sums pair = sums.get(new Pair(from, to));
        if (pair == null) {
            return;
        }
        pair.sessions++;
        // What was lost before is no loss of this node; the change of this answer is one that it has to show.
        pair.changes += after.acknowledged() - before.lost();
        pair.changesKept += after.acknowledged() - after.lost();
        if (before.loggedIn()) {
            pair.logins++;
            if (after.loggedIn()) {
                pair.loginsKept++;
            }
        }
    }

    /** A line for each two nodes. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        sums.forEach((pair, sum) -> lines.add(containers.get(pair.from()) + " to " + containers.get(pair.to()) + ": "
                + sum.sessions + " sessions, " + sum.changesKept + " of " + sum.changes + " changes kept, "
                + sum.loginsKept + " of " + sum.logins + " logins kept"));
        return lines;
    }

    private static final class Sums {
        private int sessions;
        private int changes;
        private int changesKept;
        private int logins;
        private int loginsKept;
    }
}
