package dev.holdfast.session.copy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which fields of a session one request has read, and which it has written. Not safe for use by many threads.
 *
 * <p><b>Implementation note.</b> Each request makes one, and mostly uses one field or a few: those are looked through
 * one by one, and found by their hash only where there are many.
 */
final class UsedFields {
    private static final byte READ = 1;
    private static final byte WRITTEN = 2;
    private static final int FEW = 16;
    private static final String[] NONE = {};

    private String[] fields = NONE;
    private byte[] uses = {};
    private int size;

    /** Where each field stands; null as long as they are few. */
    private @Nullable Map<String, Integer> places;

    void read(String field) {
        use(field, READ);
    }

    void wrote(String field) {
        use(field, WRITTEN);
    }

    boolean hasRead(String field) {
        return has(field, READ);
    }

    boolean hasWritten(String field) {
        return has(field, WRITTEN);
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Takes what was written for read, too. */
    void readWritten() {
        for (int i = 0; i < size; i++) {
            uses[i] |= READ;
        }
    }

    /** Each field once, that the rules want to be committed. */
    List<String> committed(Rules rules) {
        List<String> committed = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            if (rules.isCommitted((uses[i] & READ) != 0, (uses[i] & WRITTEN) != 0)) {
                committed.add(fields[i]);
            }
        }
        return committed;
    }

    private boolean has(String field, byte use) {
        int place = placeOf(field);
        return place >= 0 && (uses[place] & use) != 0;
    }

    private void use(String field, byte use) {
        int place = placeOf(field);
        if (place < 0) {
            place = append(field);
        }
        uses[place] |= use;
    }

    private int placeOf(String field) {
        if (places != null) {
            return places.getOrDefault(field, -1);
        }
        for (int i = 0; i < size; i++) {
            if (fields[i].equals(field)) {
                return i;
            }
        }
        return -1;
    }

    private int append(String field) {
        if (size == fields.length) {
            int room = Math.max(4, 2 * size);
            fields = Arrays.copyOf(fields, room);
            uses = Arrays.copyOf(uses, room);
        }
        fields[size] = field;
        if (size == FEW) {
            places = new HashMap<>(4 * FEW);
            for (int i = 0; i < size; i++) {
                places.put(fields[i], i);
            }
        }
        if (places != null) {
            places.put(field, size);
        }
        return size++;
    }
}
