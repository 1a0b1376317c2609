package dev.holdfast.costs;

import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatProcess;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What nodes and their Redis have used since they began.
 *
 * @param nodes processor time of all nodes
 * @param redis processor time of Redis
 * @param received bytes that Redis has read
 * @param sent bytes that Redis has sent
 * @param between bytes that the nodes have sent to each other
 */
public record Usage(Duration nodes, Duration redis, long received, long sent, long between) {
    public static Usage of(List<TomcatProcess> nodes, RedisProcess redis) {
        // One question, whose answer counts in the next one: 2 kB.
        String info = redis.ask(jedis -> jedis.info("stats") + jedis.info("cpu"));
        double seconds = number(info, "used_cpu_user") + number(info, "used_cpu_sys");
        return new Usage(
                nodes.stream().map(TomcatProcess::cpuTime).reduce(Duration.ZERO, Duration::plus),
                Duration.ofNanos((long) (seconds * 1e9)),
                (long) number(info, "total_net_input_bytes"),
                (long) number(info, "total_net_output_bytes"),
                Sockets.sentBetween(nodes));
    }

    private static double number(String info, String name) {
        Matcher line =
                Pattern.compile("^" + name + ":([0-9.]+)", Pattern.MULTILINE).matcher(info);
        if (!line.find()) {
            throw new IllegalStateException("Redis does not say " + name + ": " + info);
        }
        return Double.parseDouble(line.group(1));
    }

    public Usage minus(Usage earlier) {
        return new Usage(
                nodes.minus(earlier.nodes),
                redis.minus(earlier.redis),
                received - earlier.received,
                sent - earlier.sent,
                between - earlier.between);
    }
}
