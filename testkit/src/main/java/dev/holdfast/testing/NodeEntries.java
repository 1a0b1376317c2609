package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.HashMap;
import java.util.Map;

/** The registry of an application's nodes, as a test reads it. */
public final class NodeEntries {
    private NodeEntries() {}

    /** Waits until each of so many nodes serves, and has had the time to see that all others do. */
    public static void awaitAllSeen(RedisProcess redis, String app, int nodes) {
        await().untilAsserted(() -> assertThat(all(redis, app))
                .hasSize(nodes)
                .allSatisfy((field, entry) -> assertThat(field).doesNotContain(":")));
        // The first beat from here on may have been on its way; the second has seen it all.
        for (int i = 0; i < 2; i++) {
            Map<String, String> before = all(redis, app);
            await().untilAsserted(() -> assertThat(all(redis, app))
                    .allSatisfy((field, entry) -> assertThat(entry).isNotEqualTo(before.get(field))));
        }
    }

    private static Map<String, String> all(RedisProcess redis, String app) {
        return new HashMap<>(redis.<Map<String, String>>ask(jedis -> jedis.hgetAll("{hf:" + app + ":nodes}")));
    }
}
