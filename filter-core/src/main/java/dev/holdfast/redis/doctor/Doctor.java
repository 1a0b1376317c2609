package dev.holdfast.redis.doctor;

import dev.holdfast.redis.client.RedisClient;
import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.RedisError;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.redis.client.Utf8;
import dev.holdfast.session.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Looks at each primary and says what users would feel of it, and what to do. Asks INFO, TIME, EVAL, EVALSHA and WAIT,
 * and says what it could not see for lack of rights; CONFIG only where a restart loses something, because being refused
 * is noted by Redis. Safe for use by many threads.
 */
public final class Doctor {
    private static final int LEAST_MAJOR = 6;
    private static final int LEAST_MINOR = 2;
    private static final int FULL_PERCENT = 85;
    private static final int TRIES = 3;
    private static final long CLOCK_MILLIS = 5_000;
    private static final String WITHOUT_RUN_ID =
            "each new connection counts as one to another primary: copies in memory are read again, and sessions whose"
                    + " node is gone may run out without a word to their listeners.";

    private final RedisClient client;
    private final int replicas;
    private final Duration attempt;

    /** @param attempt how long one attempt of a request may take */
    public Doctor(RedisClient client, int replicas, Duration attempt) {
        this.client = client;
        this.replicas = replicas;
        this.attempt = attempt;
    }

    /**
     * One report of all primaries.
     *
     * @param end of the time for it, see {@link RedisClient#spending}
     * @throws StoreUnavailableException if the first of them does not answer
     */
    public Diagnosis examine(long end) {
        List<String> lines = new ArrayList<>();
        List<String> findings = new ArrayList<>();
        StoreUnavailableException silent = null;
        // Whoever is asked first knows which others there are.
        ask(0, end, plain(Command.TIME));
        for (int slot : client.oneOfEachPrimary()) {
            try {
                examine(slot, end, lines, findings);
            } catch (StoreUnavailableException e) {
                silent = e;
                findings.add(String.valueOf(e.getMessage()));
            }
        }
        if (lines.isEmpty() && silent != null) {
            throw silent;
        }
        return new Diagnosis(lines, findings);
    }

    private void examine(int slot, long end, List<String> lines, List<String> findings) {
        Replies replies = ask(slot, end, plain(Command.INFO));
        String redis = "Redis " + client.nameOf(slot);
        Way way = way(slot, end);
        long micros = way.micros();
        if (replies.refusal(0) != null) {
            lines.add(redis + ": " + way);
            findings.add("HF-501: " + redis
                    + " does not let this user ask INFO: version, memory, persistence and replicas were"
                    + " not looked at, and " + WITHOUT_RUN_ID + " Grant +info.");
        } else {
            Map<String, String> info = parse(Utf8.of((byte[]) replies.all().get(0)));
            lines.add(redis + ": " + summary(info) + ", " + way);
            look(redis, info, findings);
            if (info.getOrDefault("run_id", "").isEmpty()) {
                findings.add("HF-519: " + redis + " does not say in INFO which run of the server it is (run_id), so "
                        + WITHOUT_RUN_ID + " Let whatever stands before Redis pass the line run_id.");
            }
            if (info.getOrDefault("aof_enabled", "1").equals("0")) {
                findings.add(withoutAppendonly(redis, ask(slot, end, plain(Command.CONFIG, "GET", "save"))));
            }
        }
        JedisDataException noScripts =
                ask(slot, end, plain(Command.EVAL, "return 1", 0L)).refusal(0);
        if (noScripts == null) {
            noScripts =
                    ask(slot, end, plain(Command.EVALSHA, "0".repeat(40), 0L)).refusal(0); // NOSCRIPT is well
        }
        if (noScripts != null && isForWantOfScripts(String.valueOf(noScripts.getMessage()))) {
            findings.add("HF-521: " + redis + " runs no scripts, \"" + RedisError.words(noScripts)
                    + "\": everything that needs it is answered 503. Load its Lua module, take back a rename-command of"
                    + " EVAL or EVALSHA, or take a server that has both.");
        }
        if (replicas > 0) {
            JedisDataException refused =
                    ask(slot, end, plain(Command.WAIT, 0L, 1L)).refusal(0);
            if (refused != null) {
                findings.add("HF-502: " + redis
                        + " does not let this user wait for replicas, but holdfast.durability asks for"
                        + " them: everything is answered 503. Grant +wait.");
            }
        }
        if (Math.abs(way.aheadMillis()) > CLOCK_MILLIS) {
            findings.add("HF-515: the clock of " + redis + " is " + way.aheadMillis() / 1000
                    + " seconds ahead of this node's. No session ends earlier or later for it, but if other nodes"
                    + " follow another clock, their users see other creation times. Keep all clocks by NTP.");
        }
        if (TimeUnit.MICROSECONDS.toNanos(micros) * 4 > attempt.toNanos()) {
            findings.add(
                    "HF-503: " + redis + " takes " + micros + "us for an empty round trip, and one attempt of a request"
                            + " may take " + attempt.toMillis()
                            + "ms: a short delay is a 503. Raise holdfast.timeout, or look at the"
                            + " network and the load of Redis.");
        }
    }

