package dev.holdfast.tomcat;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/** What the names of an application's keys begin with, for each of its shards. */
final class ShardTags {
    private ShardTags() {}

    static List<String> of(String application) {
        return IntStream.range(0, 64)
                .mapToObj(shard -> of(application, HexFormat.of().toHexDigits((byte) shard)))
                .toList();
    }

    /** @param shard what the ids of its sessions begin with */
    static String of(String application, String shard) {
        return "{hf:" + application + ":" + shard + "}";
    }
}
