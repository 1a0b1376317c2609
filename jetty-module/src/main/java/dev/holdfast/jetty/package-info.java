/**
 * Jetty's session cache, session, request scope and response stream. Sees Jetty's core only: ee10 and ee11 have loaders
 * of their own.
 */
@NullMarked
package dev.holdfast.jetty;

import org.jspecify.annotations.NullMarked;
