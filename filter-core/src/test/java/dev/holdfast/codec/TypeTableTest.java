package dev.holdfast.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.holdfast.session.AttributeCodec;
import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.chrono.JapaneseDate;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
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
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.SimpleTimeZone;
import java.util.Stack;
import java.util.TimeZone;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.Subject;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of value comes back as it was, in the expected way: K by Kryo, J by JDK serialization. */
@SuppressWarnings({"JavaUtilDate", "JdkObsolete", "NonApiType", "UnnecessaryStringBuilder"}) // applications have them
class TypeTableTest {
    /** What can be compared of a value without equals. */
    record Case(String name, char way, Object value, Function<Object, Object> view) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final Pattern OF_HOLDFAST = Pattern.compile("dev\\.holdfast\\.[\\w.$]+");

    private static final List<Case> CASES = new ArrayList<>();

    private static void k(String name, Object value) {
        CASES.add(new Case(name, 'K', value, v -> v));
    }

    private static void j(String name, Object value) {
        CASES.add(new Case(name, 'J', value, v -> v));
    }

    private static void seen(String name, char way, Object value, Function<Object, Object> view) {
        CASES.add(new Case(name, way, value, view));
    }

    static {
        k("String", "text");
        k("String not ASCII", "Zürich – 東京 🎈");
        k("String empty", "");
        k("String of control characters", "\u0000\u0001\n");
        k("Boolean", true);
        k("Byte", (byte) -7);
        k("Character", '€');
        k("Short", (short) -700);
        k("Integer", Integer.MIN_VALUE);
        k("Long", Long.MIN_VALUE);
        k("Float", Float.NaN);
        k("Double", -0.0);
        k("BigDecimal", new BigDecimal("12345678901234567890.1200"));
        k("BigDecimal zero with scale", new BigDecimal("0.00"));
        k("BigDecimal negative", new BigDecimal("-1E+10"));
        k("BigInteger", BigInteger.TWO.pow(200).negate());
        k("UUID", UUID.fromString("6a2f41a3-c54c-fce8-32d2-0324e1c32e22"));
        k("URI", URI.create("https://example.org/a?b=c%20d#e"));
        seen("Pattern", 'K', Pattern.compile("a+b", Pattern.CASE_INSENSITIVE), TypeTableTest::pattern);
        k("Locale", Locale.GERMANY);
        k("Locale with script", Locale.forLanguageTag("zh-Hant-TW"));
        k("Locale root", Locale.ROOT);
        j("Locale without a tag", oldNorwegian());
        k("Currency", Currency.getInstance("CHF"));
        k("Date", new Date(-1));
        k("java.sql.Date", new java.sql.Date(0));
        k("java.sql.Time", new java.sql.Time(1));
        k("Timestamp with nanos", timestamp());
        j("GregorianCalendar", new GregorianCalendar(2026, 1, 2));
        j("TimeZone", TimeZone.getTimeZone("Europe/Paris"));
        j("SimpleTimeZone", new SimpleTimeZone(3_600_000, "Own"));
        k("Instant", Instant.parse("1905-01-01T00:00:00.000000001Z"));
        k("LocalDate", LocalDate.of(-5, 2, 28));
        k("LocalTime", LocalTime.of(23, 59, 59, 999_999_999));
        k("LocalDateTime", LocalDateTime.of(2026, 11, 24, 0, 0));
        k("OffsetDateTime", OffsetDateTime.of(2026, 1, 1, 1, 1, 1, 1, ZoneOffset.ofHoursMinutesSeconds(1, 2, 3)));
        k("OffsetTime", OffsetTime.of(1, 0, 0, 0, ZoneOffset.UTC));
        k("ZonedDateTime", ZonedDateTime.of(2026, 7, 1, 12, 0, 0, 5, ZoneId.of("America/New_York")));
        k("ZonedDateTime in the later of two hours", secondHour());
        k("ZonedDateTime of an offset", ZonedDateTime.of(2026, 7, 1, 12, 0, 0, 0, ZoneOffset.ofHours(-3)));
        k("Duration", Duration.ofSeconds(-5, 7));
        k("Period", Period.of(1, -2, 3));
        k("Year", Year.of(2026));
        k("YearMonth", YearMonth.of(2026, 12));
        k("MonthDay", MonthDay.of(2, 29));
        k("ZoneId", ZoneId.of("Asia/Tokyo"));
        k("ZoneOffset", ZoneOffset.ofTotalSeconds(-17));
        k("Month", Month.MAY);
        j("JapaneseDate", JapaneseDate.of(2020, 1, 1));
        seen("byte[]", 'K', new byte[] {1, -1}, v -> Arrays.toString((byte[]) v));
        seen("char[]", 'K', new char[] {'a', '€'}, v -> Arrays.toString((char[]) v));
        seen("short[]", 'K', new short[] {1, -1}, v -> Arrays.toString((short[]) v));
        seen("int[]", 'K', new int[] {1, Integer.MIN_VALUE}, v -> Arrays.toString((int[]) v));
        seen("long[]", 'K', new long[] {1, Long.MIN_VALUE}, v -> Arrays.toString((long[]) v));
        seen("float[]", 'K', new float[] {1, -0f}, v -> Arrays.toString((float[]) v));
        seen("double[]", 'K', new double[] {1, Double.NaN}, v -> Arrays.toString((double[]) v));
        seen("boolean[]", 'K', new boolean[] {true, false}, v -> Arrays.toString((boolean[]) v));
        seen("String[] with null", 'K', new String[] {"a", null}, v -> Arrays.toString((String[]) v));
        seen("Object[] mixed", 'K', new Object[] {1, "a", new int[] {2}}, v -> Arrays.deepToString((Object[]) v));
        seen("int[][]", 'K', new int[][] {{1}, {}, null}, v -> Arrays.deepToString((int[][]) v) + v.getClass());
        seen(
                "record[]",
                'K',
                new Samples.Point[] {new Samples.Point(1, 2)},
                v -> Arrays.toString((Samples.Point[]) v) + v.getClass());
        seen("Number[]", 'K', new Number[] {1, 2L}, v -> Arrays.toString((Number[]) v) + v.getClass());
        k("ArrayList", new ArrayList<>(Arrays.asList(1, null, "x")));
        k("LinkedList", new LinkedList<>(List.of(1, 2)));
        seen("ArrayDeque", 'K', new ArrayDeque<>(List.of(1, 2)), TypeTableTest::elements);
        k("Vector", new Vector<>(List.of(1)));
        k("Stack", stack());
        k("HashSet", new HashSet<>(List.of("a", "b")));
        seen("LinkedHashSet", 'K', new LinkedHashSet<>(List.of("z", "a")), TypeTableTest::elements);
        k("TreeSet", new TreeSet<>(List.of("b", "a")));
        seen("TreeSet with order", 'K', byLength("aaa", "b"), TypeTableTest::elements);
        seen("TreeSet in natural order by comparator", 'K', naturalOrder(), TypeTableTest::elements);
        seen("TreeSet reversed", 'J', reversed(), TypeTableTest::elements);
        seen("PriorityQueue", 'K', new PriorityQueue<>(List.of(3, 1, 2)), TypeTableTest::sorted);
        k("CopyOnWriteArrayList", new CopyOnWriteArrayList<>(List.of(1)));
        k("CopyOnWriteArraySet", new CopyOnWriteArraySet<>(List.of(1)));
        seen("ConcurrentLinkedQueue", 'K', new ConcurrentLinkedQueue<>(List.of(1, 2)), TypeTableTest::elements);
        seen("ConcurrentLinkedDeque", 'K', new ConcurrentLinkedDeque<>(List.of(1, 2)), TypeTableTest::elements);
        k("ConcurrentSkipListSet", new ConcurrentSkipListSet<>(List.of(2, 1)));
        k("HashMap with null", hashMap());
        seen("LinkedHashMap", 'K', new LinkedHashMap<>(orderedMap(false)), v -> v.toString());
        seen("LinkedHashMap in access order", 'J', orderedMap(true), TypeTableTest::accessed);
        seen("LinkedHashMap in access order, empty", 'J', new LinkedHashMap<>(1, 1, true), TypeTableTest::accessed);
        k("Hashtable", new Hashtable<>(Map.of(1, 2)));
        k("ConcurrentHashMap", new ConcurrentHashMap<>(Map.of(1, 2)));
        k("TreeMap", new TreeMap<>(Map.of("b", 1, "a", 2)));
        j("TreeMap ignoring case", caseless());
        k("ConcurrentSkipListMap", new ConcurrentSkipListMap<>(Map.of("b", 1, "a", 2)));
        j("EnumMap", new EnumMap<>(Map.of(Samples.Plain.FIRST, 1)));
        k("EnumSet", EnumSet.of(Samples.Plain.SECOND));
        k("EnumSet empty", EnumSet.noneOf(Samples.WithBodies.class));
        k("EnumSet of constants with bodies", EnumSet.allOf(Samples.WithBodies.class));
        j("IdentityHashMap", new IdentityHashMap<>());
        j("Properties", properties());
        k("List.of()", List.of());
        k("List.of(1)", List.of(1));
        k("List.of(1, 2, 3)", List.of(1, 2, 3));
        k("Stream.toList with null", Stream.of(1, null).toList());
        k("Set.of", Set.of(1, 2, 3));
        k("Set.of()", Set.of());
        k("Map.of", Map.of(1, 2, 3, 4));
        k("Map.of(1, 2)", Map.of(1, 2));
        k("Map.of()", Map.of());
        k("Arrays.asList", Arrays.asList(1, null));
        k("emptyList", Collections.emptyList());
        k("emptySet", Collections.emptySet());
        k("emptyMap", Collections.emptyMap());
        k("singletonList", Collections.singletonList(null));
        k("singleton", Collections.singleton(1));
        k("singletonMap", Collections.singletonMap("a", null));
        j("unmodifiableList", Collections.unmodifiableList(new ArrayList<>(List.of(1))));
        j("unmodifiableMap", Collections.unmodifiableMap(new HashMap<>(Map.of(1, 2))));
        j("synchronizedMap", Collections.synchronizedMap(new HashMap<>(Map.of(1, 2))));
        j("checkedList", Collections.checkedList(new ArrayList<>(List.of("a")), String.class));
        j("nCopies", Collections.nCopies(3, "a"));
        j("ConcurrentHashMap.newKeySet", newKeySet());
        j("SimpleEntry", new AbstractMap.SimpleEntry<>("a", 1));
        k("Optional", Optional.of("a"));
        k("Optional empty", Optional.empty());
        k("OptionalInt", OptionalInt.of(1));
        k("OptionalLong", OptionalLong.empty());
        k("OptionalDouble", OptionalDouble.of(1));
        seen("AtomicBoolean", 'K', new AtomicBoolean(true), Object::toString);
        seen("AtomicInteger", 'K', new AtomicInteger(-1), Object::toString);
        seen("AtomicLong", 'K', new AtomicLong(Long.MAX_VALUE), Object::toString);
        seen("AtomicReference", 'J', new AtomicReference<>("a"), Object::toString);
        seen("LongAdder", 'J', adder(), Object::toString);
        seen("StringBuilder", 'K', new StringBuilder("a€"), Object::toString);
        seen("StringBuffer", 'K', new StringBuffer("a"), Object::toString);
        k("BitSet", BitSet.valueOf(new long[] {5, 1L << 63}));
        j("InetAddress", InetAddress.getLoopbackAddress());
        j("X500Principal", new X500Principal("CN=alice, O=shop"));
        seen("Subject", 'J', subject(), v -> ((Subject) v).getPrincipals());
        j("SecretKeySpec", new SecretKeySpec(new byte[16], "AES"));
        j("File", new File("a/b"));
        seen("Random", 'J', new Random(1), TypeTableTest::nextOfCopy);
        seen("Throwable", 'J', new IllegalStateException("told"), v -> ((Throwable) v).getMessage());
        j("Class", String.class);
        k("record", new Samples.Point(1, -2));
        k("record of generic parts", new Samples.Named<>("n", 1, List.of(2, 3)));
        k("enum", Samples.Plain.FIRST);
        k("enum with bodies", Samples.WithBodies.SUBTRACT);
        k("object", new Samples.Cart().with(new Samples.Line("a", BigDecimal.TEN, 2)));
        k("Principal", new Samples.User("alice"));
        seen("primitive fields", 'K', new Samples.Primitives(), TypeTableTest::primitives);
        seen("hidden field", 'K', hiding(), v -> ((Samples.Hiding) v).value + "/" + ((Samples.StateVersion) v).value);
        seen(
                "no default constructor",
                'K',
                new Samples.NoDefaultConstructor("a"),
                v -> ((Samples.NoDefaultConstructor) v).name);
        seen(
                "throwing constructor",
                'K',
                new Samples.ThrowingConstructor("a"),
                v -> ((Samples.ThrowingConstructor) v).name);
        seen(
                "parent that is not Serializable",
                'J',
                new Samples.OfNotSerializableParent(),
                v -> ((Samples.OfNotSerializableParent) v).made + ((Samples.OfNotSerializableParent) v).own);
        seen("list with a field", 'J', listWithField(), v -> v + ((Samples.ListWithField) v).title);
        seen("map with a field", 'J', mapWithField(), v -> v + ((Samples.MapWithField) v).title);
        seen("writeObject", 'J', customForm(), v -> ((Samples.CustomForm) v).secret);
        seen("readResolve", 'J', Samples.Singleton.INSTANCE, System::identityHashCode);
        j("writeReplace", new Samples.Replaced("a"));
        seen("Externalizable", 'J', external(), v -> ((Samples.External) v).text);
        seen("anonymous list", 'J', anonymous(), TypeTableTest::elements);
    }

