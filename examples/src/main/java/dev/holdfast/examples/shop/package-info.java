/** The shop: an ordinary web application that knows nothing of Holdfast. */
@NullMarked
package dev.holdfast.examples.shop;

import org.jspecify.annotations.NullMarked;
