package dev.holdfast.session;

/** Prefixes of the names under which values of a session are stored. */
public final class Fields {
    /** An attribute of the application. */
    public static final String ATTRIBUTE = "a:";

    /** State of the container that must survive: principal, kind of login, saved request. */
    public static final String RESERVED = "h:";

    private Fields() {}

    /** The field of an application's attribute. */
    public static String attribute(String name) {
        return ATTRIBUTE + name;
    }

    /** A field as messages call it: an attribute by its name. */
    static String shown(String field) {
        return field.startsWith(ATTRIBUTE) ? field.substring(ATTRIBUTE.length()) : field;
    }
}