    /** A missing right is no want of scripts: the rights are looked at for each application. */
    private static boolean isForWantOfScripts(String refusal) {
        return refusal.contains("unknown command") || refusal.contains("scripting engine");
    }

    private void look(String redis, Map<String, String> info, List<String> findings) {
        String policy = info.getOrDefault("maxmemory_policy", "");
        long limit = number(info, "maxmemory");
        if (!policy.isEmpty() && !policy.equals("noeviction")) {
            findings.add("HF-504: " + redis + " has maxmemory-policy " + policy
                    + ": when its memory is full it throws sessions"
                    + " away, and their users are logged out. Set maxmemory-policy noeviction.");
        }
        if (limit > 0 && number(info, "used_memory") > limit / 100 * FULL_PERCENT) {
            findings.add("HF-505: " + redis + " uses " + megabytes(info, "used_memory") + " of the "
                    + megabytes(info, "maxmemory")
                    + " of its maxmemory: when it is full, changes are answered 503. Raise it.");
        }
        if ("err".equals(info.get("aof_last_write_status")) || "err".equals(info.get("rdb_last_bgsave_status"))) {
            findings.add(
                    "HF-507: " + redis + " cannot write to its disk: it will refuse changes, or lose sessions when it"
                            + " starts again. Look at its log and its disk.");
        }
        if (number(info, "connected_slaves") < replicas) {
            findings.add("HF-508: " + redis + " has " + number(info, "connected_slaves") + " replicas, and"
                    + " holdfast.durability asks for " + replicas
                    + ": everything that needs Redis is answered 503. Start"
                    + " replicas, or lower holdfast.durability.");
        } else if (client.moves() && number(info, "connected_slaves") == 0) {
            findings.add("HF-509: " + redis
                    + " has no replica: when it fails nothing can take its place, and its sessions are"
                    + " not served until it is back. Start a replica.");
        }
        if ("slave".equals(info.get("role"))) {
            findings.add("HF-510: " + redis + " is a replica: every change is answered 503. Point holdfast.redis to the"
                    + " primary.");
        }
        if (mode(info).equals("cluster") && !client.hasManyPrimaries()) {
            findings.add(
                    "HF-511: " + redis + " is a node of a cluster and has a part of the sessions only: the others are"
                            + " answered 503. Begin holdfast.redis with redis-cluster://, or"
                            + " rediss-cluster:// for TLS.");
        }
        if (isOld(info.getOrDefault("redis_version", ""))) {
            findings.add("HF-512: " + redis + " has version " + info.get("redis_version")
                    + ": Holdfast is made for 6.2 and" + " newer, and nobody has tried this one. Update it.");
        }
    }

    /** @param config what it says of its snapshots */
    private static String withoutAppendonly(String redis, Replies config) {
        // A service may have no CONFIG at all, or leave names out.
        List<?> save = config.refusal(0) != null ? List.of() : config.list(0);
        if (save.size() < 2) {
            return "HF-506: " + redis
                    + " has appendonly no: when it starts again, what came after its last snapshot is missing, without"
                    + " snapshots everything, and users are logged out. Whether it makes any was not seen, this user"
                    + " may not ask CONFIG GET save. Set appendonly yes.";
        }
        Snapshots snapshots = Snapshots.parse(Replies.text(save.get(1)));
        if (snapshots == null) {
            return "HF-516: " + redis
                    + " has appendonly no and no save: when it starts again it is empty, and its replicas with it."
                    + " Nodes send again what is in their memory (holdfast.reseed); sessions that no node holds are"
                    + " lost, and their users are logged out. Set appendonly yes.";
        }
        return "HF-517: " + redis
                + " has appendonly no and snapshots by save: when it starts again, what came after the"
                + " last one is missing. That may be " + snapshots.loss()
                + ". Changes come back only from nodes that still"
                + " hold the session; sessions begun since are lost. Set appendonly yes.";
    }

