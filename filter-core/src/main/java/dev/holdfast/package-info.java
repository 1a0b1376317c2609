/**
 * API: session failover for servlet containers through Redis: composes everything below and holds the public
 * configuration.
 */
@NullMarked
package dev.holdfast;

import org.jspecify.annotations.NullMarked;
