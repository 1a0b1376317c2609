/**
 * Session attributes as bytes: Kryo for classes that it handles faithfully, JDK serialization for a whole attribute otherwise, and no
 * class outside the policy in either direction. The only package that knows Kryo.
 */
@NullMarked
package dev.holdfast.kryo;

import org.jspecify.annotations.NullMarked;
