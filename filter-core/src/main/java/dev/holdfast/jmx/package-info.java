/** API: what operators see and do by JMX. Compiles against the JDK alone. */
@NullMarked
package dev.holdfast.jmx;

import org.jspecify.annotations.NullMarked;
