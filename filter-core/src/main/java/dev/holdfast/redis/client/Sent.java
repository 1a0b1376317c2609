package dev.holdfast.redis.client;

/**
 * What goes out, and where.
 *
 * @param at when, by {@link OwnTime}
 */
record Sent(RedisNode node, RedisConnection connection, Pipeline pipeline, long at) {}
