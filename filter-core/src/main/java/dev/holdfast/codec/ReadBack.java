package dev.holdfast.codec;

import dev.holdfast.session.SerializedAsJdk;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A value beside what was made of its bytes: field by field, element by element, and by the equals of its classes.
 * Stored bytes do not tell: a table that was made for more comes back smaller. Transient fields are not looked at, and
 * the JDK's own types are taken at their word. For one thread.
 */
final class ReadBack {
    /** As many as a failure is explained with. */
    private static final int MOST_OBJECTS = 100_000;

    /** To find an element may take a look at each of them. */
    private static final int MOST_SEARCHED = 1000;

    /** An equals may look at all that is below. */
    private static final int MOST_EQUALS = 1000;

    /** Of the JDK, with a text that is all there is to them, without equals or with one that asks a name server. */
    private static final Set<Class<?>> TEXTS = Set.of(
            StringBuilder.class,
            StringBuffer.class,
            Pattern.class,
            URL.class,
            AtomicBoolean.class,
            AtomicInteger.class,
            AtomicLong.class);

    /** An object that was stored, what came back, and how they were reached. */
    private record Pair(
            @Nullable Object live,
            @Nullable Object read,
            @Nullable Pair from,
            String step) {
        /** The way from the attribute, with a dot in front of a field. */
        String path() {
            StringBuilder path = new StringBuilder();
            for (Pair pair = this; pair != null; pair = pair.from) {
                path.insert(0, pair.step);
            }
            return path.toString();
        }
    }

    private final Object live;
    private final Object read;
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Pair> open = new ArrayDeque<>();
    private final List<Pair> comparable = new ArrayList<>();
    private boolean partial;
    private boolean shuffled;

    /** @param read is changed by nobody */
    ReadBack(Object live, Object read) {
        this.live = live;
        this.read = read;
    }

    /** Whether there was something that it could not look at, and whose bytes may tell. */
    boolean isPartial() {
        return partial && !shuffled;
    }

    /**
     * Where the two differ first, as the way to it, its class and what is wrong; null if they are the same as far as
     * can be seen. To be called once.
     */
    @Nullable
    String difference() {
        open.add(new Pair(live, read, null, ""));
        while (!open.isEmpty()) {
            Pair pair = open.remove();
            String wrong = compare(pair);
            if (wrong != null) {
                return told(pair, wrong);
            }
            if (seen.size() >= MOST_OBJECTS) {
                partial = true;
                break;
            }
        }
        // The last ones are the deepest: what makes the others differ, too.
        for (int i = comparable.size() - 1; i >= 0; i--) {
            String wrong = unequal(comparable.get(i));
            if (wrong != null) {
                return told(comparable.get(i), wrong);
            }
        }
        return null;
    }

    private static String told(Pair pair, String wrong) {
        Object named = pair.live == null ? pair.read : pair.live;
        return pair.path() + " → " + (named == null ? "null" : named.getClass().getName()) + " " + wrong;
    }

    private @Nullable String compare(Pair pair) {
        Object one = pair.live;
        Object other = pair.read;
        if (one == null || other == null) {
            return one == other ? null : one == null ? "was null before it was stored" : "is null when it is read back";
        }
        if (one == other || !seen.add(one) || one instanceof SerializedAsJdk) {
            return null;
        }
        Class<?> type = one.getClass();
        if (type.isHidden() || Proxy.isProxyClass(type)) {
            return compareGenerated(pair, one, other);
        }
        if (type != other.getClass()) {
            return isEqual(one, other)
                    ? null
                    : "is read back as " + other.getClass().getName();
        }
        if (type.isArray()) {
            return compareArrays(pair, one, other);
        }
        if (one instanceof Optional<?> optional) {
            open.add(new Pair(optional.orElse(null), ((Optional<?>) other).orElse(null), pair, ".value"));
            return null;
        }
        if (isOfJdk(type)) {
            return compareJdk(pair, one, other);
        }
        if (overridesEquals(type) && comparable.size() < MOST_EQUALS) {
            comparable.add(pair);
        }
        return compareFields(pair, type, one, other);
    }

    private static boolean isOfJdk(Class<?> type) {
        return type.getName().startsWith("java.") || type.getName().startsWith("javax.");
    }

    /** Each JVM has classes of its own for lambdas and proxies. */
    private @Nullable String compareGenerated(Pair pair, Object one, Object other) {
        if (!Proxy.isProxyClass(one.getClass()) || !Proxy.isProxyClass(other.getClass())) {
            partial = true;
            return null;
        }
        Object handler = Proxy.getInvocationHandler(one);
        if (handler.getClass().getName().startsWith("sun.")) {
            return null; // an annotation
        }
        open.add(new Pair(handler, Proxy.getInvocationHandler(other), pair, ".handler"));
        return null;
    }

