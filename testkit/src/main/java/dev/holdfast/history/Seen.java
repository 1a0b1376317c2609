package dev.holdfast.history;

import java.util.List;
import java.util.Map;

/**
 * What an answer tells of the session.
 *
 * @param alive whether there was one; if not, the rest is empty
 * @param born the token of the {@link Action#START} that made it, {@link #NOTHING} if it has none, empty if not looked
 *     at
 * @param user who is logged in, {@link #NOTHING} if nobody, empty if not looked at
 * @param values all that was looked at, by name: {@link #NOTHING} or a number, a value, the elements of a collection
 *     after commas
 */
public record Seen(boolean alive, String id, String born, String user, Map<String, String> values) {
    /** Stands for what is not there. */
    public static final String NOTHING = "-";

    /** There was no session. */
    public static final Seen NO_SESSION = new Seen(false, "", "", "", Map.of());

    public Seen {
        values = Map.copyOf(values);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String value(String name) {
        return values.get(name);
    }

    long number(String name) {
        String value = value(name);
        return value.equals(NOTHING) ? 0 : Long.parseLong(value);
    }

    List<String> elements(String name) {
        String value = value(name);
        return value.equals(NOTHING) || value.isEmpty() ? List.of() : List.of(value.split(",", -1));
    }
}
