package dev.holdfast.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;

/**
 * Ways in which what Redis holds of a session, or of its shard, can be damaged or be somebody else's.
 *
 * @param title in words
 * @param hits what has to bear it
 * @param action damages it
 */
public record DamageWays(String title, Hits hits, Damaging action) {
    /** What a way damages, and so what may come of it. */
    public enum Hits {
        /** The session as a whole: it is served as it was, or has ended. */
        SESSION,
        /** The attribute {@code note}: it is what it was, or absent. The rest of the session is as it was. */
        ATTRIBUTE,
        /** Nothing that is needed: the session is served as it was. */
        NOTHING,
        /** What the nodes know of the shard: all of it is settled anew, within seconds. */
        SHARD
    }

    /** Damages a session of an application. */
    public interface Damaging {
        void damage(Jedis jedis, Names names);
    }

    /** Names of keys. */
    public record Names(String app, String id) {
        String session() {
            return shard() + ":s:" + id;
        }

        String index() {
            return shard() + ":x";
        }

        String log() {
            return shard() + ":l";
        }

        String generation() {
            return shard() + ":g";
        }

        private String shard() {
            return "{hf:" + app + ":" + id.substring(0, 2) + "}";
        }
    }

    private static final int FIELDS = 8;
    private static final String META = ".m";
    private static final String NOTE = "a:note";

    /** Damages the session of that id. */
    public void damage(Jedis jedis, String app, String id) {
        action.damage(jedis, new Names(app, id));
    }

    @Override
    public String toString() {
        return title;
    }

    /** All of them, more than a hundred. */
    public static List<DamageWays> all() {
        List<DamageWays> all = new ArrayList<>();
        metadata(all);
        fields(all);
        types(all);
        indexes(all);
        attributes(all);
        shards(all);
        return all;
    }

    // ---- the metadata

    private static void metadata(List<DamageWays> all) {
        for (int i = 0; i < FIELDS; i++) {
            int field = i;
            all.add(meta("part " + i + " with a flipped bit", parts -> with(parts, field, flipped(parts[field], 1))));
            all.add(meta("part " + i + " with a byte that is no text", parts -> with(parts, field, "\u0000\u00ff")));
            all.add(meta("part " + i + " empty", parts -> with(parts, field, "")));
            all.add(meta("cut before part " + i, parts -> String.join("|", Arrays.copyOf(parts, field))));
            all.add(meta(
                    "cut within part " + i,
                    parts -> String.join("|", Arrays.copyOf(parts, field + 1)).replaceAll(".$", "")));
            all.add(meta("part " + i + " missing", parts -> without(parts, field)));
        }
        for (int field : new int[] {1, 4, 5, 6}) {
            all.add(meta("part " + field + " negative", parts -> with(parts, field, "-3")));
            all.add(meta("part " + field + " huge", parts -> with(parts, field, "9".repeat(40))));
            all.add(meta("part " + field + " too large for a clock", parts -> with(parts, field, "999999999999999")));
            all.add(meta("part " + field + " no whole number", parts -> with(parts, field, "1e3")));
        }
        all.add(meta(
                "last use of next year", parts -> with(parts, 4, "" + (Long.parseLong(parts[4]) + 31_536_000_000L))));
        all.add(meta("epoch without its dot", parts -> with(parts, 3, parts[3].replace(".", "_"))));
        all.add(meta("stamp of another length", parts -> with(parts, 2, parts[2] + "x")));
        for (String other : List.of(
                "",
                "rubbish",
                "{\"a\":1}",
                "2|1|a|b|1|1|1|c",
                "12|something to come",
                "1",
                "|||||||",
                "\u0000",
                "\n")) {
            all.add(meta(
                    "replaced by \"" + other.replace("\n", "\\n").replace("\u0000", "\\0") + "\"", parts -> other));
        }
        all.add(meta("replaced by a megabyte", parts -> "x".repeat(1 << 20)));
        all.add(meta("doubled", parts -> String.join("|", parts) + String.join("|", parts)));
        all.add(new DamageWays("no metadata", Hits.SESSION, (jedis, names) -> jedis.hdel(names.session(), META)));
    }

    private static DamageWays meta(String title, Change change) {
        return new DamageWays(
                "metadata: " + title,
                Hits.SESSION,
                (jedis, names) -> jedis.hset(
                        names.session(),
                        META,
                        change.of(jedis.hget(names.session(), META).split("\\|", -1))));
    }