    static List<Case> cases() {
        return CASES;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void comesBackAsItWas(Case sample) throws Exception {
        Object before = sample.view.apply(sample.value);

        byte[] bytes = TestCodecs.codec().encode("a", sample.value);
        Object decoded = TestCodecs.codec().decode("a", bytes);

        assertThat(TestCodecs.wayOf(bytes)).isEqualTo(sample.way);
        assertThat(decoded.getClass()).isEqualTo(sample.value.getClass());
        assertThat(sample.view.apply(decoded)).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mayBeSet(Case sample) {
        assertThatCode(() -> TestCodecs.codec().check("a", sample.value)).doesNotThrowAnyException();
    }

    /** Else classes of Holdfast could never move. */
    @ParameterizedTest
    @MethodSource("cases")
    void namesNoClassOfHoldfast(Case sample) throws Exception {
        String stored = new String(TestCodecs.codec().encode("a", sample.value), ISO_8859_1);

        assertThat(OF_HOLDFAST.matcher(stored).results().map(MatchResult::group))
                .allMatch(name -> name.matches("dev\\.holdfast\\.codec\\.(Samples|TypeTableTest).*"));
    }

    /** The dirty check compares with the bytes last made of the live object, whichever Kryo made them. */
    @ParameterizedTest
    @MethodSource("cases")
    void givesTheSameBytesAgain(Case sample) throws Exception {
        AttributeCodec codec = TestCodecs.codec();
        List<Object> inList = new ArrayList<>(List.of(sample.value, sample.value));

        byte[] first = codec.encode("a", inList);
        codec.encode("b", new Samples.Cart().with(new Samples.Line("x", BigDecimal.ONE, 1)));

        assertThat(codec.encode("a", inList)).isEqualTo(first);
        assertThat(TestCodecs.codec().encode("a", inList)).isEqualTo(first);
    }

    private static Object pattern(Object v) {
        return ((Pattern) v).pattern() + ((Pattern) v).flags();
    }

    private static Object elements(Object v) {
        return new ArrayList<>((Collection<?>) v);
    }

    private static Object sorted(Object v) {
        return ((Collection<?>) v).stream().sorted().toList();
    }

    private static Object primitives(Object v) {
        Samples.Primitives p = (Samples.Primitives) v;
        return List.of(p.z, p.b, p.c, p.s, p.i, p.j, p.f, p.d, p.boxed);
    }

    /** Looks the first entry up in a copy: in access order it becomes the last. */
    @SuppressWarnings("unchecked")
    private static Object accessed(Object v) {
        LinkedHashMap<Object, Object> copy =
                (LinkedHashMap<Object, Object>) ((LinkedHashMap<Object, Object>) v).clone();
        copy.put("p", 1);
        copy.put("q", 1);
        copy.get("p");
        return copy.toString();
    }

    private static Object nextOfCopy(Object v) {
        try {
            return ((Random) TestCodecs.roundTrip(v)).nextLong();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("deprecation") // only the constructor of old makes one
    private static Locale oldNorwegian() {
        return new Locale("no", "NO", "NY");
    }

    private static Timestamp timestamp() {
        Timestamp timestamp = new Timestamp(123_456);
        timestamp.setNanos(123_456_789);
        return timestamp;
    }

    private static ZonedDateTime secondHour() {
        return ZonedDateTime.of(2026, 10, 25, 2, 30, 0, 0, ZoneId.of("Europe/Zurich"))
                .withLaterOffsetAtOverlap();
    }

    private static Stack<Object> stack() {
        Stack<Object> stack = new Stack<>();
        stack.push("a");
        return stack;
    }

    private static TreeSet<String> byLength(String... values) {
        TreeSet<String> set = new TreeSet<>(new Samples.ByLength());
        set.addAll(List.of(values));
        return set;
    }

    private static TreeSet<String> naturalOrder() {
        TreeSet<String> set = new TreeSet<>(Comparator.naturalOrder());
        set.addAll(List.of("b", "a"));
        return set;
    }

    private static TreeSet<String> reversed() {
        TreeSet<String> set = new TreeSet<>(Collections.reverseOrder());
        set.addAll(List.of("a", "b"));
        return set;
    }

    private static HashMap<Object, Object> hashMap() {
        HashMap<Object, Object> map = new HashMap<>();
        map.put(null, "a");
        map.put("b", null);
        return map;
    }

    private static Map<String, Integer> orderedMap(boolean accessOrder) {
        Map<String, Integer> map = new LinkedHashMap<>(16, 0.75f, accessOrder);
        map.put("z", 1);
        map.put("a", 2);
        return map;
    }

    private static TreeMap<String, Integer> caseless() {
        TreeMap<String, Integer> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        map.put("A", 1);
        return map;
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("a", "b");
        return properties;
    }

    private static Set<Object> newKeySet() {
        Set<Object> set = ConcurrentHashMap.newKeySet();
        set.add("a");
        return set;
    }

    private static LongAdder adder() {
        LongAdder adder = new LongAdder();
        adder.add(5);
        return adder;
    }

    private static Subject subject() {
        Subject subject = new Subject();
        subject.getPrincipals().add(new Samples.User("alice"));
        return subject;
    }

    private static Samples.Hiding hiding() {
        Samples.Hiding hiding = new Samples.Hiding();
        hiding.value = 1;
        ((Samples.StateVersion) hiding).value = 2;
        return hiding;
    }

    private static Samples.ListWithField listWithField() {
        Samples.ListWithField list = new Samples.ListWithField();
        list.add("a");
        list.title = "t";
        return list;
    }

    private static Samples.MapWithField mapWithField() {
        Samples.MapWithField map = new Samples.MapWithField();
        map.put("a", "b");
        map.title = "t";
        return map;
    }

    private static Samples.CustomForm customForm() {
        Samples.CustomForm form = new Samples.CustomForm();
        form.secret = "s";
        return form;
    }

    private static Samples.External external() {
        Samples.External external = new Samples.External();
        external.text = "t";
        return external;
    }

    @SuppressWarnings("serial")
    private static List<String> anonymous() {
        return new ArrayList<>(List.of("a")) {};
    }
}