    private @Nullable String compareArrays(Pair pair, Object one, Object other) {
        if (Array.getLength(one) != Array.getLength(other)) {
            return "is read back with another length";
        }
        if (one.getClass().getComponentType().isPrimitive()) {
            return Objects.deepEquals(one, other) ? null : "is read back with other content";
        }
        if (isTooMuch(Array.getLength(one))) {
            return null;
        }
        for (int i = 0; i < Array.getLength(one); i++) {
            open.add(new Pair(Array.get(one, i), Array.get(other, i), pair, "[" + i + "]"));
        }
        return null;
    }

    private @Nullable String compareJdk(Pair pair, Object one, Object other) {
        if (one instanceof Map<?, ?> map) {
            return compareMaps(pair, map, (Map<?, ?>) other);
        }
        if (one instanceof Collection<?> collection) {
            return compareCollections(pair, collection, (Collection<?>) other);
        }
        if (TEXTS.contains(one.getClass())) {
            return one.toString().equals(other.toString()) ? null : "is read back with other content";
        }
        if (overridesEquals(one.getClass())) {
            return one.equals(other) ? null : "is read back with other content";
        }
        partial |= one.getClass() != Object.class;
        return null;
    }

    private @Nullable String compareMaps(Pair pair, Map<?, ?> one, Map<?, ?> other) {
        if (one.size() != other.size()) {
            return "is read back with another number of entries";
        }
        if (isTooMuch(one.size())) {
            return null;
        }
        for (Map.Entry<?, ?> entry : one.entrySet()) {
            Object key = entry.getKey();
            boolean found = key == null || (overridesEquals(key.getClass()) && !(one instanceof IdentityHashMap));
            if (!found || !one.containsKey(key)) {
                shuffled = true; // which of the other keys it is, nobody can say, nor in which order they are stored
            } else if (other.containsKey(key)) {
                open.add(new Pair(entry.getValue(), other.get(key), pair, "[value]"));
            } else {
                return "is read back without one of its keys";
            }
        }
        return null;
    }

    private @Nullable String compareCollections(Pair pair, Collection<?> one, Collection<?> other) {
        if (one.size() != other.size()) {
            return "is read back with another number of elements";
        }
        if (isTooMuch(one.size())) {
            return null;
        }
        if (hasOrder(one)) {
            Iterator<?> others = other.iterator();
            int index = 0;
            for (Object element : one) {
                open.add(new Pair(element, others.next(), pair, "[" + index++ + "]"));
            }
            return null;
        }
        if (one.size() > MOST_SEARCHED && !(one instanceof HashSet)) {
            partial = true;
            return null;
        }
        for (Object element : one) {
            boolean found = element == null || overridesEquals(element.getClass());
            if (!found || !one.contains(element)) {
                shuffled = true;
            } else if (!other.contains(element)) {
                return "is read back without one of its elements";
            }
        }
        return null;
    }

    /** Whether so many more are not looked at any more, each by itself. */
    private boolean isTooMuch(int elements) {
        boolean tooMuch = seen.size() + open.size() + (long) elements > MOST_OBJECTS;
        partial |= tooMuch;
        return tooMuch;
    }

    private static boolean hasOrder(Collection<?> collection) {
        return collection instanceof List
                || collection instanceof SortedSet
                || collection instanceof LinkedHashSet
                || (collection instanceof Queue && !(collection instanceof PriorityQueue));
    }

    private @Nullable String compareFields(Pair pair, Class<?> type, Object one, Object other) {
        for (Class<?> level = type; level != null && level != Object.class; level = level.getSuperclass()) {
            for (Field field : level.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || Modifier.isTransient(field.getModifiers())) {
                    continue;
                }
                try {
                    field.setAccessible(true);
                    Object value = field.get(one);
                    Object readBack = field.get(other);
                    if (!field.getType().isPrimitive()) {
                        open.add(new Pair(value, readBack, pair, "." + field.getName()));
                    } else if (!value.equals(readBack)) {
                        return "has another " + field.getName() + " when it is read back";
                    }
                } catch (RuntimeException | IllegalAccessException e) {
                    partial = true; // a class of the JDK above it keeps its fields to itself
                    break;
                }
            }
        }
        return null;
    }

    private static boolean overridesEquals(Class<?> type) {
        try {
            return type.getMethod("equals", Object.class).getDeclaringClass() != Object.class;
        } catch (NoSuchMethodException | LinkageError e) {
            return false;
        }
    }

    private static boolean isEqual(Object one, Object other) {
        try {
            return one.equals(other);
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static @Nullable String unequal(Pair pair) {
        Object one = Objects.requireNonNull(pair.live);
        if (!isEqual(one, one)) {
            return null; // it says nothing, of whatever
        }
        try {
            return one.equals(pair.read) ? null : "is not equal to what is read back, though its fields are the same";
        } catch (RuntimeException e) {
            return "fails in equals with " + e.getClass().getName() + " when it is compared with what is read back";
        }
    }
}
