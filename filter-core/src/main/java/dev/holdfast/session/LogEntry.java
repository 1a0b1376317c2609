package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * A member of a shard's ended log, {@code <sequence>:<mark.owner or token>:<id>}, with {@code :end} behind it for an
 * end, and {@code :moved} for an id that leads nowhere because its session has another one.
 *
 * <p>The token makes entries of two histories of Redis differ even where their sequences are equal.
 *
 * @param member the whole text, compared for equality to find a gap
 * @param sequence position in the log, from 1
 * @param token the mark and owner, or the stamp of the call that ended or moved it
 * @param owner whom the epoch moved to, as {@link Epoch#owner}; empty for an end and for a move to nobody
 * @param id the session's public id
 * @param end true if the session ended or lost this id
 * @param renamed true if it lost this id and goes on under another: its objects are good for whoever is inside
 */
public record LogEntry(
        String member, long sequence, String token, String owner, SessionId id, boolean end, boolean renamed) {
    /** Reads a member; null for a text that is none (someone else wrote into our key). */
    public static @Nullable LogEntry parse(String member) {
        String[] parts = member.split(":", -1);
        boolean renamed = parts.length == 4 && parts[3].equals("moved");
        boolean end = renamed || (parts.length == 4 && parts[3].equals("end"));
        if (parts.length != 3 && !end) {
            return null;
        }
        long sequence = sequenceOf(member);
        SessionId id = SessionId.parse(parts[2]);
        if (sequence < 1 || id == null) {
            return null;
        }
        int dot = parts[1].indexOf('.');
        return new LogEntry(member, sequence, parts[1], dot < 0 ? "" : parts[1].substring(dot + 1), id, end, renamed);
    }

    /** The route of the owner as far as the owner has it, for messages; empty for an end and for a move to nobody. */
    public String route() {
        return Epoch.routeOf(owner);
    }

    /** The sequence of a member, 0 for an empty text or one that has none. */
    public static long sequenceOf(String member) {
        int colon = member.indexOf(':');
        if (colon < 1 || colon > 18) {
            return 0;
        }
        long sequence = 0;
        for (int i = 0; i < colon; i++) {
            int digit = member.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            sequence = sequence * 10 + digit;
        }
        return sequence;
    }
}
