package dev.holdfast.tomcat;

import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an application or its browser can tell, and why it must be so; {@code docs/tomcat.md} has each of these
 * sentences.
 */
enum Difference {
    OWN_COOKIES(
            "Two more cookies, `HFROUTE` and `HFEPOCH`: the balancer follows the one, the other says which node's memory is current.",
            Where.EVERYWHERE,
            "(?m)^  set-cookie: HF(?:ROUTE|EPOCH)[^=]*=.*\\R"),
    SESSION_COOKIE_AGAIN(
            "The session cookie is sent once more with a new `HFROUTE`, for a path that no browser asks for: "
                    + "balancers with a cookie of their own move the browser when they see its name.",
            Where.EVERYWHERE,
            "(?m)^  set-cookie as the request had it: .*\\R"),
    LAST_ACCESS_AFTER_TAKEOVER(
            "`getLastAccessedTime()` after a takeover is when the last request began that the other node has told Redis of, "
                    + "to a few milliseconds: a use that changed nothing is told within a second.",
            Where.TAKEOVERS,
            "last (?:-> )?in request \\d+"),
    ACTIVATED_WHEN_NEEDED(
            "`sessionDidActivate` is told to a value on each node, before the application gets it for the first time there. "
                    + "`sessionWillPassivate` is told when the application stops, not at a takeover: the node may be dead. "
                    + "What it changes is not kept.",
            Where.TAKEOVERS,
            "(?m)^  event value \\S+ (?:activated|passivated)\\R"),
    IDLE_SESSIONS_TOLD_LATER(
            "The listeners of a session that was idle for its timeout are told by the node that held it, or by the one that next looks "
                    + "for idle sessions. A request that comes to another node before that, or after a reload, tells nobody; "
                    + "it has no session any more, but for some time after the timeout: a sixth of it, at least 10 seconds, at most 5 minutes "
                    + "or half of the timeout.",
            Where.NAMED_STEPS,
            "(?m)^  event (?:\\w+ destroyed|\\w+ removed|value \\S+ unbound) .*\\R"),
    NO_WHOLE_ID_IN_MESSAGES(
            "The message of `setAttribute` on an ended session has the beginning of the session id only: "
                    + "an id is a credential, and messages end up in logs.",
            Where.NAMED_STEPS,
            "Session (?:\\[<id\\d+>]|\\w+[…?]) has already been invalidated"),
    LONGER_IDS(
            "Session ids are 34 lower-case hexadecimal digits, Tomcat's are 32 upper-case ones: two of them say which part of Redis has the session.",
            Where.NAMED_STEPS,
            "(?m)^  content-length: \\d+\\R"),
    COOKIE_SURVIVES_RESET(
            "The cookie of a new session is sent although the application has called `reset()`: "
                    + "Tomcat forgets it, and with it the session.",
            Where.NAMED_STEPS,
            "(?m)^  set-cookie: JSESSIONID=.*\\R");

    /** Which answers may differ so. */
    enum Where {
        EVERYWHERE,
        TAKEOVERS,
        /** Those that a script names, and they must. */
        NAMED_STEPS
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

    /** A transcript without the part that differs. */
    String without(String transcript) {
        return part.matcher(transcript).replaceAll("");
    }
}
