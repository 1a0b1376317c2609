/**
 * What both containers need of Spring Boot: settings from its {@code Environment}, the application's own classes in an
 * executable JAR, and refused settings as its users see failures. The only package that sees Spring; where there is
 * none, nobody loads it.
 */
@NullMarked
package dev.holdfast.boot;

import org.jspecify.annotations.NullMarked;
