/**
 * The command {@code java -jar holdfast-tomcat-<version>.jar check <address>}, also of the JAR for Jetty: looks at a
 * balancer and its nodes from outside, as a browser does. No other package uses this one.
 *
 * <p>One address and one option are read by hand: a library for command lines would be in the JAR of every server, for
 * the one {@code if} that it saves.
 */
@NullMarked
package dev.holdfast.check;

import org.jspecify.annotations.NullMarked;