    private interface Change {
        String of(String[] parts);
    }

    private static String with(String[] parts, int index, String part) {
        String[] changed = parts.clone();
        changed[index] = part;
        return String.join("|", changed);
    }

    private static String without(String[] parts, int index) {
        List<String> rest = new ArrayList<>(List.of(parts));
        rest.remove(index);
        return String.join("|", rest);
    }

    private static String flipped(String text, int bit) {
        return (char) (text.charAt(0) ^ bit) + text.substring(1);
    }

    // ---- other fields of the session's hash

    private static void fields(List<DamageWays> all) {
        for (String name : List.of("other", "", ".x", "b:note", "\u001b]0;x\u0007", "x".repeat(1 << 20))) {
            all.add(new DamageWays(
                    "unknown field \"" + (name.length() > 20 ? "of a megabyte" : name.replaceAll("\\p{Cntrl}", "?"))
                            + "\"",
                    Hits.NOTHING,
                    (jedis, names) -> jedis.hset(names.session(), name, "x")));
        }
        for (String name : List.of(".t", ".c")) {
            for (String value : List.of("", "rubbish", "1|" + "x".repeat(22) + "|99999999999999")) {
                all.add(new DamageWays(
                        "field " + name + " with \"" + value + "\"",
                        Hits.SESSION,
                        (jedis, names) -> jedis.hset(names.session(), name, value)));
            }
        }
        all.add(new DamageWays("no life time", Hits.NOTHING, (jedis, names) -> jedis.persist(names.session())));
        all.add(new DamageWays("no key", Hits.SESSION, (jedis, names) -> jedis.del(names.session())));
        all.add(new DamageWays(
                "another session's metadata",
                Hits.SESSION,
                (jedis, names) -> jedis.hset(
                        names.session(),
                        META,
                        "1|7|" + "s".repeat(22) + "|" + "m".repeat(22) + ".n9|"
                                + jedis.hget(names.session(), META).split("\\|", -1)[4] + "|1800|1|"
                                + "i".repeat(22))));
    }

    // ---- keys of another type

    private static void types(List<DamageWays> all) {
        others().forEach((type, make) -> {
            all.add(replaced("session", type, Hits.SESSION, Names::session, make));
            if (!type.equals("sorted set")) {
                all.add(replaced("index", type, Hits.NOTHING, Names::index, make));
                all.add(replaced("log", type, Hits.NOTHING, Names::log, make));
            }
            if (!type.equals("string")) {
                all.add(replaced("generation", type, Hits.SHARD, Names::generation, make));
            }
        });
        all.add(replaced("index", "hash", Hits.NOTHING, Names::index, (jedis, key) -> jedis.hset(key, "x", "y")));
    }

    private static DamageWays replaced(
            String what, String type, Hits hits, NameOf name, BiConsumer<Jedis, String> make) {
        return new DamageWays(what + " is a " + type, hits, (jedis, names) -> replace(jedis, name.of(names), make));
    }

    /** In one step: a node that writes the key in between would give it its own type again. */
    private static void replace(Jedis jedis, String key, BiConsumer<Jedis, String> make) {
        String made = key + ":made";
        make.accept(jedis, made);
        jedis.rename(made, key);
    }

    private interface NameOf {
        String of(Names names);
    }

    private static Map<String, BiConsumer<Jedis, String>> others() {
        Map<String, BiConsumer<Jedis, String>> others = new HashMap<>();
        others.put("string", (jedis, key) -> jedis.set(key, "x"));
        others.put("list", (jedis, key) -> jedis.rpush(key, "x"));
        others.put("set", (jedis, key) -> jedis.sadd(key, "x"));
        others.put("sorted set", (jedis, key) -> jedis.zadd(key, 1, "x"));
        others.put("stream", (jedis, key) -> jedis.xadd(key, StreamEntryID.NEW_ENTRY, Map.of("x", "y")));
        return others;
    }

    // ---- the expiry index

