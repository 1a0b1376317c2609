/** Many customers without a browser, and the judge of what they saw. */
@NullMarked
package dev.holdfast.examples.check;

import org.jspecify.annotations.NullMarked;
