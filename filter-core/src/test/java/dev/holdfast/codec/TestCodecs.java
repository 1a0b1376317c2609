package dev.holdfast.codec;

import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;

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

    /** A value as it is stored by JDK serialization, whether the policy allows it or not. */
    static byte[] storedByJdk(Object value) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(new byte[Envelope.SIZE]);
        try (ObjectOutputStream stream = new ObjectOutputStream(out)) {
            stream.writeObject(value);
        }
        byte[] bytes = out.toByteArray();
        Envelope.seal(bytes, Envelope.JDK);
        return bytes;
    }

    /** K or J. */
    static char wayOf(byte[] bytes) {
        return (bytes[0] & 0xf) == Envelope.KRYO ? 'K' : 'J';
    }
}
