/**
 * API: the route cookie, by which a balancer finds the node that holds a session.
 *
 * <p>Works alone: compiles and runs against jakarta.servlet, the JDK and {@code dev.holdfast.config}.
 */
@NullMarked
package dev.holdfast.affinity;

import org.jspecify.annotations.NullMarked;
