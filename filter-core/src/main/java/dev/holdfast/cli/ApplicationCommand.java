package dev.holdfast.cli;

import dev.holdfast.redis.OperatorView;
import dev.holdfast.redis.RedisServer;
import dev.holdfast.redis.StoredSession;
import dev.holdfast.session.SessionId;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is about one application. */
abstract class ApplicationCommand extends StoreCommand {
    private static final Pattern BEGINNING = Pattern.compile("[0-3][0-9a-f]{3,32}");

    /** So many sessions are named where one was meant. */
    private static final int MOST_NAMED = 10;

    private static final int SHOWN = 8;

    /** So much of an id is shown where its first four characters do not tell it from another's, and no more. */
    private static final int MOST_SHOWN = 12;

    @Override
    final int run(RedisServer redis, @Nullable String application) throws InterruptedException {
        if (application == null) {
            throw wrong("Which application? Say --app NAME, or set HOLDFAST_APP.");
        }
        return run(new OperatorView(redis, application, StoreCommand::budget), application);
    }

    /**
     * Does it.
     *
     * @return the exit code
     */
    abstract int run(OperatorView view, String application) throws InterruptedException;

    /**
     * The session that is meant by an id, with or without the route of a node behind it, or by its beginning.
     *
     * @throws NotDoneException if it is none, or one of several
     */
    final SessionId sessionOf(OperatorView view, String application, String named) {
        String text = named.replaceFirst("(…|\\.\\.\\.)$", ""); // as logs and the other commands show it
        SessionId whole = SessionId.parsePresented(text);
        if (whole != null) {
            return whole;
        }
        if (!BEGINNING.matcher(text).matches()) {
            throw wrong(
                    "A session is named by its id, or by the first four characters of it or more: of 0-9 and a-f, the"
                            + " first one 0 to 3.");
        }
        List<SessionId> found = view.beginningWith(text, MOST_NAMED + 1);
        if (found.isEmpty()) {
            throw new NotDoneException(
                    ExitCode.NOT_THERE,
                    "No session of " + application + " begins with " + shown(text, text.length())
                            + ". One without timeout is found by its whole id alone.");
        }
        if (found.size() > 1) {
            throw new NotDoneException(ExitCode.NOT_ASKED, several(found, text));
        }
        return found.get(0);
    }

    private static String several(List<SessionId> found, String beginning) {
        String number = found.size() > MOST_NAMED ? "More than " + MOST_NAMED : String.valueOf(found.size());
        int length = beginning.length();
        while (length < MOST_SHOWN && distinct(found, length) < found.size()) {
            length++;
        }
        int shownLength = length;
        return number + " sessions begin with " + shown(beginning, beginning.length())
                + ", say more of the one that you"
                + " mean: "
                + String.join(
                        ", ",
                        found.stream()
                                .limit(MOST_NAMED)
                                .map(id -> shown(id.value(), shownLength))
                                .toList())
                + ".";
    }

    /** So much of an id as tells it from others on a large site. */
    static String shown(SessionId id) {
        return shown(id.value(), SHOWN);
    }

    private static long distinct(List<SessionId> ids, int length) {
        return ids.stream()
                .map(id -> id.value().substring(0, length))
                .distinct()
                .count();
    }

    /** A whole id lets its reader in: no line has one. */
    private static String shown(String id, int length) {
        return id.substring(0, Math.min(length, MOST_SHOWN)) + "…";
    }

    static Map<String, Object> json(StoredSession session) {
        Map<String, Object> object = Json.object(
                "session", session.id().shortened(), "state", session.state().name(), "node", session.node());
        object.putAll(Json.object(
                "ageMillis",
                session.ageMillis(),
                "idleMillis",
                session.idleMillis(),
                "maxInactiveSeconds",
                session.maxInactiveSeconds(),
                "version",
                session.version()));
        return object;
    }

    /** How long it may be idle. */
    static String timeout(StoredSession session) {
        return session.maxInactiveSeconds() <= 0 ? "none" : Amounts.time(session.maxInactiveSeconds() * 1000L);
    }

    static String node(StoredSession session) {
        return session.node().isEmpty() ? "-" : session.node();
    }
}
