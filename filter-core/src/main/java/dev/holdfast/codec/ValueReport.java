package dev.holdfast.codec;

import dev.holdfast.codec.policy.NotStorableException;
import dev.holdfast.session.Shown;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import dev.holdfast.session.ValueInspector;
import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code holdfast.classes=report} finds in a value: where it holds what cannot be stored, or what is another thing
 * when it is read back. Safe for use by many threads.
 *
 * <p>It reads what was stored, so code of the application that reads itself runs once more, on the request's thread.
 */
public final class ValueReport implements ValueInspector {
    /** Of one finding; names of classes are shorter. */
    private static final int LONGEST = 500;

    /** How a remedy begins that has a place of its own. */
    private static final String ADD = " Add it: ";

    private final KryoCodec codec;

    public ValueReport(KryoCodec codec) {
        this.codec = codec;
    }

    @Override
    public List<String> inspect(String attribute, Object value, byte @Nullable [] bytes) {
        String name = Shown.text(attribute);
        List<String> found;
        try {
            found = bytes == null ? unstorable(name, value) : readBack(name, value, bytes);
        } catch (UnencodableAttributeException | ConcurrentModificationException e) {
            return List.of(); // another thread changes it
        } catch (Throwable e) { // of the application's equals, or for want of memory: who only looks refuses nothing
            found = List.of(name + " → " + value.getClass().getName() + " cannot be looked at: "
                    + e.getClass().getName());
        }
        return found.stream().map(ValueReport::bounded).toList();
    }

    private static String bounded(String finding) {
        String line = Shown.line(finding);
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }

    private List<String> unstorable(String attribute, Object value) {
        try {
            byte[] ignored = codec.encode(attribute, value);
            return List.of(); // changed meanwhile: the next request stores it
        } catch (UnencodableAttributeException e) {
            if (e.getCause() instanceof NotStorableException refusal) {
                return codec.valueCheck().flaws(attribute, value, refusal);
            }
            if (e.getCause() instanceof NotSerializableException refusal) {
                return codec.valueCheck()
                        .flaws(
                                attribute,
                                value,
                                NotStorableException.notSerializableByJdk(KryoCodec.classNameIn(refusal)));
            }
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private List<String> readBack(String attribute, Object value, byte[] bytes) throws UnencodableAttributeException {
        if (codec.isImmutable(value)) {
            return List.of();
        }
        String root = attribute + " → " + value.getClass().getName();
        Object read;
        try {
            read = codec.decode(attribute, bytes);
        } catch (UnreadableAttributeException e) {
            String why = String.valueOf(e.getMessage());
            int reason = why.indexOf("cannot be read: ");
            int remedy = why.indexOf(ADD);
            return List.of(root + " cannot be read back: "
                    + why.substring(
                            reason < 0 ? 0 : reason + "cannot be read: ".length(), remedy < 0 ? why.length() : remedy));
        }
        ReadBack comparison = new ReadBack(value, read);
        String difference = comparison.difference();
        if (difference == null && comparison.isPartial()) {
            byte[] second = codec.encode(attribute, read);
            if (!Arrays.equals(bytes, second) && !isSteady(attribute, second)) {
                difference = " → " + value.getClass().getName() + " is stored differently each time it was read back";
            }
        }
        boolean disturbed = difference != null && !Arrays.equals(bytes, codec.encode(attribute, value));
        return difference == null || disturbed ? List.of() : List.of(attribute + difference);
    }

    /** A table that is stored with its size, say, comes back smaller, and stays so. */
    private boolean isSteady(String attribute, byte[] second) throws UnencodableAttributeException {
        try {
            return Arrays.equals(second, codec.encode(attribute, codec.decode(attribute, second)));
        } catch (UnreadableAttributeException e) {
            return false;
        }
    }
}
