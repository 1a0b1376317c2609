package dev.holdfast.session.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.session.AttributeCodec;
import dev.holdfast.session.ContainerSessions;
import dev.holdfast.session.ExpiryStore;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import dev.holdfast.session.copy.Rules;
import dev.holdfast.session.request.SessionCoordinator;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A whole state as one number: two states that differ only in the random tokens that were drawn have the same.
 *
 * <p><b>Implementation note.</b> Walks the fields of our own classes by reflection, whatever they are, so that a field
 * that the product gains is seen without anybody thinking of it; a type that it does not know stops the check. Tokens
 * are numbered in the order in which the walk meets them. What only counts or reports, and what never changes, is left
 * out.
 */
final class ModelFingerprint {
    private static final Set<Class<?>> LEFT_OUT = Set.of(
            SessionCounters.class,
            RateLimitedLog.class,
            ModelFingerprint.class,
            WaitBudget.class,
            Duration.class,
            SessionRefusedException.class);

    private final Map<String, Integer> tokens = new HashMap<>();
    private final IdentityHashMap<Object, Integer> seen = new IdentityHashMap<>();
    private final int shard;
    private @Nullable List<Object> record;
    private long hash;

    /** @param shard the one shard that is in use */
    ModelFingerprint(int shard) {
        this.shard = shard;
    }

    /** A token that was met while recording. */
    private record Token(String text) {}

    /** What was walked at an earlier moment, with its tokens as they are. */
    static final class Recording {
        private final List<Object> items = new ArrayList<>();
    }

    void clear() {
        tokens.clear();
        seen.clear();
        hash = 0x9E3779B97F4A7C15L;
    }

    long value() {
        return hash;
    }

    /** Walks now what is to count later. */
    Recording record(Object... roots) {
        Recording recording = new Recording();
        record = recording.items;
        seen.clear();
        try {
            for (Object root : roots) {
                add(root);
            }
        } finally {
            record = null;
        }
        return recording;
    }

    void addNumber(long number) {
        if (record != null) {
            record.add(number);
            return;
        }
        hash = (hash ^ number) * 0xFF51AFD7ED558CCDL;
        hash ^= hash >>> 32;
    }

    private void addToken(String text) {
        if (record != null) {
            record.add(new Token(text));
            return;
        }
        Integer known = tokens.get(text);
        if (known == null) {
            known = tokens.size();
            tokens.put(text, known);
        }
        addNumber(0x7000_0000L + known);
    }

