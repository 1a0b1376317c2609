package dev.holdfast.session.copy;

import dev.holdfast.session.AttributeCodec;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Fields;
import dev.holdfast.session.LocalMarker;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.Shown;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import org.jspecify.annotations.Nullable;

/**
 * The codec of an application, but for attributes that stay on their node: those get the marker of this node in place
 * of bytes. Safe for use by many threads.
 *
 * <p>A value stays here for its classes alone. One that another thread was changing, that is too large, or that found
 * no memory is not stored now, and its request is refused as ever: it would else be taken for lost on purpose.
 */
public final class LocalCodec implements AttributeCodec, FieldEncoder {
    /** How often a value is tried that another thread may be changing: mostly it is a matter of a moment. */
    private static final int AT_ONCE = 4;

    private final AttributeCodec codec;
    private final SessionOptions options;
    private final LocalValues local;
    private final RateLimitedLog log;

    LocalCodec(AttributeCodec codec, SessionOptions options, LocalValues local, RateLimitedLog log) {
        this.codec = codec;
        this.options = options;
        this.local = local;
        this.log = log;
    }

    private boolean staysOnPurpose(String attribute) {
        return !isReserved(attribute) && options.localAttributes().test(attribute);
    }

    /** A login travels, or the request is refused. */
    private static boolean isReserved(String attribute) {
        return attribute.startsWith(Fields.RESERVED);
    }

    private boolean mayStay(String attribute) {
        return options.unstorable() == SessionOptions.Unstorable.LOCAL && !isReserved(attribute);
    }

    @Override
    public void check(String attribute, Object value) {
        if (!mayStay(attribute) && !staysOnPurpose(attribute)) {
            codec.check(attribute, value);
        }
    }

    @Override
    public byte[] encode(String attribute, Object value) throws UnencodableAttributeException {
        try {
            return encodeStorable(attribute, value);
        } catch (UnencodableAttributeException e) {
            return markerFor(attribute, e);
        }
    }

    @Override
    public byte[] encodeField(String field, Object live) throws UnencodableAttributeException {
        String attribute = Fields.shown(field);
        try {
            return encodeAtOnce(attribute, live);
        } catch (UnencodableAttributeException e) {
            return markerFor(attribute, e);
        }
    }

    @Override
    public byte[] encodeUnlessReplaced(String field, Object live, @Nullable KnownField known, ContainerSession session)
            throws UnencodableAttributeException {
        return encodeField(field, live);
    }

    byte[] encodeAtOnce(String attribute, Object live) throws UnencodableAttributeException {
        for (int attempt = 1; ; attempt++) {
            try {
                return encodeStorable(attribute, live);
            } catch (UnencodableAttributeException e) {
                if (!e.isPassing() || attempt == AT_ONCE) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    /** Whether the store has a marker in place of the value, of this node or of another one. */
    boolean isMarked(KnownField known) {
        byte[] undecoded = known.undecoded();
        return local.isMarked(known) || (undecoded != null && LocalMarker.isMarker(undecoded));
    }

    /**
     * As {@link #encode}, but throws where that would give the marker, so that the caller can try again.
     *
     * @throws UnencodableAttributeException if it cannot be stored, for whatever reason
     */
    byte[] encodeStorable(String attribute, Object value) throws UnencodableAttributeException {
        return staysOnPurpose(attribute) ? local.marker() : codec.encode(attribute, value);
    }

    /**
     * What the store gets in place of a value that cannot be stored.
     *
     * @throws UnencodableAttributeException as given, if the value may not stay here
     */
    byte[] markerFor(String attribute, UnencodableAttributeException e) throws UnencodableAttributeException {
        if (e.culprit() == null || !mayStay(attribute)) {
            throw e;
        }
        if (local.isNew(attribute, e.culprit()) && options.inspector() == null) { // who inspects says more of it
            tell(attribute, e);
        }
        return local.marker();
    }

    private void tell(String attribute, UnencodableAttributeException e) {
        log.warn(
                "HF-306 " + Shown.text(attribute) + " of " + e.culprit(),
                () -> e.getMessage() + " Until then the value stays on this node, where the application uses it as"
                        + " ever; after a failover the attribute \"" + Shown.text(attribute)
                        + "\" is absent. If that is intended, name it in holdfast.attributes.local. ("
                        + options.application() + ")",
                null);
    }

    @Override
    public Object decode(String attribute, byte[] bytes) throws UnreadableAttributeException {
        return codec.decode(attribute, bytes);
    }

    @Override
    public boolean isImmutable(Object value) {
        return codec.isImmutable(value);
    }
}
