package dev.holdfast.redis.client;

import dev.holdfast.session.Shown;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.exceptions.JedisDataException;

/** Kinds of error replies, told apart by their first word, and what to do about each. */
public enum RedisError {
    NOAUTH(false, "HF-420: Put a user and its password into holdfast.redis: redis://user:password@…"),
    WRONGPASS(
            false,
            "HF-421: Check user and password of holdfast.redis, wherever they stand; Redis answers the same if the user"
                    + " is off."),
    NOPERM(false, "HF-422: Give the user of holdfast.redis the commands and keys of docs/redis.md."),
    LOADING(true, "HF-430: Redis is still reading its data from disk; it heals by itself."),
    BUSY(true, "HF-431: Another client's script blocks Redis; it heals when that ends, or by SCRIPT KILL."),
    READONLY(true, "HF-432: This is a replica: point holdfast.redis to the primary."),
    MASTERDOWN(true, "HF-433: This is a replica without its primary: point holdfast.redis to the primary."),
    CLUSTERDOWN(true, "HF-434: The cluster has no primary for this key; see CLUSTER INFO."),
    TRYAGAIN(true, "HF-435: The cluster is moving this key; it heals by itself."),
    MOVED(
            false,
            "HF-436: This is a node of a cluster: begin holdfast.redis with redis-cluster://, or rediss-cluster:// for"
                    + " TLS. If it does, the nodes of the cluster disagree, see CLUSTER NODES."),
    ASK(false, MOVED.remedy),
    CROSSSLOT(false, MOVED.remedy),
    NOREPLICAS(true, "HF-437: Too few replicas are in sync for min-replicas-to-write; see INFO replication."),
    OOM(false, "HF-438: Redis is at its maxmemory: raise it, and keep maxmemory-policy at noeviction."),
    MISCONF(false, "HF-439: Redis cannot write to its disk; see its log."),
    NOSCRIPT(false, "HF-440: Redis forgot a script twice in a row: somebody flushes its scripts."),
    WRONGTYPE(
            false,
            "HF-441: A key under hf: was written by something else; see docs/store-format.md, and delete or move it."),
    OTHER(false, "HF-449: See the log of Redis.");

    /**
     * Redis 6.2 wraps what a command inside a script was refused for: {@code … @user_script:1: -OOM command not allowed
     * …}.
     */
    private static final Pattern IN_SCRIPT = Pattern.compile("@user_script: ?\\d+: (?:@user_script: ?\\d+:"
            + " )?-?(NOPERM|READONLY|MASTERDOWN|NOREPLICAS|OOM|MISCONF|WRONGTYPE) ");

    private static final Pattern IDS = Pattern.compile("[0-9a-f]{4}[0-9a-f]{30}");

    private final boolean passing;
    private final String remedy;

    RedisError(boolean passing, String remedy) {
        this.passing = passing;
        this.remedy = remedy;
    }

    public static RedisError of(JedisDataException reply) {
        String message = String.valueOf(reply.getMessage());
        int space = message.indexOf(' ');
        String word = space < 0 ? message : message.substring(0, space);
        for (RedisError refusal : values()) {
            if (refusal != OTHER && refusal.name().equals(word)) {
                return refusal;
            }
        }
        if (message.contains("called without any password configured")) {
            return WRONGPASS;
        }
        if (message.contains("ACL failure in script") || message.contains("user executing the script can't")) {
            return NOPERM;
        }
        Matcher matcher = IN_SCRIPT.matcher(message);
        return matcher.find() ? valueOf(matcher.group(1)) : OTHER;
    }

    /** Whether another try within the same request may help; nothing was done. */
    boolean isPassing() {
        return passing;
    }

    /**
     * Whether this is no refusal of a command: the server can serve nobody now. A replica, and a primary that was told
     * to refuse changes without replicas, are there: what they refuse is to be refused.
     */
    public boolean isLack() {
        return this == LOADING || this == BUSY || this == MASTERDOWN || this == CLUSTERDOWN;
    }

    /** Whether it passes, and whoever answers so is there: see {@link PassingRefusals}. */
    boolean isPassingAnswer() {
        return passing && !isLack();
    }

    /** Whether it may stay as it is, for all that is asked of this primary. */
    boolean mayLast() {
        return this == READONLY || this == NOREPLICAS;
    }

    /**
     * Whether it is writes alone that are refused, by the primary itself for a reason of its own, so that what it has
     * is worth reading. A replica may not have it yet, and a primary that misses its replicas may have a successor.
     */
    public boolean leavesReads() {
        return this == OOM || this == MISCONF;
    }

    /** Whether another server has, or soon has, what was asked for. */
    boolean isElsewhere() {
        return this == MOVED || this == ASK || this == TRYAGAIN;
    }

    public String remedy() {
        return remedy;
    }

    /** Redis' own words, without what may be a session id or a value. */
    public static String words(JedisDataException reply) {
        String message = String.valueOf(reply.getMessage());
        int arguments = message.indexOf("with args");
        String cut = arguments < 0 ? message : message.substring(0, arguments);
        Matcher wrapped = IN_SCRIPT.matcher(cut);
        cut = wrapped.find() ? cut.substring(wrapped.start(1)) : cut;
        return Shown.text(IDS.matcher(cut)
                .replaceAll(id -> id.group().substring(0, 4) + "…")
                .strip());
    }
}
