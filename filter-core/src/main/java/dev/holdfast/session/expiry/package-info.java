/**
 * Internal: ending idle sessions, and telling the store of uses (rule 11).
 */
@NullMarked
package dev.holdfast.session.expiry;

import org.jspecify.annotations.NullMarked;
