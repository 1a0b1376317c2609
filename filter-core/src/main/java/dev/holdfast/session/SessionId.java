package dev.holdfast.session;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A public session id: two lower-case hex digits of shard (00 to 3f) and 32 of randomness.
 *
 * <p>The shard is carried by the id, not hashed from it, so that a change of the id stays in one slot of a Redis
 * cluster and is one atomic script. {@link #toString()} is shortened: a session id is a credential and must not reach a
 * log by accident.
 */
public record SessionId(String value) {
    /** Number of shards; more may be added later, fewer never. */
    public static final int SHARDS = 64;

    /** What stands between an id and the route of a node, where a browser was told both. */
    public static final char ROUTE_SEPARATOR = '.';

    /**
     * How many ids of one request are looked up at the most. A browser sends one; with applications whose paths contain
     * each other, a few. Whoever sends a hundred must not cause a hundred round trips.
     */
    public static final int MOST_PRESENTED = 4;

    /** In characters. */
    public static final int LENGTH = 34;

    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * Checks an untrusted text for length and alphabet.
     *
     * @return the id, or null if it cannot be one of ours
     */
    public static @Nullable SessionId parse(@Nullable String text) {
        if (text == null || text.length() != LENGTH) {
            return null;
        }
        for (int i = 0; i < LENGTH; i++) {
            char c = text.charAt(i);
            if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
                return null;
            }
        }
        return text.charAt(0) > '3' ? null : new SessionId(text);
    }

    /**
     * As {@link #parse}, for a text that a request came with: an id, or an id with the route of a node behind it
     * ({@code affinity=suffix}). The route, whatever it is, is dropped: no key and no application ever sees it.
     */
    public static @Nullable SessionId parsePresented(@Nullable String text) {
        if (text != null && text.length() > LENGTH && text.charAt(LENGTH) == ROUTE_SEPARATOR) {
            return parse(text.substring(0, LENGTH));
        }
        return parse(text);
    }

    /** A new id in a random shard. */
    public static SessionId random() {
        return in(RANDOM.nextInt(SHARDS));
    }

    /** A new id in the shard of this one, as a change of the session id needs it. */
    public SessionId sibling() {
        return in(shard());
    }

    /** A new id in that shard, of no session. */
    public static SessionId randomIn(int shard) {
        return in(shard);
    }

    private static SessionId in(int shard) {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        HexFormat hex = HexFormat.of();
        return new SessionId(hex.toHexDigits((byte) shard) + hex.formatHex(bytes));
    }

    /** The shard, 0 to 63. */
    public int shard() {
        return HexFormat.fromHexDigits(value, 0, 2);
    }

    /** The first characters of the id, as every log, message and metric shows it. */
    public String shortened() {
        return value.substring(0, 4) + "…";
    }

    @Override
    public String toString() {
        return shortened();
    }
}
