package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.serializers.DefaultArraySerializers;
import com.esotericsoftware.kryo.serializers.DefaultSerializers;
import com.esotericsoftware.kryo.serializers.OptionalSerializers;
import com.esotericsoftware.kryo.serializers.TimeSerializers;
import java.lang.invoke.MethodType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.sql.Time;
import java.sql.Timestamp;
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
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Currency;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.Stack;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's types that are given back as they were, each with its number in the stored bytes. Exact classes only: a sub
 * class may hold more than its parent's serializer sees.
 *
 * <p>Implementation note: the numbers are part of the stored format. New types come at the end, none is ever removed or
 * moved.
 */
public final class KnownTypes {
    /** One type; leaves hold no object of another class, so that everybody can read over them. */
    private record Known(Class<?> type, Supplier<Serializer<?>> serializer, boolean leaf) {}

    private static final List<Known> TYPES = new ArrayList<>();

    /** Kryo itself registers these first; their numbers are 0 to 8. */
    private static final List<Class<?>> KRYOS_OWN = List.of(
            int.class,
            String.class,
            float.class,
            boolean.class,
            byte.class,
            char.class,
            short.class,
            long.class,
            double.class);

    private static final int FIRST = KRYOS_OWN.size();

    static {
        register();
    }

    @SuppressWarnings({"JdkObsolete", "NonApiType"}) // applications have them
    private static void register() {
        leaf(BigDecimal.class, DefaultSerializers.BigDecimalSerializer::new);
        leaf(BigInteger.class, DefaultSerializers.BigIntegerSerializer::new);
        leaf(UUID.class, DefaultSerializers.UUIDSerializer::new);
        leaf(Date.class, DefaultSerializers.DateSerializer::new);
        leaf(Instant.class, TimeSerializers.InstantSerializer::new);
        leaf(LocalDate.class, TimeSerializers.LocalDateSerializer::new);
        leaf(LocalDateTime.class, TimeSerializers.LocalDateTimeSerializer::new);
        leaf(LocalTime.class, TimeSerializers.LocalTimeSerializer::new);
        leaf(OffsetDateTime.class, TimeSerializers.OffsetDateTimeSerializer::new);
        leaf(OffsetTime.class, TimeSerializers.OffsetTimeSerializer::new);
        leaf(ZonedDateTime.class, ValueSerializer::ofZonedDateTime);
        leaf(Duration.class, TimeSerializers.DurationSerializer::new);
        leaf(Period.class, TimeSerializers.PeriodSerializer::new);
        leaf(Year.class, TimeSerializers.YearSerializer::new);
        leaf(YearMonth.class, TimeSerializers.YearMonthSerializer::new);
        leaf(MonthDay.class, TimeSerializers.MonthDaySerializer::new);
        leaf(ZoneOffset.class, TimeSerializers.ZoneOffsetSerializer::new);
        // The only other ZoneId, which has no public name.
        leaf(ZoneId.of("Europe/Paris").getClass(), TimeSerializers.ZoneIdSerializer::new);
        leaf(Locale.class, ValueSerializer::ofLocale);
        leaf(Currency.class, DefaultSerializers.CurrencySerializer::new);
        leaf(URI.class, DefaultSerializers.URISerializer::new);
        leaf(Pattern.class, DefaultSerializers.PatternSerializer::new);
        leaf(java.sql.Date.class, DefaultSerializers.DateSerializer::new);
        leaf(Time.class, DefaultSerializers.DateSerializer::new);
        leaf(Timestamp.class, DefaultSerializers.TimestampSerializer::new);
        leaf(AtomicBoolean.class, DefaultSerializers.AtomicBooleanSerializer::new);
        leaf(AtomicInteger.class, DefaultSerializers.AtomicIntegerSerializer::new);
        leaf(AtomicLong.class, DefaultSerializers.AtomicLongSerializer::new);
        leaf(StringBuilder.class, DefaultSerializers.StringBuilderSerializer::new);
        leaf(StringBuffer.class, DefaultSerializers.StringBufferSerializer::new);
        leaf(BitSet.class, DefaultSerializers.BitSetSerializer::new);
        leaf(OptionalInt.class, OptionalSerializers.OptionalIntSerializer::new);
        leaf(OptionalLong.class, OptionalSerializers.OptionalLongSerializer::new);
        leaf(OptionalDouble.class, OptionalSerializers.OptionalDoubleSerializer::new);
        leaf(byte[].class, DefaultArraySerializers.ByteArraySerializer::new);
        leaf(char[].class, DefaultArraySerializers.CharArraySerializer::new);
        leaf(short[].class, DefaultArraySerializers.ShortArraySerializer::new);
        leaf(int[].class, DefaultArraySerializers.IntArraySerializer::new);
        leaf(long[].class, DefaultArraySerializers.LongArraySerializer::new);
        leaf(float[].class, DefaultArraySerializers.FloatArraySerializer::new);
        leaf(double[].class, DefaultArraySerializers.DoubleArraySerializer::new);
        leaf(boolean[].class, DefaultArraySerializers.BooleanArraySerializer::new);

        array(Object[].class);
        array(String[].class);
        collection(ArrayList.class, ArrayList::new);
        collection(LinkedList.class, LinkedList::new);
        collection(ArrayDeque.class, ArrayDeque::new);
        collection(HashSet.class, HashSet::new);
        collection(LinkedHashSet.class, LinkedHashSet::new);
        collection(Vector.class, Vector::new);
        collection(Stack.class, Stack::new);
        sorted(TreeSet.class, TreeSet::new, KnownTypes::setOrder, false);
        sorted(PriorityQueue.class, PriorityQueue::new, c -> queueOrder(c), false);
        concurrent(CopyOnWriteArrayList.class, CopyOnWriteArrayList::new);
        concurrent(CopyOnWriteArraySet.class, CopyOnWriteArraySet::new);
        concurrent(ConcurrentLinkedQueue.class, ConcurrentLinkedQueue::new);
        concurrent(ConcurrentLinkedDeque.class, ConcurrentLinkedDeque::new);
        sorted(ConcurrentSkipListSet.class, ConcurrentSkipListSet::new, KnownTypes::setOrder, true);
        map(HashMap.class, HashMap::new, false);
        map(LinkedHashMap.class, LinkedHashMap::new, false);
        map(Hashtable.class, Hashtable::new, false);
        map(ConcurrentHashMap.class, ConcurrentHashMap::new, true);
        sortedMap(TreeMap.class, TreeMap::new, false);
        sortedMap(ConcurrentSkipListMap.class, ConcurrentSkipListMap::new, true);
        node(EnumSet.class, EnumSetSerializer::new);

        list(List.of().getClass(), FixedSerializer::listOf);
        list(List.of(1).getClass(), FixedSerializer::listOf);
        list(Arrays.asList(1).getClass(), Arrays::asList);
        list(Collections.emptyList().getClass(), values -> Collections.emptyList());
        list(
                Collections.singletonList(1).getClass(),
                values -> Collections.singletonList(FixedSerializer.only(values)));
        set(Set.of().getClass(), Set::of);
        set(Set.of(1).getClass(), Set::of);
        set(Collections.emptySet().getClass(), values -> Collections.emptySet());
        set(Collections.singleton(1).getClass(), values -> Collections.singleton(FixedSerializer.only(values)));
        fixedMap(Map.of().getClass(), FixedSerializer::mapOf);
        fixedMap(Map.of(1, 1).getClass(), FixedSerializer::mapOf);
        fixedMap(Collections.emptyMap().getClass(), values -> Collections.emptyMap());
        fixedMap(Collections.singletonMap(1, 1).getClass(), values -> Collections.singletonMap(values[0], values[1]));
        node(
                Optional.class,
                () -> new FixedSerializer<Optional<Object>>(
                        optional -> optional.stream().toArray(),
                        values -> values.length == 0 ? Optional.empty() : Optional.of(FixedSerializer.only(values))));
    }

