/**
 * The launcher of {@code examples/failover}: Redis, two Tomcats, a Jetty and a balancer as child processes, and what
 * kills them.
 */
@NullMarked
package dev.holdfast.examples.failover;

import org.jspecify.annotations.NullMarked;
