package dev.holdfast.jetty;

import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an application or its browser can tell from Jetty's own sessions; {@code docs/jetty.md} has each of these
 * sentences.
 */
enum Difference {
    OWN_COOKIES(
            "Two more cookies, `HFROUTE` and `HFEPOCH`, and now and then the session cookie for a path that no browser asks for, as on Tomcat.",
            Where.EVERYWHERE,
            "(?m)^  set-cookie: HF(?:ROUTE|EPOCH)[^=]*=.*\\R|^  set-cookie as the request had it: .*\\R"),
    MESSAGES_OF_ENDED_SESSIONS(
            "The messages of exceptions about an ended session are Holdfast's, with the beginning of its id only.",
            Where.EVERYWHERE,
            "(?:Invalid for read|Not valid for write): id=<id\\d+> [^\\n,]*expiry=\\d+"
                    + "|\\w+: Session [0-9a-f]{4}(?:…|\\?) has already been invalidated"
                    + "|(?<=invalidate -> java\\.lang\\.IllegalStateException: )null"),
    AS_ON_TOMCAT_AFTER_TAKEOVERS(
            "`getLastAccessedTime()`, `sessionDidActivate` and `sessionWillPassivate` after a takeover: "
                    + "as [on Tomcat](tomcat.md#what-an-application-can-tell).",
            Where.TAKEOVERS,
            "(?m)last (?:-> )?in request \\d+|^  event value \\S+ (?:activated|passivated)\\R"),
    NO_USE_UNLESS_ASKED_FOR(
            "A request that does not ask for its session, for a static file or on a page without one, is no use of it: "
                    + "the last access stays as it was, and a session object that is kept in a static variable stays new.",
            Where.NAMED_SCRIPTS,
            "last (?:-> )?in request \\d+|(?<=\\| new -> )(?:true|false)"),
    CHUNKED(
            "An answer of unknown length is sent in chunks to a client of HTTP/1.1 that asks to close the connection, too; "
                    + "Jetty ends it with the connection, and one that was broken off looks whole.",
            Where.NAMED_SCRIPTS,
            "(?m)^  transfer-encoding: chunked\\R"),
    MESSAGE_FOR_NULL_NAME(
            "The `NullPointerException` of `getAttribute(null)` has another message.",
            Where.NAMED_SCRIPTS,
            "(?<=because \")\\w+(?=\" is null)"),
    IDLE_SESSIONS_TOLD_LATER(
            "When a request comes to another node after its session was idle for its timeout, the listeners are told by the next look for idle "
                    + "sessions, not during the request.",
            Where.NAMED_SCRIPTS,
            "(?m)^  event (?:\\w+ destroyed|\\w+ removed|value \\S+ unbound) .*\\R"),
    RELOAD_ENDS_NO_SESSION(
            "A reload of the application ends no session; Jetty's own end with it when they are in memory only.",
            Where.NOWHERE,
            "$.");

    /** Which answers may differ so. */
    enum Where {
        EVERYWHERE,
        TAKEOVERS,
        /** Those of scripts that the test names, and they must. */
        NAMED_SCRIPTS,
        /** Has a test of its own. */
        NOWHERE
    }

    private final String sentence;
    private final Where where;
    private final Pattern part;

    Difference(String sentence, Where where, String part) {
        this.sentence = sentence;
        this.where = where;
        this.part = Pattern.compile(part);
    }

    String sentence() {
        return sentence;
    }

    Where where() {
        return where;
    }

    static Set<Difference> of(Where where) {
        Set<Difference> all = EnumSet.allOf(Difference.class);
        all.removeIf(difference -> difference.where != where);
        return all;
    }

    /** A transcript without the parts that differ. */
    static String without(Set<Difference> differences, String transcript) {
        String text = transcript;
        for (Difference difference : differences) {
            text = difference.part.matcher(text).replaceAll("");
        }
        return text;
    }
}
