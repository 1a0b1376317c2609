/**
 * Internal: writing to the store, and meeting what other nodes wrote (rules 4 to 7). Decides nothing about the request.
 */
@NullMarked
package dev.holdfast.session.commit;

import org.jspecify.annotations.NullMarked;
