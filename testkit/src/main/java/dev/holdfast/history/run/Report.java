package dev.holdfast.history.run;

import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Judge.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a run has come to. */
public final class Report {
    private final Plan plan;
    private final List<Event> events;
    private final Tally tally;
    private final Map<String, Long> counters;
    private final Verdict verdict;

    Report(Plan plan, List<Event> events, Tally tally, Map<String, Long> counters, Verdict verdict) {
        this.plan = plan;
        this.events = events;
        this.tally = tally;
        this.counters = counters;
        this.verdict = verdict;
    }

    public Verdict verdict() {
        return verdict;
    }

    public long operations() {
        return events.size();
    }

    /** How many requests ended in this way. */
    public long of(Outcome outcome) {
        return events.stream().filter(event -> event.outcome() == outcome).count();
    }

    /** How many answers the nodes said to be at risk. */
    public long atRisk() {
        return events.stream().filter(Event::atRisk).count();
    }

    /** What the nodes have counted under this name. */
    public long counter(String name) {
        return counters.getOrDefault(name, 0L);
    }

    /**
     * The longest time from a request to its answer, of requests whose browser sent no other meanwhile: those wait for
     * each other inside the application, too.
     */
    public Duration longestAlone() {
        Map<String, List<Event>> lives = events.stream()
                .collect(Collectors.groupingBy(event -> event.call().life()));
        return Duration.ofNanos(events.stream()
                .filter(event -> event.outcome() != Outcome.ABORTED)
                .filter(event -> lives.get(event.call().life()).stream()
                        .noneMatch(other -> !other.equals(event) && other.span().overlaps(event.span())))
                .mapToLong(event -> event.span().end() - event.span().start())
                .max()
                .orElse(0));
    }

    /** How often a node took a session over from another one. */
    public long takeovers() {
        return tally.takeovers.sum();
    }

    /** How often a fault happened. */
    public long of(Fault fault) {
        return tally.of(fault);
    }

    @Override
    public String toString() {
        return "History " + plan.title() + " (" + plan.pace() + "), seed " + plan.seed() + ", "
                + plan.time().toSeconds() + " s: "
                + operations() + " requests in " + verdict.lives() + " sessions, "
                + of(Outcome.ACKNOWLEDGED) + " acknowledged, " + of(Outcome.REFUSED) + " refused, "
                + of(Outcome.ABORTED) + " without answer, "
                + (atRisk() == 0 ? "" : atRisk() + " at risk, ")
                + takeovers() + " takeovers, " + tally.bursts + " pages of parallel requests, "
                + tally.redispatched + " sent to the other node, "
                + (tally.succeeded.sum() == 0 ? "" : tally.succeeded + " to one that took its name, ")
                + "faults: " + tally.faults() + "; "
                + "the nodes counted " + new TreeMap<>(counters) + "; "
                + verdict.excused() + " excused, " + verdict.violations().size() + " violations";
    }
}
