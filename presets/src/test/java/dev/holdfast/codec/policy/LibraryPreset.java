package dev.holdfast.codec.policy;

import dev.holdfast.codec.KryoCodec;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What is known of one library: a codec that allows nothing else, and what values of it need. */
final class LibraryPreset {
    private static final ClassLoader LOADER = LibraryPreset.class.getClassLoader();

    private final String marker;
    private final KryoCodec codec;

    /** @param marker the class by which the library is known */
    LibraryPreset(Class<?> marker) {
        this.marker = marker.getName();
        this.codec = codecAllowing("");
    }

    /** A value, and its name as a test shows it. */
    record Kept(String name, Object value) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Classes of the tests stand for the application's: those that have a file, as in WEB-INF/classes. */
    private static boolean isOwn(String name) {
        return name.startsWith("dev.holdfast.") && LOADER.getResource(name.replace('.', '/') + ".class") != null;
    }

    /** The same, with more that the application allows by name. */
    KryoCodec codecAllowing(String patterns) {
        ClassPolicy policy = ClassPolicy.app(
                ClassPatterns.parse(patterns), LibraryPreset::isOwn, Set.of(), name -> false, marker::equals);
        return new KryoCodec(LOADER, policy, line -> {});
    }

    KryoCodec codec() {
        return codec;
    }

    /** As another node has it after this one stored it. */
    Object again(Object value) throws Exception {
        codec.check("a", value);
        return codec.decode("a", codec.encode("a", value));
    }

    Set<String> list() {
        return new TreeSet<>(Presets.of(marker::equals).list());
    }

    /** The classes beside the JDK's that storing and reading these values takes. */
    Set<String> neededFor(Stream<?> values) throws Exception {
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
