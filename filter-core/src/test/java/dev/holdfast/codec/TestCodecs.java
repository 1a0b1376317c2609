package dev.holdfast.codec;

import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;

/** Codecs for an application whose own classes are those of this package. */
final class TestCodecs {
    private TestCodecs() {}

    static KryoCodec codec() {
        return new KryoCodec(TestCodecs.class.getClassLoader(), policy());
    }

    static ClassPolicy policy() {
        return ClassPolicy.strict(ClassPatterns.NONE, name -> name.startsWith("dev.holdfast.codec."));
    }

    static Object roundTrip(Object value) throws UnencodableAttributeException, UnreadableAttributeException {
        // Two codecs, as on two nodes.
        return codec().decode("a", codec().encode("a", value));
    }

    /** K or J. */
    static char wayOf(byte[] bytes) {
        return (bytes[0] & 0xf) == Envelope.KRYO ? 'K' : 'J';
    }
}
