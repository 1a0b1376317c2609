package dev.holdfast.kryo;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Class names in the syntax of {@link java.io.ObjectInputFilter}: {@code com.shop.Cart}, {@code com.shop.*} (the package),
 * {@code com.shop.**} (with its sub-packages), {@code com.shop.Ca*} (a prefix), {@code *} (everything), each with {@code !} in front
 * to refuse what it matches. Separated by commas, semicolons or line breaks; the first pattern that matches decides. Immutable.
 *
 * <p>Limits ({@code maxdepth=…}) and modules ({@code java.base/…}) of that syntax are not part of it: the codec has limits of its own.
 */
public final class ClassPatterns {
    /** Matches nothing. */
    public static final ClassPatterns NONE = new ClassPatterns(List.of());

    private static final String NAME = "[\\p{javaJavaIdentifierStart}][\\p{javaJavaIdentifierPart}]*";
    private static final Pattern VALID = Pattern.compile("\\*|" + NAME + "(\\." + NAME + ")*(\\*|\\.\\*\\*?)?");

    private final List<String> patterns;

    private ClassPatterns(List<String> patterns) {
        this.patterns = patterns;
    }

    /**
     * Reads patterns; an empty text is {@link #NONE}.
     *
     * @throws IllegalArgumentException if one is malformed; the message names it
     */
    public static ClassPatterns parse(String text) {
        List<String> patterns = new ArrayList<>();
        for (String item : text.split("[,;\\s]+", -1)) {
            if (item.isEmpty()) {
                continue;
            }
            if (!VALID.matcher(item.startsWith("!") ? item.substring(1) : item).matches()) {
                throw new IllegalArgumentException(
                        "\"" + item
                                + "\" is no class pattern: write com.shop.Cart, com.shop.* (the package) or com.shop.** (with sub-packages).");
            }
            patterns.add(item);
        }
        return patterns.isEmpty() ? NONE : new ClassPatterns(List.copyOf(patterns));
    }

    enum Answer {
        ALLOWED,
        REFUSED,
        UNKNOWN
    }

    /** Asks for a binary name of a class that is no array. */
    Answer ask(String className) {
        for (String pattern : patterns) {
            boolean refuses = pattern.startsWith("!");
            if (matches(refuses ? pattern.substring(1) : pattern, className)) {
                return refuses ? Answer.REFUSED : Answer.ALLOWED;
            }
        }
        return Answer.UNKNOWN;
    }

    private static boolean matches(String pattern, String className) {
        if (pattern.endsWith(".**")) {
            return className.startsWith(pattern.substring(0, pattern.length() - 2));
        }
        if (pattern.endsWith(".*")) {
            int prefix = pattern.length() - 1;
            return className.startsWith(pattern.substring(0, prefix)) && className.indexOf('.', prefix) < 0;
        }
        if (pattern.endsWith("*")) {
            return className.startsWith(pattern.substring(0, pattern.length() - 1));
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
