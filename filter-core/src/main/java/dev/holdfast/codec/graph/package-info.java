/**
 * Internal: graphs of objects by Kryo, in a form that outlives new fields and lost classes. {@code
 * docs/attribute-format.md} has it.
 */
@NullMarked
package dev.holdfast.codec.graph;

import org.jspecify.annotations.NullMarked;
