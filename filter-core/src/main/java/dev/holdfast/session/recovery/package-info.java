/**
 * Internal: bringing back what the store lost, with the other nodes (rule 7).
 */
@NullMarked
package dev.holdfast.session.recovery;

import org.jspecify.annotations.NullMarked;
