package dev.holdfast.history.run;

import java.util.List;

/** How hard browsers are at work. */
public enum Pace {
    /** People who look at each page for a moment. */
    PEOPLE(60, 20, true),
    /** The same, and each answer begins when all its work is done: so it can tell whether that is at risk. */
    ORDERLY_PEOPLE(60, 20, false),
    /**
     * Pages that ask for several things at a time, and hardly anything else: what two requests can do to each other
     * happens often.
     */
    STORM(8, 80, true),
    /** People who wait for each answer, however long it takes, before they ask for anything else. */
    ONE_AT_A_TIME(60, 0, false),
    /** The same, with values of ten million characters. */
    BIG_VALUES(400, 0, false);

    private final int thinkingMillis;
    private final int pagesPercent;

    private final boolean late;

    Pace(int thinkingMillis, int pagesPercent, boolean late) {
        this.thinkingMillis = thinkingMillis;
        this.pagesPercent = pagesPercent;
        this.late = late;
    }

    /** The longest time between two requests, or pages of parallel ones. */
    int thinkingMillis() {
        return thinkingMillis;
    }

    /** Whether some soon press the button again. */
    boolean impatient() {
        return pagesPercent > 0;
    }

    /** What is set without having been read. */
    List<String> names() {
        return this == BIG_VALUES ? List.of(HistoryServlet.BIG) : HistoryServlet.VALUES;
    }

    /** Whether some answers begin before their work. */
    boolean late() {
        return late;
    }

    /** The share of pages with parallel requests. */
    int pagesPercent() {
        return pagesPercent;
    }
}
