package dev.holdfast.redis.client;

/**
 * What an attempt before the last met, which tells more than a last one that had little time.
 *
 * @param node where that was
 * @param at when, by {@link OwnTime}
 */
record EarlierFailure(RedisNode node, ConnectionFailure failure, long at) {
    /** As a sentence behind one about a node, which may be another one. */
    String behind(RedisNode last) {
        return "Before that, " + (node.equals(last) ? "it" : "Redis " + node) + " " + failure.what() + ". ";
    }
}
