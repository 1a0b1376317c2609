package dev.holdfast.session;

/**
 * What every script says about its shard.
 *
 * @param generation random value of the shard's generation key, empty if the key is missing
 * @param newestEntry newest member of the shard's ended log, empty if the log is empty
 */
public record ShardTail(String generation, String newestEntry) {
    /** A shard in which nothing was ever written. */
    public static final ShardTail EMPTY = new ShardTail("", "");
}
