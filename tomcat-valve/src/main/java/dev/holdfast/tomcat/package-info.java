/** Tomcat's manager, session, valve and commit hook. */
@NullMarked
package dev.holdfast.tomcat;

import org.jspecify.annotations.NullMarked;
