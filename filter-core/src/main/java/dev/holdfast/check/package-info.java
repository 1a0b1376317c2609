/**
 * The command {@code java -jar holdfast-tomcat-<version>.jar check <address>}, also of the JAR for Jetty: looks at a
 * balancer and its nodes from outside, as a browser does. The command line alone uses this package.
 */
@NullMarked
package dev.holdfast.check;

import org.jspecify.annotations.NullMarked;
