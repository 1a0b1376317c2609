/**
 * What a node and its applications count and measure, for whoever monitors them: in Prometheus' text format, and as
 * meters of Micrometer. What each figure is, the room above says; the formats are those libraries' own.
 */
@NullMarked
package dev.holdfast.metrics;

import org.jspecify.annotations.NullMarked;
