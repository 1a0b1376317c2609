package dev.holdfast.codec.policy;

import dev.holdfast.config.Names;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Class names in the syntax of {@link java.io.ObjectInputFilter}: {@code com.shop.Cart}, {@code com.shop.*} (the
 * classes of a package) and {@code com.shop.**} (with its sub-packages). A pattern with {@code !} in
 * front takes classes out again, wherever in the list it stands. Immutable.
 */
public final class ClassPatterns {
    /** Matches nothing. */
    public static final ClassPatterns NONE = new ClassPatterns(List.of());

    private final List<String> patterns;
    private final Set<String> classes = new HashSet<>();
    private final List<String> packages = new ArrayList<>();
    private final List<String> exceptions = new ArrayList<>();

    private ClassPatterns(List<String> patterns) {
        this.patterns = patterns;
        for (String pattern : patterns) {
            if (pattern.startsWith("!")) {
                exceptions.add(pattern.substring(1));
            } else if (pattern.endsWith("*")) {
                packages.add(pattern);
            } else {
                classes.add(pattern);
            }
        }
    }

    /**
     * Takes patterns one by one.
     *
     * @throws IllegalArgumentException if one is malformed; the message names it
     */
    public static ClassPatterns of(List<String> patterns) {
        for (String pattern : patterns) {
            if (!Names.isClassPattern(pattern)) {
                throw new IllegalArgumentException("\"" + pattern
                        + "\" is no class pattern: write com.shop.Cart, com.shop.* (the package) or"
                        + " com.shop.** (with sub-packages), with ! in front for an exception.");
            }
        }
        return new ClassPatterns(List.copyOf(patterns));
    }

    /**
     * Reads patterns separated by commas, semicolons or white space; an empty text matches nothing.
     *
     * @throws IllegalArgumentException if one is malformed; the message names it
     */
    public static ClassPatterns parse(String text) {
        return of(Names.list(text));
    }

    /** Takes the binary name of a class that is no array. */
    boolean match(String className) {
        return (classes.contains(className) || matchesOneOf(packages, className)) && !except(className);
    }

    /** Whether an exception names the class. */
    boolean except(String className) {
        return matchesOneOf(exceptions, className);
    }

    private static boolean matchesOneOf(List<String> patterns, String className) {
        for (String pattern : patterns) {
            if (matches(pattern, className)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String pattern, String className) {
        if (pattern.endsWith(".**")) {
            return className.startsWith(pattern.substring(0, pattern.length() - 2));
        }
        if (pattern.endsWith(".*")) {
            int prefix = pattern.length() - 1;
            return className.startsWith(pattern.substring(0, prefix)) && className.indexOf('.', prefix) < 0;
        }
        return pattern.equals(className);
    }

    /** The patterns one by one. */
    List<String> list() {
        return patterns;
    }

    /** These patterns and further exact names, as one would write them into the setting. */
    String with(Iterable<String> classNames) {
        List<String> all = new ArrayList<>(patterns);
        classNames.forEach(all::add);
        return String.join(",", all);
    }

    /** The patterns as one would write them into the setting. */
    @Override
    public String toString() {
        return String.join(",", patterns);
    }
}
