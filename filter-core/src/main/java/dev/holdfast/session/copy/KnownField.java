package dev.holdfast.session.copy;

import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoredValue;
import org.jspecify.annotations.Nullable;

/**
 * What a near copy knows of one stored value.
 *
 * @param writtenBy the commit that wrote it
 * @param fingerprint of the bytes last read from the store or produced from the live object
 * @param undecoded the stored bytes as long as no live object was made of them
 * @param unreadable true if making one failed; the bytes then stay where they are
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record KnownField(
        StateVersion writtenBy, Fingerprint fingerprint, byte @Nullable [] undecoded, boolean unreadable) {
    static KnownField stored(StoredValue value) {
        return new KnownField(value.writtenBy(), Fingerprint.of(value.bytes()), value.bytes(), false);
    }

    static KnownField live(StateVersion writtenBy, Fingerprint fingerprint) {
        return new KnownField(writtenBy, fingerprint, null, false);
    }

    KnownField decoded(Fingerprint ofLiveObject) {
        return new KnownField(writtenBy, ofLiveObject, null, false);
    }

    /** The same bytes, stored by another commit. */
    KnownField writtenAgain(StateVersion by) {
        return new KnownField(by, fingerprint, undecoded, unreadable);
    }

    KnownField damaged() {
        return new KnownField(writtenBy, fingerprint, undecoded, true);
    }
}
