package dev.holdfast.history.run;

/** How hard browsers are at work. */
public enum Pace {
    /** People who look at each page for a moment. */
    PEOPLE(60, 20),
    /** Pages that ask for several things at a time, and hardly anything else: what two requests can do to each other happens often. */
    STORM(8, 80);

    private final int thinkingMillis;
    private final int pagesPercent;

    Pace(int thinkingMillis, int pagesPercent) {
        this.thinkingMillis = thinkingMillis;
        this.pagesPercent = pagesPercent;
    }

    /** The longest time between two requests, or pages of parallel ones. */
    int thinkingMillis() {
        return thinkingMillis;
    }

    /** The share of pages with parallel requests. */
    int pagesPercent() {
        return pagesPercent;
    }
}
