/** Complete examples and the benchmark. */
@NullMarked
package dev.holdfast.examples;

import org.jspecify.annotations.NullMarked;