    /** A text may hold tokens between dots and colons. */
    void addText(String text) {
        int from = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == ':' || text.charAt(i) == '.') {
                if (i - from == RandomToken.LENGTH) {
                    addToken(text.substring(from, i));
                } else {
                    addLiteral(text, from, i);
                }
                from = i + 1;
            }
        }
    }

    private void addLiteral(String text, int from, int to) {
        long literal = 0x1234567L + (to - from);
        for (int i = from; i < to; i++) {
            literal = literal * 1_000_003L + text.charAt(i);
        }
        addNumber(literal);
    }

    /** How the objects of a class are walked. */
    private enum Shape {
        TEXT,
        NUMBER,
        TRUTH,
        LETTER,
        CONSTANT,
        RECORDING,
        SET,
        COLLECTION,
        MAP,
        BYTES,
        LONGS,
        ARRAY,
        PERMITS,
        LOCK,
        LEFT_OUT,
        /** Only itself counts, where a part of a state is recorded. */
        OPAQUE,
        RECORD,
        OBJECT
    }

    private record Known(Shape shape, List<Field> fields) {}

    private static final ClassValue<Known> KNOWN = new ClassValue<>() {
        @Override
        protected Known computeValue(Class<?> type) {
            Shape shape = shapeOf(type);
            boolean walked = shape == Shape.RECORD || shape == Shape.OBJECT || shape == Shape.OPAQUE;
            return new Known(shape, walked ? fieldsOf(type) : List.of());
        }
    };

    private static Shape shapeOf(Class<?> type) {
        if (CharSequence.class.isAssignableFrom(type)) {
            return Shape.TEXT;
        } else if (Number.class.isAssignableFrom(type)) {
            return Shape.NUMBER; // AtomicLong, too
        } else if (type == Boolean.class || type == AtomicBoolean.class) {
            return Shape.TRUTH;
        } else if (type == Character.class) {
            return Shape.LETTER;
        } else if (Enum.class.isAssignableFrom(type)) {
            return Shape.CONSTANT;
        } else if (type == Recording.class) {
            return Shape.RECORDING;
        } else if (Set.class.isAssignableFrom(type)) {
            return Shape.SET;
        } else if (Collection.class.isAssignableFrom(type)) {
            return Shape.COLLECTION;
        } else if (Map.class.isAssignableFrom(type)) {
            return Shape.MAP;
        } else if (type == byte[].class) {
            return Shape.BYTES;
        } else if (type == long[].class) {
            return Shape.LONGS;
        } else if (Object[].class.isAssignableFrom(type)) {
            return Shape.ARRAY;
        } else if (type == Semaphore.class) {
            return Shape.PERMITS;
        } else if (type == ReentrantLock.class) {
            return Shape.LOCK;
        } else if (type.isHidden() || isLeftOut(type)) {
            return Shape.LEFT_OUT;
        } else if (type == RequestUse.class || type == SessionCoordinator.class || type == ProtocolContext.class) {
            return Shape.OPAQUE;
        } else if (type.getName().startsWith("dev.holdfast.")) {
            return type.isRecord() ? Shape.RECORD : Shape.OBJECT;
        }
        throw new IllegalStateException("The fingerprint does not know what to do with a " + type.getName());
    }

    void add(@Nullable Object object) {
        if (object == null) {
            addNumber(-1);
            return;
        }
        Known known = KNOWN.get(object.getClass());
        switch (known.shape()) {
            case TEXT -> addText(object.toString());
            case NUMBER -> addNumber(((Number) object).longValue());
            case TRUTH -> addNumber(object.toString().equals("true") ? 3 : 5);
            case LETTER -> addNumber((Character) object);
            case CONSTANT -> addText(((Enum<?>) object).name());
            case RECORDING -> replay((Recording) object);
            case SET -> addSet((Set<?>) object);
            case COLLECTION -> {
                addNumber(((Collection<?>) object).size() + 100);
                ((Collection<?>) object).forEach(this::add);
            }
            case MAP -> addMap((Map<?, ?>) object);
            case BYTES -> addText(new String((byte[]) object, UTF_8));
            case LONGS -> {
                for (long number : (long[]) object) {
                    addNumber(number);
                }
            }
            case ARRAY -> addArray((Object[]) object);
            case PERMITS -> addNumber(((Semaphore) object).availablePermits());
            case LOCK -> addNumber(((ReentrantLock) object).isLocked() ? 3 : 5);
            case LEFT_OUT -> addNumber(7);
            case RECORD -> addFields(object, known.fields());
            case OPAQUE -> {
                if (record == null) {
                    addOnce(object, known.fields());
                } else {
                    addNumber(9); // counts as it is when the whole is walked
                }
            }
            case OBJECT -> addOnce(object, known.fields());
        }
    }

    private void replay(Recording recording) {
        for (Object item : recording.items) {
            if (item instanceof Token token) {
                addToken(token.text());
            } else {
                addNumber((Long) item);
            }
        }
    }

    private void addSet(Set<?> set) {
        addNumber(set.size() + 100);
        if (set.size() > 1) {
            set.stream().sorted(Comparator.comparing(ModelFingerprint::orderOf)).forEach(this::add);
        } else {
            set.forEach(this::add);
        }
    }

    private void addMap(Map<?, ?> map) {
        addNumber(map.size() + 200);
        if (map.size() > 1) {
            map.entrySet().stream()
                    .sorted(Comparator.comparing(entry -> orderOf(entry.getKey())))
                    .forEach(entry -> {
                        add(entry.getKey());
                        add(entry.getValue());
                    });
        } else {
            map.forEach((key, value) -> {
                add(key);
                add(value);
            });
        }
    }

    private static String orderOf(Object key) {
        if (key instanceof SessionId id) {
            return id.value();
        }
        if (key instanceof String || key instanceof Integer || key instanceof Enum<?>) {
            return key.toString();
        }
        if (key instanceof NearCopy copy) {
            return copy.id().value();
        }
        throw new IllegalStateException("No order for " + key.getClass());
    }

    private void addArray(Object[] array) {
        if (array.length == SessionId.SHARDS) {
            add(array[shard]);
            return;
        }
        addNumber(array.length);
        for (Object object : array) {
            add(object);
        }
    }

    private void addOnce(Object object, List<Field> fields) {
        Integer known = seen.get(object);
        if (known != null) {
            addNumber(known + 300);
            return;
        }
        seen.put(object, seen.size());
        addFields(object, fields);
    }

    private void addFields(Object object, List<Field> fields) {
        try {
            for (Field field : fields) {
                Class<?> kind = field.getType();
                if (kind == long.class) {
                    addNumber(field.getLong(object));
                } else if (kind == int.class) {
                    addNumber(field.getInt(object));
                } else if (kind == boolean.class) {
                    addNumber(field.getBoolean(object) ? 3 : 5);
                } else {
                    add(field.get(object));
                }
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Field> fieldsOf(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        // Of an exception counts what is our own.
        for (Class<?> t = type; t != null && !t.getPackageName().equals("java.lang"); t = t.getSuperclass()) {
            for (Field field : t.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic() && !isLeftOut(field.getType())) {
                    field.setAccessible(true);
                    fields.add(field);
                }
            }
        }
        fields.sort(Comparator.comparing(Field::getName));
        return List.copyOf(fields);
    }

    private static boolean isLeftOut(Class<?> type) {
        return LEFT_OUT.contains(type)
                || ExpiryStore.class.isAssignableFrom(type) // SessionStore, too
                || SettleStore.class.isAssignableFrom(type)
                || AttributeCodec.class.isAssignableFrom(type)
                || ContainerSessions.class.isAssignableFrom(type)
                || Ticker.class.isAssignableFrom(type)
                || Rules.class.isAssignableFrom(type)
                || Thread.class.isAssignableFrom(type)
                || Runnable.class.isAssignableFrom(type)
                || ModelStrands.Strand.class.isAssignableFrom(type);
    }
}
