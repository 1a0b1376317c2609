/**
 * Internal: what becomes of a request whose call to the store failed, and how what was acknowledged meanwhile is saved
 * (P8).
 */
@NullMarked
package dev.holdfast.session.outage;

import org.jspecify.annotations.NullMarked;
