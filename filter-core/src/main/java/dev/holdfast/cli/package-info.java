/**
 * The command line in the JARs, {@code java -jar holdfast-tomcat-<version>.jar}: what an operator asks of the sessions
 * in Redis and of the nodes, and tells them. It speaks to Redis alone, with the settings and the rights of a node; no
 * server loads it.
 */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
