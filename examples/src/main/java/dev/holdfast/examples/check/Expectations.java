package dev.holdfast.examples.check;

import dev.holdfast.examples.check.Event.Answered;
import dev.holdfast.examples.check.Event.Refused;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one customer may expect to see, from what was acknowledged to it so far. */
final class Expectations {

    /** What is known of an item; each has a name that is used once. */
    private enum Item {
        /** Its adding was refused: it is there at most once. */
        MAYBE_ADDED,
        /** It is there once. */
        ADDED,
        /** Its removal was refused: it is there at most once. */
        MAYBE_REMOVED,
        /** It is not there. */
        REMOVED
    }

    private final String customer;
    private final Map<String, Item> items = new LinkedHashMap<>();
    private final Set<String> lostAdds = new HashSet<>();
    private final Set<String> lostRemovals = new HashSet<>();
    private final List<String> findings = new ArrayList<>();
    private int acknowledged;
    private @Nullable String user;
    private boolean loginLost;

    Expectations(String customer) {
        this.customer = customer;
    }

    void acknowledge(Answered answered) {
        Attempt attempt = answered.attempt();
        switch (attempt.action()) {
            case LOG_IN -> user = attempt.subject();
            case ADD -> {
                items.put(attempt.subject(), Item.ADDED);
                acknowledged++;
            }
            case REMOVE -> {
                items.put(attempt.subject(), Item.REMOVED);
                acknowledged++;
            }
            case READ -> {}
        }
    }

    /** The request may or may not have been executed. */
    void doubt(Refused refused) {
        Attempt attempt = refused.attempt();
        switch (attempt.action()) {
            case ADD -> items.put(attempt.subject(), Item.MAYBE_ADDED);
            case REMOVE -> items.put(attempt.subject(), Item.MAYBE_REMOVED);
            case LOG_IN, READ -> {}
        }
    }

    /** Finds what is missing in the answer, or is there and should not be. */
    void compare(Answered answered) {
        Map<String, Integer> seen = new HashMap<>();
        answered.items().forEach(item -> seen.merge(item, 1, Integer::sum));
        items.forEach((name, known) -> compare(name, known, seen.getOrDefault(name, 0), answered));
        seen.keySet().stream()
                .filter(name -> !items.containsKey(name))
                .forEach(name -> find(answered, "item " + name + " of somebody else is in the cart"));
        if (user != null && !user.equals(answered.user()) && !loginLost) {
            loginLost = true;
            find(answered, "the login of " + user + " is lost");
        }
    }

    private void compare(String name, Item known, int count, Answered answered) {
        if (count > 1) {
            if (known == Item.ADDED) {
                lostAdds.add(name);
            }
            find(answered, "item " + name + " was sent once and is in the cart " + count + " times");
        } else if (known == Item.ADDED && count == 0 && lostAdds.add(name)) {
            find(answered, "item " + name + ", acknowledged, is lost");
        } else if (known == Item.REMOVED && count == 1 && lostRemovals.add(name)) {
            find(answered, "item " + name + ", its removal acknowledged, is back");
        }
    }

    private void find(Answered answered, String finding) {
        findings.add(customer + ", answered by " + answered.node() + ": " + finding);
    }

    /** What is known at this moment. */
    Standing standing() {
        return new Standing(acknowledged, lostAdds.size() + lostRemovals.size(), user != null && !loginLost);
    }

    /**
     * How a customer stands.
     *
     * @param acknowledged changes so far
     * @param lost how many of them are known to be lost
     * @param loggedIn whether it logged in and was known ever since
     */
    record Standing(int acknowledged, int lost, boolean loggedIn) {}

    void addTo(Verdict.Counts counts) {
        counts.acknowledged += acknowledged;
        counts.lost += lostAdds.size() + lostRemovals.size();
        if (user != null) {
            counts.loginsMade++;
            if (!loginLost) {
                counts.loginsKept++;
            }
        }
    }

    List<String> findings() {
        return findings;
    }
}
