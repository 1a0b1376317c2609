/**
 * Internal: session attributes as bytes. Kryo for classes that it handles faithfully ({@code graph}), JDK serialization
 * for a whole attribute otherwise, and no class outside the policy ({@code policy}) in either direction. With its rooms
 * the only package that knows Kryo.
 */
@NullMarked
package dev.holdfast.codec;

import org.jspecify.annotations.NullMarked;
