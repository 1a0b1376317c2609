/**
 * Sessions in Redis or Valkey: {@link dev.holdfast.session.SessionStore} on Jedis, one Lua script per operation.
 *
 * <p>The only package that knows Jedis. The layout in Redis is described in {@code docs/store-format.md}.
 */
@NullMarked
package dev.holdfast.redis;

import org.jspecify.annotations.NullMarked;
