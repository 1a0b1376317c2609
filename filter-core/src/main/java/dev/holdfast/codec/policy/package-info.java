/**
 * Internal: which classes may be in a session, decided by their names before any is loaded, and which values can be
 * stored.
 */
@NullMarked
package dev.holdfast.codec.policy;

import org.jspecify.annotations.NullMarked;
