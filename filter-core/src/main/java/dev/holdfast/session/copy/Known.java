package dev.holdfast.session.copy;

import dev.holdfast.session.Base;
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
public record Known(Base writtenBy, Fingerprint fingerprint, byte @Nullable [] undecoded, boolean unreadable) {
    static Known stored(StoredValue value) {
        return new Known(value.writtenBy(), Fingerprint.of(value.bytes()), value.bytes(), false);
    }

    static Known live(Base writtenBy, Fingerprint fingerprint) {
        return new Known(writtenBy, fingerprint, null, false);
    }

    Known decoded(Fingerprint ofLiveObject) {
        return new Known(writtenBy, ofLiveObject, null, false);
    }

    /** The same bytes, stored by another commit. */
    Known writtenAgain(Base by) {
        return new Known(by, fingerprint, undecoded, unreadable);
    }

    Known damaged() {
        return new Known(writtenBy, fingerprint, undecoded, true);
    }
}
