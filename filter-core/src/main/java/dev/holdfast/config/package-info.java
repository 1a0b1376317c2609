/**
 * Internal: every setting, its name, range, default and meaning, and how it is read from system properties, environment
 * and web.xml.
 *
 * <p>Compiles against the JDK alone, because the filter must run with nothing but this package and {@code
 * dev.holdfast.affinity}.
 */
@NullMarked
package dev.holdfast.config;

import org.jspecify.annotations.NullMarked;
