package dev.holdfast.codec.policy;

/** A value that Kryo would not give back as it was: the whole attribute goes by JDK serialization. */
public final class NotKryoSafeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean ofClass;

    /** For a class of which no value goes by Kryo. */
    public NotKryoSafeException(String what) {
        this(what, true);
    }

    /** @param ofClass false if another value of the class that holds it may well go by Kryo */
    public NotKryoSafeException(String what, boolean ofClass) {
        super(what, null, false, false);
        this.ofClass = ofClass;
    }

    public boolean isOfClass() {
        return ofClass;
    }
}
