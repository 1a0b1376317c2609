package dev.holdfast.benchmark;

import dev.holdfast.testing.RealParts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The load generator of that name: a thread of it for each node, which sends a list of requests again and again. */
final class Wrk {
    private static final Pattern RESULT = Pattern.compile("RESULT (\\d+) (\\d+) (\\d+) (\\d+)");

    /** Requests are made before the load begins; the answers' cookies are not looked at. */
    private static final String SCRIPT = """
            local ports = { %s }
            local threads = 0

            function setup(thread)
                thread:set("node", threads %% #ports + 1)
                thread.addr = wrk.lookup("127.0.0.1", ports[threads %% #ports + 1])[1]
                threads = threads + 1
            end

            local paths = { %s }
            local cookies = { %s }
            local ready = {}
            local sent = 0

            function init(args)
                local all = cookies[node]
                for i = 1, #all do
                    for j = 1, #paths do
                        local headers = { ["Host"] = "localhost" }
                        if all[i] ~= "" then
                            headers["Cookie"] = all[i]
                        end
                        ready[#ready + 1] = wrk.format("GET", paths[(i + j) %% #paths + 1], headers)
                    end
                end
            end

            function request()
                sent = sent %% #ready + 1
                return ready[sent]
            end

            function done(summary, latency, requests)
                local errors = summary.errors
                io.write(string.format("RESULT %%d %%d %%d %%d\\n", summary.requests, summary.duration,
                    errors.connect + errors.read + errors.write + errors.status + errors.timeout, latency:percentile(50)))
            end
            """;

    private final Path program = RealParts.require("wrk", "wrk");

    /**
     * What came of it.
     *
     * @param requests that were answered
     * @param seconds for which it sent
     * @param errors answers that were no success, and requests without one
     * @param p50 microseconds within which half of them was answered
     */
    record Result(long requests, double seconds, long errors, long p50) {}

    /**
     * Sends for some seconds.
     *
     * @param ports of the nodes
     * @param cookies of the browsers of each node; an empty text for one that has none
     */
    Result run(List<Integer> ports, List<String> paths, List<List<String>> cookies, int connections, int seconds)
            throws IOException, InterruptedException {
        Path script = Files.createTempFile("requests", ".lua");
        try {
            Files.writeString(
                    script,
                    SCRIPT.formatted(
                            ports.stream().map(String::valueOf).collect(Collectors.joining(", ")),
                            quoted(paths),
                            cookies.stream()
                                    .map(each -> "{ " + quoted(each) + " }")
                                    .collect(Collectors.joining(",\n"))));
            int threads = Math.min(ports.size(), connections);
            Process wrk = new ProcessBuilder(
                            program.toString(),
                            "--threads=" + threads,
                            "--connections=" + connections,
                            "--duration=" + seconds + "s",
                            "--script=" + script,
                            "http://127.0.0.1:" + ports.get(0) + "/")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exit = wrk.waitFor();
            MatchResult result = RESULT.matcher(said)
                    .results()
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("wrk ended with " + exit + ": " + said));
            return new Result(
                    Long.parseLong(result.group(1)),
                    Long.parseLong(result.group(2)) / 1e6,
                    Long.parseLong(result.group(3)),
                    Long.parseLong(result.group(4)));
        } finally {
            Files.delete(script);
        }
    }

    private static String quoted(List<String> texts) {
        return texts.stream()
                .map(text -> String.format(
                        Locale.ROOT, "\"%s\"", text.replace("\\", "\\\\").replace("\"", "\\\"")))
                .collect(Collectors.joining(", "));
    }
}
