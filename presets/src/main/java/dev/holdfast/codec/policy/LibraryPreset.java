package dev.holdfast.codec.policy;

import dev.holdfast.codec.KryoCodec;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What is known of one library or framework: a codec that allows nothing else, and what values of it need. */
public final class LibraryPreset {
    private static final ClassLoader LOADER = LibraryPreset.class.getClassLoader();

    private final Predicate<String> present;
    private final KryoCodec codec;

    private LibraryPreset(Predicate<String> present) {
        this.present = present;
        this.codec = codecAllowing("");
    }

    /** Of a library, by the class by which it is known. */
    public static LibraryPreset of(Class<?> marker) {
        return new LibraryPreset(marker.getName()::equals);
    }

    /**
     * Of a framework whose lists are several. What else is on the class path has a test of its own: the test kit, for
     * one, brings Kotlin's library along.
     *
     * @param prefix of the names of its classes
     */
    public static LibraryPreset of(String prefix) {
        return new LibraryPreset(name -> name.startsWith(prefix) && hasFile(name));
    }

    /**
     * A value.
     *
     * @param name as a test shows it
     */
    public record Kept(String name, Object value) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static boolean hasFile(String name) {
        return LOADER.getResource(name.replace('.', '/') + ".class") != null;
    }

    /** Classes of the tests stand for the application's: those that have a file, as in WEB-INF/classes. */
    private static boolean isOwn(String name) {
        return name.startsWith("dev.holdfast.") && hasFile(name);
    }

    /** Whether the application has a class by which something is known. */
    public boolean isPresent(String className) {
        return present.test(className);
    }

    /** The same, with more that the application allows by name. */
    public KryoCodec codecAllowing(String patterns) {
        ClassPolicy policy =
                ClassPolicy.app(ClassPatterns.parse(patterns), LibraryPreset::isOwn, Set.of(), name -> false, present);
        return new KryoCodec(LOADER, policy, line -> {});
    }

    /** Allows what is known of it, and nothing else. */
    public KryoCodec codec() {
        return codec;
    }

    /** As another node has it after this one stored it. */
    public Object again(Object value) throws Exception {
        codec.check("a", value);
        return codec.decode("a", codec.encode("a", value));
    }

    /** The classes that are known. */
    public Set<String> list() {
        return new TreeSet<>(Presets.of(present).list());
    }

    /** The classes beside the JDK's that storing and reading these values takes. */
    public Set<String> neededFor(Stream<?> values) throws Exception {
        Set<String> needed = new TreeSet<>();
        Predicate<String> libraryClass = name -> {
            needed.add(name);
            return true;
        };
        ClassPolicy learning = ClassPolicy.learn(
                ClassPatterns.NONE, LibraryPreset::isOwn, Set.of(), libraryClass, name -> false, line -> {});
        KryoCodec learner = new KryoCodec(LOADER, learning, line -> {});
        for (Object value : values.toList()) {
            learner.decode("a", learner.encode("a", value));
        }
        return needed;
    }
}
