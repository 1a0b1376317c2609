/** A site for tests of the protocol: nodes with the real protocol code, and no container, no Redis and no waiting. */
@NullMarked
package dev.holdfast.session.testing;

import org.jspecify.annotations.NullMarked;
