package dev.holdfast.codec.policy;

import java.io.Externalizable;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Currency;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a value and what it holds without storing it: when it is set, and to say where something that cannot be
 * stored is.
 */
public final class StorabilityCheck {
    /** How much of a collection is looked at when it is set. */
    private static final int CHECKED_ELEMENTS = 100;

    private static final int CHECKED_LEVELS = 3;

    /** How many objects are searched to explain a failure. */
    private static final int SEARCHED_OBJECTS = 100_000;

    /** Of one attribute: a reader has seen enough by then. */
    private static final int MOST_FLAWS = 100;

    private static final Set<Class<?>> IMMUTABLE = Set.of(
            String.class,
            Boolean.class,
            Byte.class,
            Character.class,
            Short.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class,
            BigDecimal.class,
            BigInteger.class,
            UUID.class,
            URI.class,
            Locale.class,
            Currency.class,
            Duration.class,
            Instant.class,
            LocalDate.class,
            LocalDateTime.class,
            LocalTime.class,
            MonthDay.class,
            OffsetDateTime.class,
            OffsetTime.class,
            Period.class,
            Year.class,
            YearMonth.class,
            ZonedDateTime.class);

    private final StorableClasses shapes;

    public StorabilityCheck(StorableClasses shapes) {
        this.shapes = shapes;
    }

    /** Enum constants may have fields that change, but are stored by name only. */
    public static boolean isImmutable(Object value) {
        return IMMUTABLE.contains(value.getClass()) || value instanceof Enum || value instanceof ZoneId;
    }

    /**
     * Refuses a value whose class, or the class of one of its first elements, cannot be stored.
     *
     * @throws NotStorableException naming it
     */
    public void check(Object value) {
        check(value, CHECKED_LEVELS, new int[] {CHECKED_ELEMENTS});
    }

    private void check(Object value, int levels, int[] left) {
        shapes.requireStorable(value.getClass());
        if (levels == 0) {
            return;
        }
        for (Part part : parts(value, left[0])) {
            if (left[0]-- <= 0) {
                return;
            }
            try {
                check(part.value, levels - 1, left);
            } catch (NotStorableException e) {
                throw e.in(part.step);
            }
        }
    }

    /** Something that a value holds, and how to get there. */
    private record Part(String step, Object value) {}

    /** An object that is searched, and how it was reached. */
    private record Visit(Object value, @Nullable Visit from, String step) {}

    /** Elements of the JDK's collections only: those of others may be loaded from a database when one asks for them. */
    private static List<Part> parts(Object value, int limit) {
        List<Part> parts = new ArrayList<>();
        try {
            if (value instanceof Object[] array) {
                for (int i = 0; i < Math.min(limit, Array.getLength(array)); i++) {
                    add(parts, "[" + i + "]", array[i]);
                }
            } else if (Proxy.isProxyClass(value.getClass())) {
                Object handler = Proxy.getInvocationHandler(value);
                if (!handler.getClass().getName().equals(StorableClasses.ANNOTATION_HANDLER)) {
                    add(parts, "handler", handler);
                }
            } else if (value.getClass().getName().startsWith("java.util.")) {
                addElements(parts, value, limit);
            }
        } catch (RuntimeException e) {
            // Another thread changes it. What was found will do; storing it will look again.
            return parts;
        }
        return parts;
    }

