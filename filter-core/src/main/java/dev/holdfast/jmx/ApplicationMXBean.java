package dev.holdfast.jmx;

import java.util.Map;

/**
 * One application on one node: {@code dev.holdfast:type=Application,node=<route>,name=<holdfast.app>}, and
 * {@code instance=2} behind it where another of that name runs already.
 */
public interface ApplicationMXBean {
    /**
     * How often each thing has happened since the application started here. docs/operations.md says what each counts.
     */
    Map<String, Long> getCounters();

    /** How many sessions have changes that were acknowledged while Redis was away, and are not in Redis yet. */
    int getUnsavedSessions();

    /** What {@code holdfast.metrics.path} answers of the application, of this version alone, by the same names. */
    Map<String, Double> getMetrics();

    /**
     * What {@code holdfast.classes=learn} or {@code report} has found since the application started here, with the
     * block to paste into web.xml; empty if nothing, and with other modes.
     */
    String getClassReport();
}
