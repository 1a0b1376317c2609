package dev.holdfast.session;

/**
 * Attributes as bytes, bound to the class loader of one application. Safe for use by many threads.
 *
 * <p>Encoding the same unchanged object twice gives the same bytes; encoding what was decoded from bytes need not give
 * those bytes again.
 */
public interface AttributeCodec {
    /**
     * Checks a value when the application sets it, by its class and, as far as cheaply possible, what it holds.
     *
     * @throws IllegalArgumentException if it could not be stored; the message names the class and the line to add to
     *     the settings
     */
    void check(String attribute, Object value);

    /**
     * Turns a live object into bytes. A concurrent change of the object by another thread may surface as any exception:
     * it is wrapped, and the caller may try again.
     *
     * @throws UnencodableAttributeException if the value cannot be stored
     */
    byte[] encode(String attribute, Object value) throws UnencodableAttributeException;

    /**
     * Turns stored bytes into an object. Must run on the request's thread.
     *
     * @throws UnreadableAttributeException if the bytes are damaged, of an unknown format, or need a class that is
     *     missing or not allowed, or if the application's code that reads them fails in whatever way
     * @throws VirtualMachineError but for an exhausted stack, if the JVM has no room for it now: that says nothing of
     *     the bytes
     */
    Object decode(String attribute, byte[] bytes) throws UnreadableAttributeException;

    /** Whether a value can never change in place, so that reading it needs no comparison at commit. */
    boolean isImmutable(Object value);
}