    private static void addElements(List<Part> parts, Object value, int limit) {
        int index = 0;
        if (value instanceof Collection<?> collection) {
            for (Object element : collection) {
                if (index == limit) {
                    return;
                }
                add(parts, "[" + index++ + "]", element);
            }
        } else if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (index++ == limit) {
                    return;
                }
                add(parts, "[key]", entry.getKey());
                add(parts, "[value]", entry.getValue());
            }
        }
    }

    private static void add(List<Part> parts, String step, @Nullable Object value) {
        if (value != null) {
            parts.add(new Part(step, value));
        }
    }

    /** The same refusal with the path to the object that it is about, as far as it can be found. */
    public NotStorableException find(Object root, NotStorableException refusal) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Visit> open = new ArrayDeque<>();
        open.add(new Visit(root, null, ""));
        while (!open.isEmpty() && seen.size() < SEARCHED_OBJECTS) {
            Visit visit = open.remove();
            if (!seen.add(visit.value)) {
                continue;
            }
            if (visit.value.getClass().getName().equals(refusal.className())) {
                for (Visit step = visit; step != null && step.from != null; step = step.from) {
                    refusal.in(step.step);
                }
                return refusal;
            }
            parts(visit.value, SEARCHED_OBJECTS).forEach(part -> open.add(new Visit(part.value, visit, part.step)));
            fields(visit.value).forEach(part -> open.add(new Visit(part.value, visit, part.step)));
        }
        return refusal;
    }

    /**
     * All objects in a value that cannot be stored for their classes, as far as they can be found: of each class the
     * one that is nearest, with the way to it.
     *
     * @param known the refusal that storing the value has met, which a look at classes need not find
     */
    public List<String> flaws(String attribute, Object root, NotStorableException known) {
        Map<String, NotStorableException> found = new LinkedHashMap<>();
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Visit> open = new ArrayDeque<>();
        open.add(new Visit(root, null, ""));
        while (!open.isEmpty() && seen.size() < SEARCHED_OBJECTS && found.size() < MOST_FLAWS) {
            Visit visit = open.remove();
            if (!seen.add(visit.value)) {
                continue;
            }
            NotStorableException refusal = refusalOf(visit.value, known);
            if (refusal != null) {
                if (!found.containsKey(refusal.className())) {
                    for (Visit step = visit; step != null && step.from != null; step = step.from) {
                        refusal.in(step.step);
                    }
                    found.put(refusal.className(), refusal);
                }
                if (!refusal.lacksPermission()) {
                    continue; // what it holds does not matter
                }
            }
            parts(visit.value, SEARCHED_OBJECTS).forEach(part -> open.add(new Visit(part.value, visit, part.step)));
            if (!writesAnother(visit.value.getClass())) {
                fields(visit.value).forEach(part -> open.add(new Visit(part.value, visit, part.step)));
            }
        }
        found.putIfAbsent(known.className(), known);
        return found.values().stream().map(flaw -> flaw.chain(attribute)).toList();
    }

    private @Nullable NotStorableException refusalOf(Object value, NotStorableException known) {
        try {
            shapes.requireStorable(value.getClass());
        } catch (NotStorableException e) {
            return e;
        }
        return value.getClass().getName().equals(known.className()) ? known.another() : null;
    }

    /** Whether what is stored of such an object is not what its fields hold. */
    private static boolean writesAnother(Class<?> type) {
        return Externalizable.class.isAssignableFrom(type) || isReplaced(type);
    }

    /** Whether an object of a class gives another to be written in its place. */
    static boolean isReplaced(Class<?> type) {
        try {
            for (Class<?> level = type; level != null; level = level.getSuperclass()) {
                for (Method method : level.getDeclaredMethods()) {
                    if (method.getName().equals("writeReplace") && method.getParameterCount() == 0) {
                        return true;
                    }
                }
            }
        } catch (LinkageError e) {
            return false; // a class of a method is missing
        }
        return false;
    }

    private static Field[] fieldsOf(Class<?> level) {
        try {
            return level.getDeclaredFields();
        } catch (LinkageError e) {
            return new Field[0]; // a class of a field is missing
        }
    }

    private static List<Part> fields(Object value) {
        List<Part> parts = new ArrayList<>();
        for (Class<?> level = value.getClass(); level != null; level = level.getSuperclass()) {
            for (Field field : fieldsOf(level)) {
                if (!Modifier.isStatic(field.getModifiers())
                        && !Modifier.isTransient(field.getModifiers())
                        && !field.getType().isPrimitive()) {
                    try {
                        field.setAccessible(true);
                        add(parts, field.getName(), field.get(value));
                    } catch (RuntimeException | IllegalAccessException e) {
                        break; // a class of the JDK keeps its fields to itself
                    }
                }
            }
        }
        return parts;
    }
}
