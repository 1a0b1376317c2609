package dev.holdfast.config;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which names a node, an application and a class may have, wherever they come from. */
public final class Names {
    /** As long as a host's name may be: pods are named after their Deployment. */
    public static final String ROUTES = "1 to 63 of the characters A-Z a-z 0-9 _ -";

    public static final String APPS = "1 to 64 of the characters A-Z a-z 0-9 . _ # -";

    private static final Pattern ROUTE = Pattern.compile("[A-Za-z0-9_-]{1,63}");
    private static final Pattern APP = Pattern.compile("[A-Za-z0-9._#-]{1,64}");
    private static final String IDENTIFIER = "\\p{javaJavaIdentifierStart}\\p{javaJavaIdentifierPart}*";
    private static final Pattern CLASSES =
            Pattern.compile("!?" + IDENTIFIER + "(\\." + IDENTIFIER + ")*(\\.\\*{1,2})?");

    private Names() {}

    /** Whether a node may be called so: 1 to 63 of the characters A-Z a-z 0-9 _ -. */
    public static boolean isRoute(String text) {
        return ROUTE.matcher(text).matches();
    }

    /** Whether an application may be called so: 1 to 64 of the characters A-Z a-z 0-9 . _ # -. */
    public static boolean isApp(String text) {
        return APP.matcher(text).matches();
    }

    /**
     * Whether it is the name of a class, or of classes: {@code com.shop.Cart}, {@code com.shop.*} or {@code
     * com.shop.**}, with {@code !} in front for an exception.
     */
    public static boolean isClassPattern(String text) {
        return CLASSES.matcher(text).matches();
    }

    /** The entries of a list, which commas, semicolons or white space separate. */
    public static List<String> list(String text) {
        return Stream.of(text.split("[;,\\s]+", -1))
                .filter(entry -> !entry.isEmpty())
                .toList();
    }
}