    private KnownTypes() {}

    /** Registers all in a new Kryo, which must have none but its own. */
    static void register(GraphKryo kryo) {
        if (kryo.getNextRegistrationId() != FIRST) {
            throw new IllegalStateException("Kryo registers other types of its own than the stored format expects");
        }
        int number = FIRST;
        for (Known known : TYPES) {
            kryo.register(known.type, known.serializer.get(), number++);
        }
    }

    /** The name of the type of a number in the stored bytes; null for one that this version does not know. */
    static @Nullable String nameOf(int number) {
        if (number >= 0 && number < FIRST) {
            return MethodType.methodType(KRYOS_OWN.get(number))
                    .wrap()
                    .returnType()
                    .getName();
        }
        return number >= FIRST && number - FIRST < TYPES.size()
                ? TYPES.get(number - FIRST).type.getTypeName()
                : null;
    }

    /** Whether every node knows the type without looking up a class. */
    public static boolean contains(Class<?> type) {
        return ByType.KNOWN.contains(type) || EnumSet.class.isAssignableFrom(type);
    }

    /** Whether a value of this type holds no object of a class that a node may not know. */
    static boolean isLeaf(Registration registration) {
        int id = registration.getId();
        return id >= 0 && (id < FIRST || TYPES.get(id - FIRST).leaf);
    }

