package dev.holdfast.kryo;

/** A value that Kryo would not give back as it was: the whole attribute goes by JDK serialization. */
final class UnsuitableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnsuitableException(String what) {
        super(what, null, false, false);
    }
}
