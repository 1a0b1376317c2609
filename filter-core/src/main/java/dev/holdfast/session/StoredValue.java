package dev.holdfast.session;

/**
 * One attribute as the store has it.
 *
 * @param writtenBy version and stamp of the commit that wrote it
 * @param bytes what the codec produced; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared: only writtenBy decides whether an attribute changed
public record StoredValue(StateVersion writtenBy, byte[] bytes) {}