    private static final class ByType {
        static final Set<Class<?>> KNOWN = all();

        private static Set<Class<?>> all() {
            Set<Class<?>> all = new HashSet<>(KRYOS_OWN);
            all.addAll(List.of(
                    Integer.class,
                    Float.class,
                    Boolean.class,
                    Byte.class,
                    Character.class,
                    Short.class,
                    Long.class,
                    Double.class));
            TYPES.forEach(known -> all.add(known.type));
            return Set.copyOf(all);
        }
    }

    private static void leaf(Class<?> type, Supplier<Serializer<?>> serializer) {
        TYPES.add(new Known(type, serializer, true));
    }

    private static void node(Class<?> type, Supplier<Serializer<?>> serializer) {
        TYPES.add(new Known(type, serializer, false));
    }

    private static void array(Class<?> type) {
        node(type, () -> new ArraySerializer(type.getComponentType()));
    }

    private static void collection(Class<?> type, Supplier<Collection<Object>> factory) {
        node(type, () -> new CollectionSerializer(order -> factory.get(), null, false));
    }

    private static void concurrent(Class<?> type, Supplier<Collection<Object>> factory) {
        node(type, () -> new CollectionSerializer(order -> factory.get(), null, true));
    }

    private static void sorted(
            Class<?> type,
            CollectionSerializer.Factory factory,
            Function<Collection<Object>, @Nullable Comparator<Object>> order,
            boolean concurrent) {
        node(type, () -> new CollectionSerializer(factory, order, concurrent));
    }

    private static void map(Class<?> type, Supplier<Map<Object, Object>> factory, boolean concurrent) {
        node(type, () -> new MapSerializer(order -> factory.get(), null, concurrent));
    }

    private static void sortedMap(Class<?> type, MapSerializer.Factory factory, boolean concurrent) {
        node(type, () -> new MapSerializer(factory, KnownTypes::mapOrder, concurrent));
    }

    private static void list(Class<?> type, Function<Object[], List<Object>> build) {
        node(type, () -> FixedSerializer.ofList(build));
    }

    private static void set(Class<?> type, Function<Object[], Set<Object>> build) {
        node(type, () -> FixedSerializer.ofSet(build));
    }

    private static void fixedMap(Class<?> type, Function<Object[], Map<Object, Object>> build) {
        node(type, () -> FixedSerializer.ofMap(build));
    }

    private static @Nullable Comparator<Object> setOrder(Collection<Object> set) {
        return ((SortedSet<Object>) set).comparator();
    }

    private static @Nullable Comparator<Object> queueOrder(Collection<Object> queue) {
        return ((PriorityQueue<Object>) queue).comparator();
    }

    private static @Nullable Comparator<Object> mapOrder(Map<Object, Object> map) {
        return ((SortedMap<Object, Object>) map).comparator();
    }
}
