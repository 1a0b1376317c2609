package dev.holdfast.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stored logins of which no container can make one. */
public final class ForgedLogins {
    private ForgedLogins() {}

    /** What no field of a login can be made of. */
    public static List<Object> values() {
        return List.of(
                request(), Map.of("method", "GET"), Map.of(), "rubbish", 7, new ArrayList<>(), List.of(Map.of()));
    }

    /** A saved request as it is stored, with a cookie whose name no cookie may have, and a path that is none. */
    public static Map<String, Object> request() {
        Map<String, Object> request = new HashMap<>();
        request.put("method", "GET");
        request.put("uri", "/shop/\u0000/%zz");
        request.put("decodedUri", "/shop/\u0000");
        request.put("query", "a=%zz");
        request.put("contentType", "application/x-www-form-urlencoded");
        request.put("body", "a=%zz&b=%".getBytes(UTF_8));
        request.put("headers", new ArrayList<>(List.of("a b\n", "c")));
        request.put("cookies", new ArrayList<>(List.of("a name; with all\n", "b")));
        request.put("locales", new ArrayList<>(List.of("no language at all")));
        return request;
    }

    /**
     * Puts a value into a field, as if a container had stored it there with the session's last commit.
     *
     * @param bytes the value as the product stores it
     */
    public static void put(RedisProcess redis, String app, String id, String field, byte[] bytes) {
        redis.ask(jedis -> {
            byte[] key = key(app, id);
            String[] meta = new String(jedis.hget(key, ".m".getBytes(UTF_8)), UTF_8).split("\\|", -1);
            byte[] prefix = (meta[1] + "|" + meta[2] + "|").getBytes(UTF_8);
            byte[] stored = Arrays.copyOf(prefix, prefix.length + bytes.length);
            System.arraycopy(bytes, 0, stored, prefix.length, bytes.length);
            return jedis.hset(key, ("h:" + field).getBytes(UTF_8), stored);
        });
    }

    /** Whether those are still the bytes of the field's value. */
    public static boolean isStill(RedisProcess redis, String app, String id, String field, byte[] bytes) {
        byte[] stored = redis.ask(jedis -> jedis.hget(key(app, id), ("h:" + field).getBytes(UTF_8)));
        return Arrays.equals(stored, stored.length - bytes.length, stored.length, bytes, 0, bytes.length);
    }

    private static byte[] key(String app, String id) {
        return ("{hf:" + app + ":" + id.substring(0, 2) + "}:s:" + id).getBytes(UTF_8);
    }
}
