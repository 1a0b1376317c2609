package dev.holdfast.codec.policy;

import dev.holdfast.config.Names;
import java.util.ArrayList;
import java.util.List;

/**
 * Class names in the syntax of {@link java.io.ObjectInputFilter}: {@code com.shop.Cart}, {@code com.shop.*} (the
 * classes of a package) and {@code com.shop.**} (with its sub-packages). Immutable.
 */
public final class ClassPatterns {
    /** Matches nothing. */
    public static final ClassPatterns NONE = new ClassPatterns(List.of());

    private final List<String> patterns;

    private ClassPatterns(List<String> patterns) {
        this.patterns = patterns;
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
                        + " com.shop.** (with sub-packages).");
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
