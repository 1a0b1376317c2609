package dev.holdfast.session;

import java.util.Map;

/**
 * A session as the store has it, taken from one atomic read.
 *
 * @param base version and stamp
 * @param createdMillis creation time by the clock of the node that created it, milliseconds since 1970, as
 *     {@code getCreationTime} gave it
 * @param maxInactiveSeconds seconds; zero or less: no timeout
 * @param internalId a {@link RandomToken} that never changes, whatever the public id does
 * @param values attributes by field name: {@link Fields#ATTRIBUTE} or {@link Fields#RESERVED} and the name
 */
public record SessionSnapshot(
        StateVersion base,
        long createdMillis,
        int maxInactiveSeconds,
        String internalId,
        Map<String, StoredValue> values) {}