    private static void indexes(List<DamageWays> all) {
        all.add(index("without the session", (jedis, names) -> jedis.zrem(names.index(), names.id())));
        for (double score : new double[] {0, -1, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 1e300, 0.5}) {
            all.add(index("with the score " + score, (jedis, names) -> jedis.zadd(names.index(), score, names.id())));
        }
        all.add(index("that is gone", (jedis, names) -> jedis.del(names.index())));
        all.add(index("with strangers in front", (jedis, names) -> {
            for (int i = 0; i < 30; i++) {
                jedis.zadd(names.index(), i, "stranger " + i);
            }
        }));
        all.add(index("with ids of other shards and of nobody", (jedis, names) -> {
            for (int i = 0; i < 30; i++) {
                jedis.zadd(
                        names.index(), i, (i % 2 == 0 ? "3f" : names.id().substring(0, 2)) + "0".repeat(30) + (10 + i));
            }
        }));
    }

    private static DamageWays index(String title, Damaging action) {
        return new DamageWays("index " + title, Hits.NOTHING, action);
    }

    // ---- an attribute

    private static void attributes(List<DamageWays> all) {
        for (int at : new int[] {0, 2, 10, 24, 25, 27, 31, -1}) {
            all.add(note("with a flipped bit at " + at, bytes -> flipped(bytes, at)));
        }
        all.add(note("empty", bytes -> new byte[0]));
        all.add(note("without its prefix", bytes -> Arrays.copyOfRange(bytes, 25, bytes.length)));
        all.add(note("cut", bytes -> Arrays.copyOf(bytes, bytes.length - 1)));
        all.add(note("cut within its prefix", bytes -> Arrays.copyOf(bytes, 9)));
        all.add(note("of a negative version", bytes -> joined("-", bytes)));
        all.add(note("of a huge version", bytes -> joined("9".repeat(17), bytes)));
        all.add(note("of a version beyond numbers", bytes -> joined("9".repeat(40), bytes)));
        all.add(note("replaced by text", bytes -> "some text".getBytes(UTF_8)));
        all.add(note("replaced by Java", bytes -> new byte[] {(byte) 0xac, (byte) 0xed, 0, 5, 's', 'r'}));
        all.add(new DamageWays(
                "attribute removed", Hits.ATTRIBUTE, (jedis, names) -> jedis.hdel(names.session(), NOTE)));
        for (String field :
                List.of("h:principal", "h:authType", "h:savedRequest", "h:expectedId", "h:idOfLogin", "h:x")) {
            all.add(new DamageWays(
                    "rubbish as " + field,
                    Hits.NOTHING,
                    (jedis, names) -> jedis.hset(names.session(), field, "rubbish")));
        }
    }

    private static DamageWays note(String title, UnaryOperator<byte[]> change) {
        return new DamageWays("attribute " + title, Hits.ATTRIBUTE, (jedis, names) -> {
            byte[] key = names.session().getBytes(UTF_8);
            byte[] field = NOTE.getBytes(UTF_8);
            jedis.hset(key, field, change.apply(jedis.hget(key, field)));
        });
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at < 0 ? changed.length + at : at] ^= 1;
        return changed;
    }

    private static byte[] joined(String text, byte[] bytes) {
        byte[] front = text.getBytes(UTF_8);
        byte[] all = Arrays.copyOf(front, front.length + bytes.length);
        System.arraycopy(bytes, 0, all, front.length, bytes.length);
        return all;
    }

    // ---- the shard

    private static void shards(List<DamageWays> all) {
        all.add(shard("log is gone", Hits.NOTHING, (jedis, names) -> jedis.del(names.log())));
        all.add(shard(
                "log with a stranger at its end",
                Hits.NOTHING,
                (jedis, names) -> jedis.zadd(names.log(), 9e15, "stranger")));
        all.add(shard(
                "log with a stranger at its beginning",
                Hits.NOTHING,
                (jedis, names) -> jedis.zadd(names.log(), -1, "stranger")));
        all.add(shard("log with strangers for its entries", Hits.NOTHING, (jedis, names) -> {
            jedis.del(names.log());
            jedis.zadd(names.log(), 1, "x");
            jedis.zadd(names.log(), 2, "y");
        }));
        all.add(shard("generation is gone", Hits.SHARD, (jedis, names) -> jedis.del(names.generation())));
        all.add(shard(
                "generation is another", Hits.SHARD, (jedis, names) -> jedis.set(names.generation(), "x".repeat(22))));
        all.add(shard("generation is empty", Hits.SHARD, (jedis, names) -> jedis.set(names.generation(), "")));
    }

    private static DamageWays shard(String title, Hits hits, Damaging action) {
        return new DamageWays(title, hits, action);
    }
}
