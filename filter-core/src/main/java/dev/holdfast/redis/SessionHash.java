package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.redis.client.Utf8;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Fields;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoredValue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A session's hash as HGETALL gives it.
 *
 * @param gone true for a missing, ended or claimed session, and for one whose metadata cannot be read; then the rest
 *     says nothing
 * @param foreign name of a field that this version does not know; null if there is none
 */
record SessionHash(
        boolean gone, @Nullable String foreign, @Nullable Meta meta, Map<String, StoredValue> values) {
    static final String META = ".m";
    static final String TOMBSTONE = ".t";
    static final String CLAIM = ".c";

    // A longer prefix than any version and stamp has is none.
    private static final int MAX_PREFIX = 64;

    /** Field {@code .m}. */
    record Meta(
            StateVersion base,
            Epoch epoch,
            long lastUseMillis,
            int maxInactiveSeconds,
            long createdMillis,
            String internalId) {
        private static final Pattern FORMAT_1 = Pattern.compile(
                "1\\|(\\d{1,18})\\|([^|]*)\\|([^|]*)\\|(\\d{1,18})\\|(-?\\d{1,10})\\|(-?\\d{1,18})\\|([^|]*)");

        /** Null if it is damaged or of a format that this version cannot read. */
        static @Nullable Meta parse(String packed) {
            Matcher m = FORMAT_1.matcher(packed);
            if (!m.matches()) {
                return null;
            }
            Epoch epoch = Epoch.parse(m.group(3));
            if (epoch == null) {
                return null;
            }
            try {
                return new Meta(
                        new StateVersion(Long.parseLong(m.group(1)), m.group(2)),
                        epoch,
                        Long.parseLong(m.group(4)),
                        Integer.parseInt(m.group(5)),
                        Long.parseLong(m.group(6)),
                        m.group(7));
            } catch (NumberFormatException tooLarge) {
                return null;
            }
        }
    }

    static SessionHash parse(List<?> fieldsAndValues) {
        return parse(fieldsAndValues, "");
    }

    /** @param token of the reader's own claim: a session that bears it is not gone for the reader */
    static SessionHash parse(List<?> fieldsAndValues, String token) {
        Map<String, StoredValue> values = new HashMap<>();
        Meta meta = null;
        String foreign = null;
        for (int i = 0; i + 1 < fieldsAndValues.size(); i += 2) {
            String field = Utf8.of((byte[]) fieldsAndValues.get(i));
            byte[] value = (byte[]) fieldsAndValues.get(i + 1);
            if (field.equals(CLAIM) && !token.isEmpty() && Utf8.of(value).startsWith("1|" + token + "|")) {
                continue;
            }
            if (field.equals(TOMBSTONE) || field.equals(CLAIM)) {
                return new SessionHash(true, null, null, Map.of());
            } else if (field.equals(META)) {
                meta = Meta.parse(Utf8.of(value));
            } else if (isValue(field)) {
                values.put(Fields.shared(field), value(value));
            } else {
                foreign = field;
            }
        }
        // Damaged since a script has looked: the next one puts it aside.
        return meta == null
                ? new SessionHash(true, null, null, Map.of())
                : new SessionHash(false, foreign, meta, values);
    }

    static boolean isValue(String field) {
        return field.startsWith(Fields.ATTRIBUTE) || field.startsWith(Fields.RESERVED);
    }

    SessionSnapshot snapshot() {
        Meta m = Objects.requireNonNull(meta);
        return new SessionSnapshot(m.base(), m.createdMillis(), m.maxInactiveSeconds(), m.internalId(), values);
    }

    /** What a reader is answered for whom this is gone: whether the session goes on under another id. */
    static Outcome howGone(List<?> fieldsAndValues) {
        for (int i = 0; i + 1 < fieldsAndValues.size(); i += 2) {
            if (Utf8.of((byte[]) fieldsAndValues.get(i)).equals(TOMBSTONE)) {
                String tombstone = Utf8.of((byte[]) fieldsAndValues.get(i + 1));
                return tombstone.endsWith("|renamed") ? Outcome.RENAMED : Outcome.GONE;
            }
        }
        return Outcome.GONE;
    }

    /** A value in Redis: {@code <version>|<stamp>|} of its commit, then the bytes. */
    static byte[] stored(StateVersion writtenBy, byte[] payload) {
        byte[] prefix = (writtenBy.version() + "|" + writtenBy.stamp() + "|").getBytes(US_ASCII);
        byte[] stored = Arrays.copyOf(prefix, prefix.length + payload.length);
        System.arraycopy(payload, 0, stored, prefix.length, payload.length);
        return stored;
    }

    // A value without a prefix costs its attribute, not the session: the codec finds it unreadable and it stays as it
    // is.
    static StoredValue value(byte[] stored) {
        int first = bar(stored, 0);
        int second = first < 0 ? -1 : bar(stored, first + 1);
        if (second < 0) {
            return new StoredValue(StateVersion.NONE, stored);
        }
        try {
            long version = Long.parseLong(new String(stored, 0, first, US_ASCII));
            String stamp = new String(stored, first + 1, second - first - 1, US_ASCII);
            return new StoredValue(
                    new StateVersion(version, stamp), Arrays.copyOfRange(stored, second + 1, stored.length));
        } catch (NumberFormatException e) {
            return new StoredValue(StateVersion.NONE, stored);
        }
    }

    private static int bar(byte[] stored, int from) {
        for (int i = from; i < Math.min(stored.length, MAX_PREFIX); i++) {
            if (stored[i] == '|') {
                return i;
            }
        }
        return -1;
    }
}
