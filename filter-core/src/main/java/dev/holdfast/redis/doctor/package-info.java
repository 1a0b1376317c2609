/** Internal: what is wrong with the set-up of Redis, and what to do. */
@NullMarked
package dev.holdfast.redis.doctor;

import org.jspecify.annotations.NullMarked;
