package dev.holdfast.codec.policy;

/** A value that Kryo would not give back as it was: the whole attribute goes by JDK serialization. */
public final class NotKryoSafeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotKryoSafeException(String what) {
        super(what, null, false, false);
    }
}
