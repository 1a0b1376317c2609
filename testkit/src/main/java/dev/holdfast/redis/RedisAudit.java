package dev.holdfast.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;

/**
 * Looks over everything that Holdfast has in a Redis, and says what is not as {@code docs/store-format.md} promises. It
 * reads the format by itself; {@code TestkitTest} compares it with the product.
 */
public final class RedisAudit {
    /** Fields of a session's hash. */
    static final String META = ".m";

    static final String TOMBSTONE = ".t";
    static final String CLAIM = ".c";

    /** What the names of the other fields begin with: attributes, and state of the container. */
    static final Set<String> PREFIXES = Set.of("a:", "h:");

    private static final Pattern META_1 =
            Pattern.compile("1\\|\\d{1,18}\\|[^|]*\\|[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{0,32}\\|\\d{1,18}"
                    + "\\|(?<maxInactive>-?\\d{1,10})\\|-?\\d{1,18}\\|[^|]*");

    /** How long a claim may wait for the next sweep of whichever node. */
    private static final Duration SWEEP = Duration.ofSeconds(30);

    private RedisAudit() {}

    /**
     * Sentences about keys that have no life time, sessions without index entry, entries without session, claims that
     * were forgotten, and unreadable fields.
     */
    public static List<String> of(Jedis jedis) {
        List<String> findings = new ArrayList<>();
        for (String key : keys(jedis)) {
            if (jedis.pttl(key) < 0) {
                findings.add(key + " has no life time");
            }
            String shard = key.substring(0, key.indexOf('}') + 1);
            String rest = key.substring(shard.length());
            if (rest.startsWith(":s:")) {
                session(jedis, key, shard + ":x", rest.substring(3), findings);
            } else if (rest.equals(":x")) {
                for (String id : jedis.zrange(key, 0, -1)) {
                    if (!jedis.hexists(shard + ":s:" + id, META)) {
                        findings.add(key + " has an entry without a session");
                    }
                }
            } else if (rest.equals(":w")) {
                jedis.hgetAll(key).forEach((who, what) -> {
                    boolean fits = who.equals(".")
                            ? what.matches("SENDING|GIVEN_UP")
                            : who.startsWith("+")
                                    ? isIncarnation(who.substring(1)) && what.matches("[0-9]+")
                                    : isIncarnation(who) && what.matches("EXPECTED|BEGUN|TOLD|SENT");
                    if (!fits) {
                        findings.add(key + " has the foreign mark " + what);
                    }
                });
            } else if (rest.isEmpty() && shard.endsWith(":nodes}")) {
                registry(jedis, key, findings);
            } else if (rest.equals(":l") || rest.equals(":g")) {
                // The log's life is read first, or the time between the two would count.
                String generation = shard + ":g";
                if (rest.equals(":l") && jedis.pttl(key) < jedis.pttl(generation)) {
                    findings.add(generation + " outlives the log");
                }
            } else if (!rest.startsWith(":d:")) { // put aside: whatever it is, it has a life time
                findings.add(key + " is unknown");
            }
        }
        return findings;
    }

    /** Keys of sessions of which more is left than a tombstone, and keys of indexes that are not empty. */
    public static List<String> unfinished(Jedis jedis) {
        return keys(jedis).stream()
                .filter(key -> key.endsWith(":x") || (key.contains(":s:") && !jedis.hexists(key, TOMBSTONE)))
                .toList();
    }

    /** Names of all keys of Holdfast, in order. */
    public static Set<String> keys(Jedis jedis) {
        Set<String> keys = new TreeSet<>(Comparator.naturalOrder());
        keys.addAll(jedis.keys("{hf:*"));
        return keys;
    }

    private static void registry(Jedis jedis, String key, List<String> findings) {
        Map<String, String> entries = jedis.hgetAll(key);
        entries.forEach((field, entry) -> {
            if (field.startsWith("stage:")) {
                if (!entry.matches("STARTS|DRAINS|LEAVES")
                        || !entries.containsKey(field.substring("stage:".length()))) {
                    findings.add(key + " has the foreign stage " + entry);
                }
            } else if (field.startsWith("order:")) {
                if (!entry.matches("(soft|move)( force)?( ok| no)?")
                        || !entries.containsKey(field.substring("order:".length()))) {
                    findings.add(key + " has the foreign order " + entry);
                }
            } else if (!entry.matches(
                    "1\\|[A-Za-z0-9_-]{0,63}\\|[A-Za-z0-9._:-]+\\|[0-9a-f]{16}(\\|[^|]*)?\\|\\d{13}|2\\|.*")) {
                findings.add(key + " has the foreign entry " + entry);
            }
        });
    }

    private static void session(Jedis jedis, String key, String index, String id, List<String> findings) {
        String claim = jedis.hget(key, CLAIM);
        if (claim != null) {
            claimed(jedis, key, claim, jedis.zscore(index, id), findings);
            return;
        }
        Map<String, String> hash = jedis.hgetAll(key);
        boolean gone = hash.containsKey(TOMBSTONE);
        Integer maxInactiveSeconds = maxInactiveSeconds(hash.get(META));
        if (!gone && maxInactiveSeconds == null) {
            findings.add(key + " has metadata that cannot be read");
            return;
        }
        String foreign = hash.keySet().stream()
                .filter(field -> !field.equals(META) && PREFIXES.stream().noneMatch(field::startsWith))
                .findFirst()
                .orElse(null);
        if (!gone && foreign != null) {
            findings.add(key + " has the foreign field " + foreign);
            return;
        }
        Double deadline = jedis.zscore(index, id);
        boolean must = !gone && maxInactiveSeconds > 0;
        if (must && deadline == null) {
            findings.add(key + " is not in the index");
        }
        if (!must && deadline != null) {
            findings.add(key + " is in the index and should not");
        }
        if (gone && hash.size() != 1) {
            findings.add(key + " has more than a tombstone");
        }
    }

    /**
     * After how long without a request the session ends, zero or less for never; null if the metadata cannot be read.
     */
    static @Nullable Integer maxInactiveSeconds(@Nullable String meta) {
        Matcher packed = META_1.matcher(meta == null ? "" : meta);
        try {
            return packed.matches() ? Integer.valueOf(packed.group("maxInactive")) : null;
        } catch (NumberFormatException tooLarge) {
            return null;
        }
    }

    private static void claimed(Jedis jedis, String key, String claim, Double score, List<String> findings) {
        if (!claim.matches("1\\|[A-Za-z0-9_-]{22}\\|\\d{13}")) {
            findings.add(key + " has the foreign claim " + claim);
            return;
        }
        long lease = Long.parseLong(claim.substring(claim.lastIndexOf('|') + 1));
        if (score == null || score != lease) {
            findings.add(key + " is claimed and not in the index by the end of its lease");
        }
        if (lease + SWEEP.toMillis() < Long.parseLong(jedis.time().get(0)) * 1000) {
            findings.add(key + " has a claim that ran out and that nobody took over");
        }
        if (!jedis.hexists(key, META)) {
            findings.add(key + " is claimed and has no state to tell of");
        }
    }

    private static boolean isIncarnation(String who) {
        return who.matches("[A-Za-z0-9_-]{22}(\\.[0-9]+)?");
    }
}
