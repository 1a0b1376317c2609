/**
 * Internal: sessions in Redis or Valkey, {@link dev.holdfast.session.SessionStore} with one Lua script per operation.
 *
 * <p>With its two rooms the only package that knows Jedis: {@code client} sends calls, {@code doctor} examines Redis,
 * and what a call means is known here alone. The layout in Redis is described in {@code docs/store-format.md}.
 */
@NullMarked
package dev.holdfast.redis;

import org.jspecify.annotations.NullMarked;
