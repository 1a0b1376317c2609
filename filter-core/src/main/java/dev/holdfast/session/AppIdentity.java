package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * Which application keeps its sessions under a name in the store, as one node knows it. Two that took one name by
 * accident are told from two nodes of one application by it. Immutable.
 *
 * @param app the name in the store
 * @param chosen whether somebody chose the name; false: it was made of the place
 * @param place virtual host and context path without a version; the default host is left out: {@code /shop},
 *     {@code admin.example/shop}
 * @param title what the application calls itself, without a version; empty if it does not
 */
public record AppIdentity(String app, boolean chosen, String place, String title) {
    private static final char CHOSEN = '=';
    private static final char TITLE = ';';

    /** It comes from others through the store, and goes into messages. */
    private static final String NEITHER_PRINTED_NOR_STORED = "[^\\p{L}\\p{N} ._:/,@*()#+-]";

    private static final int LONGEST = 200;

    public AppIdentity {
        place = printable(place);
        title = printable(title);
    }

    private static String printable(String text) {
        String kept = text.replaceAll(NEITHER_PRINTED_NOR_STORED, "_").strip();
        return kept.length() <= LONGEST ? kept : kept.substring(0, LONGEST);
    }

    /**
     * Whether this cannot be the same application as the other one. Where somebody chose the name on both sides they
     * are one: it may have different context paths on its nodes.
     */
    public boolean isOtherThan(AppIdentity other) {
        if (chosen && other.chosen) {
            return false;
        }
        boolean otherTitle = !title.isEmpty() && !other.title.isEmpty() && !title.equals(other.title);
        return otherTitle || !isAtPlaceOf(other);
    }

    /**
     * Whether both are at one place of their servers: on one server they are then one application, at most in two
     * versions.
     */
    public boolean isAtPlaceOf(AppIdentity other) {
        return place.equals(other.place);
    }

    /** As the registry keeps it, without the name, which is in its key. */
    public String text() {
        return (chosen ? String.valueOf(CHOSEN) : "") + place + (title.isEmpty() ? "" : TITLE + title);
    }

    /** @return null for no text: an entry of a node that does not tell */
    public static @Nullable AppIdentity parse(String app, String text) {
        if (text.isEmpty()) {
            return null;
        }
        boolean chosen = text.charAt(0) == CHOSEN;
        String rest = chosen ? text.substring(1) : text;
        int end = rest.indexOf(TITLE);
        return end < 0
                ? new AppIdentity(app, chosen, rest, "")
                : new AppIdentity(app, chosen, rest.substring(0, end), rest.substring(end + 1));
    }

    /** For messages: {@code admin.example/shop "Shop"}. */
    @Override
    public String toString() {
        return place + (title.isEmpty() ? "" : " \"" + title + "\"");
    }
}
