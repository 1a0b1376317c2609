package dev.holdfast.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a login is stored: the one form that every container reads and writes, made of JDK types, so that a login goes on
 * where its session goes. Passwords and tokens have no place in it.
 *
 * <p>{@link Fields#PRINCIPAL} is a {@link User}, {@link Fields#SAVED_REQUEST} a map with the keys below. Whatever is
 * missing or of another type, in what another version has stored, counts as not there.
 */
public final class StoredLogin {
    /** Of a saved request: its method, a text. */
    public static final String METHOD = "method";

    /** Of a saved request: its path as it came, a text. */
    public static final String URI = "uri";

    /** Of a saved request: its path, decoded; a text. */
    public static final String DECODED_URI = "decodedUri";

    /** Of a saved request: its query without the question mark, a text. */
    public static final String QUERY = "query";

    /** Of a saved request: the type of its body, a text. */
    public static final String CONTENT_TYPE = "contentType";

    /** Of a saved request: its body, bytes. */
    public static final String BODY = "body";

    /** Of a saved request: a list of names and values by turns. */
    public static final String HEADERS = "headers";

    /** Of a saved request: a list of names and values by turns. */
    public static final String COOKIES = "cookies";

    /** Of a saved request: a list of language tags. */
    public static final String LOCALES = "locales";

    /** Of a saved request: the timeout that the session had before the login shortened it, in seconds, an Integer. */
    public static final String MAX_INACTIVE = "maxInactive";

    private StoredLogin() {}

    /** Who is logged in. */
    public record User(String name, List<String> roles) {
        public User {
            roles = List.copyOf(roles);
        }

        /** A list of the name and, after it, the roles. */
        public List<String> stored() {
            List<String> nameAndRoles = new ArrayList<>();
            nameAndRoles.add(name);
            nameAndRoles.addAll(roles);
            return nameAndRoles;
        }

        /** The user that {@link #stored} has written; null if it is none. */
        public static @Nullable User of(@Nullable Object stored) {
            if (!(stored instanceof List<?> list) || list.isEmpty()) {
                return null;
            }
            List<String> all = list.stream().map(String::valueOf).toList();
            return new User(all.get(0), all.subList(1, all.size()));
        }
    }

    /** A text of a saved request; null if there is none. */
    public static @Nullable String text(Map<?, ?> saved, String key) {
        return saved.get(key) instanceof String text ? text : null;
    }

    /** A list of a saved request; empty if there is none. */
    public static List<String> texts(Map<?, ?> saved, String key) {
        List<String> texts = new ArrayList<>();
        if (saved.get(key) instanceof List<?> list) {
            list.forEach(value -> texts.add(String.valueOf(value)));
        }
        return texts;
    }
}
