/**
 * Internal: one session in this node's memory, what is known of the store about it, and whether it may be served
 * without asking (rules 1, 2, 5 and 8). Sees the values and ports of the protocol alone.
 */
@NullMarked
package dev.holdfast.session.copy;

import org.jspecify.annotations.NullMarked;
