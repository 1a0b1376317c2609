/**
 * A web application that does with its session what it is told, and tells all that its listeners hear; runs on any
 * manager.
 */
package dev.holdfast.testing.tell;
