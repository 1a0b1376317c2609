package dev.holdfast.history;

import dev.holdfast.history.Event.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes histories: requests begin and end in the order in which the story tells of it, a millisecond apart. */
final class Story {
    private static final long STEP = Duration.ofMillis(1).toNanos();

    private final List<Event> events = new ArrayList<>();
    private long now;
    private String life = "browser-1";
    private String id = "id-1";

    /** A story whose first browser has begun a session. */
    static Story begun() {
        Story story = new Story();
        story.sends(Action.START, "", story.life).isIn("id-1");
        return story;
    }

    /** From here on the requests are those of another session of a browser, which sends this id. */
    Story life(String name, String sentId) {
        life = name;
        id = sentId;
        return this;
    }

    /** From here on the requests carry this id. */
    Story sendsId(String sent) {
        id = sent;
        return this;
    }

    Story later(Duration time) {
        now += time.toNanos();
        return this;
    }

    /** A request begins; it ends with one of its methods. */
    Sent sends(Action action, String name, String token) {
        return new Sent(new Call(life, action, name, token, false, id), "n1");
    }

    Sent sends(Action action, String name) {
        return sends(action, name, "");
    }

    Sent reads() {
        return sends(Action.READ, "");
    }

    /** The same with cookies that somebody has copied. */
    Sent copySends(Action action, String name) {
        return new Sent(new Call(life, action, name, "", true, id), "n1");
    }

    List<Event> events() {
        return events;
    }

    /** A request that is under way. */
    final class Sent {
        private final Call call;
        private final String node;
        private final long start;

        private Sent(Call call, String node) {
            this.call = call;
            this.node = node;
            now += STEP;
            this.start = now;
        }

        Sent to(String other) {
            now -= STEP;
            return new Sent(call, other);
        }

        /** Answered with names and values, in turn. */
        Story sees(String... values) {
            return ends(new Seen(true, call.sentId(), call.life(), "", map(values)));
        }

        Story isIn(String session) {
            return ends(new Seen(true, session, call.life(), "", Map.of()));
        }

        Story isBorn(String token) {
            return ends(new Seen(true, call.sentId(), token, "", Map.of()));
        }

        Story isUser(String user) {
            return ends(new Seen(true, call.sentId(), call.life(), user, Map.of()));
        }

        Story seesNoSession() {
            return ends(Seen.NO_SESSION);
        }

        Story isRefused() {
            return ends(Outcome.REFUSED, null);
        }

        Story breaksOff() {
            return ends(Outcome.ABORTED, null);
        }

        Story fails() {
            return ends(Outcome.FAILED, null);
        }

        private Story ends(Seen seen) {
            return ends(Outcome.ACKNOWLEDGED, seen);
        }

        private Story ends(Outcome outcome, Seen seen) {
            now += STEP;
            events.add(new Event(call, new Span(start, now), node, outcome, seen));
            return Story.this;
        }
    }

    private static Map<String, String> map(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
