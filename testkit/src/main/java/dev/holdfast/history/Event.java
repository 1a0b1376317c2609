package dev.holdfast.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A request and what became of it.
 *
 * @param node where it was sent
 * @param seen what the answer tells; null unless it is acknowledged
 * @param atRisk whether the node said that what it acknowledged, or told, is in its memory only: Redis was away
 */
public record Event(Call call, Span span, String node, Outcome outcome, Seen seen, boolean atRisk) {
    /** How a request ended. */
    public enum Outcome {
        /** Answered whole, with a success: it has been done, and for good. */
        ACKNOWLEDGED,
        /** 503: it may or may not have been done, now or later. */
        REFUSED,
        /** No answer, or one that broke off: the same. */
        ABORTED,
        /** Anything else, which an application must never see. */
        FAILED
    }

    private static final int SHOWN_OF_ID = 8;

    /** One that Redis was there for. */
    public Event(Call call, Span span, String node, Outcome outcome, Seen seen) {
        this(call, span, node, outcome, seen, false);
    }

    public Event {
        if ((outcome == Outcome.ACKNOWLEDGED) != (seen != null)) {
            throw new IllegalArgumentException("What was seen belongs to an acknowledged answer: " + call);
        }
    }

    boolean acknowledged() {
        return outcome == Outcome.ACKNOWLEDGED;
    }

    Action action() {
        return call.action();
    }

    /** Whether the answer told of a living session. */
    boolean alive() {
        return acknowledged() && seen.alive();
    }

    /** Whether it was told that there is no session. */
    boolean noSession() {
        return acknowledged() && !seen.alive();
    }

    /** When its change takes effect: at the latest with its answer if that acknowledges it, else at any time. */
    Span effect() {
        return alive() ? span : new Span(span.start(), Long.MAX_VALUE);
    }

    /**
     * When the application may have been at work on it: a node that was paused goes on after the browser has given up.
     */
    Span execution() {
        return outcome == Outcome.ABORTED ? new Span(span.start(), Long.MAX_VALUE) : span;
    }

    boolean before(Event other) {
        return span.before(other.span);
    }

    /** One line for a person: what, when in milliseconds, where, and how it ended. */
    String describe(long origin) {
        List<String> words = new ArrayList<>();
        words.add(String.format("[%.1f..%.1f ms]", (span.start() - origin) / 1e6, (span.end() - origin) / 1e6));
        words.add(node);
        words.add(call.action() + (call.copied() ? " (copied cookies)" : ""));
        if (!call.name().isEmpty()) {
            words.add(call.name());
        }
        if (!call.token().isEmpty()) {
            words.add(call.token());
        }
        words.add("sent id " + shortened(call.sentId()));
        words.add(outcome + (atRisk ? " at risk" : ""));
        if (noSession()) {
            words.add("no session");
        } else if (alive()) {
            words.add("id " + shortened(seen.id()));
            if (!seen.born().isEmpty()) {
                words.add("born " + seen.born());
            }
            if (!seen.user().isEmpty()) {
                words.add("user " + seen.user());
            }
            Map<String, String> values = new TreeMap<>(seen.values());
            words.add(values.toString());
        }
        return String.join(" ", words);
    }

    private static String shortened(String id) {
        return id.isEmpty() ? "none" : id.length() > SHOWN_OF_ID ? id.substring(0, SHOWN_OF_ID) + "…" : id;
    }
}
