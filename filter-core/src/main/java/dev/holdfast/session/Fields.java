package dev.holdfast.session;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Prefixes of the names under which values of a session are stored. */
public final class Fields {
    /** An attribute of the application. */
    public static final String ATTRIBUTE = "a:";

    /** State of the container that must survive: principal, kind of login, saved request. */
    public static final String RESERVED = "h:";

    /** Who is logged in: a list of the user's name and roles. */
    public static final String PRINCIPAL = RESERVED + "principal";

    /** How the user logged in: {@code FORM}, {@code BASIC}, … */
    public static final String AUTH_TYPE = RESERVED + "authType";

    /** The request that a FORM login has interrupted: a map, see docs/store-format.md. */
    public static final String SAVED_REQUEST = RESERVED + "savedRequest";

    /** The session id for which a FORM login has sent its page. */
    public static final String EXPECTED_ID = RESERVED + "expectedId";

    /** That the id has changed at a login, so that Jetty changes it no more at the next one: {@code true}. */
    public static final String ID_OF_LOGIN = RESERVED + "idOfLogin";

    /** That the session began on a secure connection, which Jetty shows to applications: {@code true}. */
    public static final String BEGAN_SECURE = RESERVED + "beganSecure";

    /** Names of attributes may be made up, one for each user; then the later ones have fields of their own. */
    private static final int SHARED = 1000;

    /** A name may come from a client, who makes it as long as he likes: what is kept is bounded. */
    private static final int LONGEST_SHARED = 100;

    /** Fields by name of the attribute: all sessions have the same, and each request asks for some. */
    private static final Map<String, String> ATTRIBUTES = new ConcurrentHashMap<>();

    private Fields() {}

    /** The field of an application's attribute. */
    public static String attribute(String name) {
        String shared = ATTRIBUTES.get(name);
        return shared != null ? shared : share(name, ATTRIBUTE + name);
    }

    /** A field that was read from Redis: the same text, as the object that other sessions have if there is one. */
    public static String shared(String field) {
        return field.startsWith(ATTRIBUTE) ? attribute(field.substring(ATTRIBUTE.length())) : field;
    }

    private static String share(String name, String field) {
        if (name.length() > LONGEST_SHARED || ATTRIBUTES.size() >= SHARED) {
            return field;
        }
        String before = ATTRIBUTES.putIfAbsent(name, field);
        return before != null ? before : field;
    }

    /** A field as messages call it: an attribute by its name. */
    public static String shown(String field) {
        return field.startsWith(ATTRIBUTE) ? field.substring(ATTRIBUTE.length()) : field;
    }
}