    /**
     * The rule of {@code save} that fewest changes fulfil: what it leaves unsaved, all others do, too.
     *
     * @param seconds after which so many changes are saved
     */
    private record Snapshots(long seconds, long changes) {
        /** Null if there are none. */
        static @Nullable Snapshots parse(String save) {
            String[] numbers = save.strip().split("\\s+", -1);
            Snapshots least = null;
            for (int i = 0; i + 1 < numbers.length; i += 2) {
                Snapshots rule = new Snapshots(number(numbers[i]), number(numbers[i + 1]));
                if (least == null
                        || rule.changes < least.changes
                        || (rule.changes == least.changes && rule.seconds < least.seconds)) {
                    least = rule;
                }
            }
            return least;
        }

        String loss() {
            return "all of " + seconds + " seconds, and the time that a snapshot takes"
                    + (changes > 1 ? "; while there are fewer than " + changes + " changes, those of any age" : "");
        }
    }

    private static boolean isOld(String version) {
        String[] parts = version.split("\\.", -1);
        if (parts.length < 2 || !parts[0].matches("\\d{1,4}") || !parts[1].matches("\\d{1,4}")) {
            return false;
        }
        int major = Integer.parseInt(parts[0]);
        return major < LEAST_MAJOR || (major == LEAST_MAJOR && Integer.parseInt(parts[1]) < LEAST_MINOR);
    }

    private static String summary(Map<String, String> info) {
        String valkey = info.get("valkey_version");
        return (valkey == null ? "Redis " + info.get("redis_version") : "Valkey " + valkey) + ", "
                + mode(info) + ", " + number(info, "connected_slaves") + " replicas, "
                + megabytes(info, "used_memory") + " in use of "
                + (number(info, "maxmemory") == 0 ? "no maxmemory" : megabytes(info, "maxmemory")) + " ("
                + info.get("maxmemory_policy") + "), appendonly "
                + (info.getOrDefault("aof_enabled", "0").equals("1") ? "yes" : "no");
    }

    /** Valkey has a name of its own for it, unless it is told to look like Redis. */
    private static String mode(Map<String, String> info) {
        return info.getOrDefault("redis_mode", info.getOrDefault("server_mode", "unknown mode"));
    }

    private static String megabytes(Map<String, String> info, String name) {
        return number(info, name) / (1024 * 1024) + " MB";
    }

    private static long number(Map<String, String> info, String name) {
        return number(info.getOrDefault(name, "0"));
    }

    private static long number(String value) {
        return value.matches("\\d{1,18}") ? Long.parseLong(value) : 0;
    }

    /**
     * The way to a server and back.
     *
     * @param micros of the best of some tries: what the others had besides is no property of the way
     * @param aheadMillis how far its clock is ahead of this node's
     */
    private record Way(long micros, long aheadMillis) {
        @Override
        public String toString() {
            return "answers within " + micros + "us, clock " + (aheadMillis < 0 ? "" : "+") + aheadMillis + "ms";
        }
    }

    private Way way(int slot, long end) {
        Way best = new Way(Long.MAX_VALUE, 0);
        for (int i = 0; i < TRIES; i++) {
            long start = System.nanoTime();
            Replies time = ask(slot, end, plain(Command.TIME));
            long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
            if (micros < best.micros()) {
                best = new Way(micros, time.millis(0) - (System.currentTimeMillis() - micros / 2000));
            }
        }
        return best;
    }

    private Replies ask(int slot, long end, RedisCommand call) {
        return client.ask(slot, end, "examine it", call);
    }

    private static RedisCommand plain(Command command, Object... arguments) {
        return new RedisCommand(null, command, List.of(), List.of(arguments));
    }

    private static Map<String, String> parse(String info) {
        Map<String, String> values = new HashMap<>();
        info.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                values.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        return values;
    }
}
