package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.ReferenceResolver;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.util.IdentityObjectIntMap;
import com.esotericsoftware.kryo.util.Util;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotStorableException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.ZoneId;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one graph by number, so that what was shared or cyclic is so again.
 *
 * <p>Implementation note: a field that this version of a class no longer has is skipped together with the numbers of
 * the objects in it. Were the numbers not counted, every later reference would mean another object, silently. If
 * something later refers into such a gap, the skipped field is read after all.
 */
final class GraphReferences implements ReferenceResolver {
    private static final int KEPT_CAPACITY = 2048;

    /** Objects of a field that was skipped: its numbers and where it stands. */
    private record Gap(int first, int count, int position) {
        boolean holds(int id) {
            return id >= first && id < first + count;
        }
    }

    private final IdentityObjectIntMap<Object> written = new IdentityObjectIntMap<>();
    private final List<Object> unfinished = new ArrayList<>();
    private final ArrayList<@Nullable Object> read = new ArrayList<>();
    private final List<Gap> gaps = new ArrayList<>();
    private int next;
    private @Nullable GraphKryo kryo;

    @Override
    public void setKryo(Kryo kryo) {
        this.kryo = (GraphKryo) kryo;
    }

    @Override
    @SuppressWarnings("rawtypes") // Kryo's signature
    public boolean useReferences(Class type) {
        return !Util.isWrapperClass(type) && !Util.isEnum(type) && !isPlainValue(type);
    }

    /**
     * Values whose identity nobody can rely on: a number each would be a waste. Strings keep theirs, because long ones
     * are shared.
     */
    private static boolean isPlainValue(Class<?> type) {
        return type == BigDecimal.class
                || type == BigInteger.class
                || type == UUID.class
                || type == Locale.class
                || type == Currency.class
                || (type.getName().startsWith("java.time.")
                        && (TemporalAccessor.class.isAssignableFrom(type)
                                || TemporalAmount.class.isAssignableFrom(type)
                                || ZoneId.class.isAssignableFrom(type)));
    }

    /** How many objects have got a number so far. */
    int writtenCount() {
        return written.size;
    }

    /**
     * From here to {@link #finished} nothing may refer to this object: it will exist only when all it holds has been
     * read.
     */
    void unfinished(Object object) {
        unfinished.add(object);
    }

    void finished() {
        unfinished.remove(unfinished.size() - 1);
    }

    @Override
    public int getWrittenId(Object object) {
        int id = written.get(object, -1);
        if (id >= 0) {
            for (Object open : unfinished) {
                if (open == object) {
                    throw NotStorableException.cycle(object.getClass().getName());
                }
            }
        }
        return id;
    }

    @Override
    public int addWrittenObject(Object object) {
        int id = written.size;
        written.put(object, id);
        return id;
    }

    @Override
    @SuppressWarnings("rawtypes") // Kryo's signature
    public int nextReadId(Class type) {
        int id = next++;
        if (id == read.size()) {
            read.add(null);
        }
        return id;
    }

    int readCount() {
        return next;
    }

    @Override
    public void setReadObject(int id, Object object) {
        read.set(id, object);
    }

    /**
     * Leaves out a field.
     *
     * @param count how many objects it holds
     * @param position where the field's value begins, its class included
     */
    void skip(int count, int position) {
        if (count == 0) {
            return;
        }
        gaps.add(new Gap(next, count, position));
        next += count;
        while (read.size() < next) {
            read.add(null);
        }
    }

    @Override
    @SuppressWarnings("rawtypes") // Kryo's signature
    public Object getReadObject(Class type, int id) {
        if (id < 0 || id >= read.size()) {
            throw new MalformedBytesException("it refers to an object that it does not hold");
        }
        Object object = read.get(id);
        if (object == null) {
            for (int i = 0; i < gaps.size(); i++) {
                if (gaps.get(i).holds(id)) {
                    readSkipped(gaps.remove(i));
                    break;
                }
            }
            object = read.get(id);
        }
        if (object == null) {
            throw new MalformedBytesException("it refers to an object that is not complete");
        }
        return object;
    }

    private void readSkipped(Gap gap) {
        GraphKryo reader = Objects.requireNonNull(kryo);
        GuardedInput input = reader.input();
        int resumeId = next;
        int resumePosition = input.position();
        next = gap.first;
        input.setPosition(gap.position);
        Registration registration = reader.readClass(input);
        FieldFrame.read(input);
        reader.readObject(input, GraphKryo.type(registration), GraphKryo.serializer(registration));
        if (next != gap.first + gap.count) {
            throw new MalformedBytesException("its objects are miscounted");
        }
        next = resumeId;
        input.setPosition(resumePosition);
    }

    @Override
    public void reset() {
        written.clear(KEPT_CAPACITY);
        unfinished.clear();
        boolean large = read.size() > KEPT_CAPACITY;
        read.clear();
        if (large) {
            read.trimToSize();
        }
        gaps.clear();
        next = 0;
    }
}
