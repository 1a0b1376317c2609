package dev.holdfast.redis.client;

import dev.holdfast.session.StoreUnavailableException.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeoutException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * What went wrong on the way to Redis.
 *
 * @param what as the end of a sentence that begins with Redis and its address
 * @param remedy begins with the code of docs/operations.md
 * @param reason SILENT if nothing of use came; NONE if it was not asked, or is there and will not have us
 * @param heard what Redis did
 */
record ConnectionFailure(String what, String remedy, Reason reason, Heard heard) {
    /** What this says about Redis being there. */
    enum Heard {
        /** It was not asked. */
        NOT_ASKED,
        /** Nothing, in time. */
        NOTHING,
        /** What is no answer, or the end of the connection. */
        NO_ANSWER,
        /** That it can serve nobody. */
        LACK,
        /** An answer: it will not have us. */
        ANSWER
    }

    static final ConnectionFailure NONE = new ConnectionFailure("", "", Reason.NONE, Heard.NOT_ASKED);
    static final ConnectionFailure NO_TIME_LEFT =
            undecided("was not asked, the budget is used up", "HF-407: Look for what made Redis slow before.");

    static final ConnectionFailure ANOTHER_PRIMARY = undecided(
            "was not asked, it is not the primary that took what came before",
            "HF-410: That happens after a failover, and is begun again.");

    private static ConnectionFailure undecided(String what, String remedy) {
        return new ConnectionFailure(what, remedy, Reason.NONE, Heard.NOT_ASKED);
    }

    private static ConnectionFailure silent(String what, String remedy) {
        return new ConnectionFailure(what, remedy, Reason.SILENT, Heard.NOTHING);
    }

    private static ConnectionFailure broken(String what, String remedy) {
        return new ConnectionFailure(what, remedy, Reason.SILENT, Heard.NO_ANSWER);
    }

    /** Whether a late answer may still come. */
    boolean isSilence() {
        return heard == Heard.NOTHING;
    }

    /** Whether it was not even tried. */
    boolean isWithoutTime() {
        return equals(NO_TIME_LEFT);
    }

    /** Whether Redis, or who stands in its place, did anything at all. */
    boolean isHeard() {
        return heard != Heard.NOT_ASKED && heard != Heard.NOTHING;
    }

    boolean isLackingAnswer() {
        return heard == Heard.LACK;
    }

    boolean isAnswer() {
        return heard == Heard.ANSWER;
    }

    /** What a command was refused for. */
    static ConnectionFailure refused(JedisDataException error) {
        return new ConnectionFailure(
                "refused it, \"" + RedisError.words(error) + "\"",
                RedisError.of(error).remedy(),
                Reason.NONE,
                Heard.ANSWER);
    }

    /** Why there is no connection. */
    static ConnectionFailure whenConnecting(Exception e, long millis) {
        if (e instanceof TimeoutException) {
            return undecided(
                    "was not asked, no connection became free within " + millis + "ms",
                    "HF-406: Redis is slow or the load is high; see SLOWLOG GET.");
        }
        if (e instanceof InterruptedException || (e instanceof InterruptedIOException && !isTimeout(e))) {
            return undecided(
                    "was not asked, the thread was interrupted",
                    "HF-408: The server is stopping, or the application interrupts its threads.");
        }
        if (e instanceof JedisDataException refused) {
            return new ConnectionFailure(
                    "refused the connection, \"" + RedisError.words(refused) + "\"",
                    RedisError.of(refused).remedy(),
                    RedisError.of(refused).isLack() ? Reason.SILENT : Reason.NONE,
                    RedisError.of(refused).isLack() ? Heard.LACK : Heard.ANSWER);
        }
        if (e instanceof RedisConnectException told) {
            return new ConnectionFailure(
                    String.valueOf(told.getMessage()),
                    told.remedy(),
                    told.isLack() ? Reason.SILENT : Reason.NONE,
                    heard(told));
        }
        if (e instanceof JedisConnectionException broken) {
            return isTimeout(e)
                    ? silent(
                            "took a connection and said nothing within " + millis + "ms",
                            "HF-403: It stands still, or something between takes connections in its place; see its"
                                    + " load and log.")
                    : whenSilent(broken);
        }
        String remedy = "HF-401: Check that it runs there, and holdfast.redis.";
        return isTimeout(e)
                ? silent("did not take a connection within " + millis + "ms", remedy)
                : broken("cannot be reached, " + reason(e), remedy);
    }

    private static Heard heard(RedisConnectException told) {
        if (!told.isLack()) {
            return Heard.ANSWER;
        }
        return told.isTimeout() ? Heard.NOTHING : Heard.NO_ANSWER;
    }

    private static ConnectionFailure whenSilent(JedisConnectionException e) {
        return isForeign(e)
                ? foreign()
                : broken(
                        "broke the connection before it said anything",
                        "HF-418: If this port speaks TLS, begin holdfast.redis with rediss in place of redis."
                                + " Otherwise see the log of Redis.");
    }

    /** Why there is no reply. */
    static ConnectionFailure whenAsking(RuntimeException e, long millis) {
        if (isTimeout(e)) {
            return silent(
                    "did not answer within " + millis + "ms", "HF-404: See its SLOWLOG and load, and the network.");
        }
        return isForeign(e) ? foreign() : broken("broke the connection", "HF-405: Check that it runs, and its log.");
    }

    private static ConnectionFailure foreign() {
        return broken(
                "answered with something that is no reply of Redis",
                "HF-409: Look for what stands there or between, and check holdfast.redis.");
    }

    // Jedis has no type for it: these are its words for a reply that begins, or goes on, in a way that none does.
    private static boolean isForeign(RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        return !(e instanceof JedisConnectionException)
                || message.startsWith("Unknown reply")
                || message.startsWith("Unexpected character");
    }

    private static boolean isTimeout(Throwable e) {
        return e instanceof SocketTimeoutException || e.getCause() instanceof SocketTimeoutException;
    }

    private static String reason(Throwable e) {
        Throwable root = e.getCause() instanceof IOException cause ? cause : e;
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
