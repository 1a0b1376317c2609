package dev.holdfast.costs;

import dev.holdfast.testing.RealParts;
import dev.holdfast.testing.TomcatProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the system knows of open connections, where {@code ss} says it. */
final class Sockets {
    private static final Pattern LOCAL_PORT = Pattern.compile(":(\\d+)\\s");
    private static final Pattern SENT = Pattern.compile("\\bbytes_sent:(\\d+)");

    private Sockets() {}

    /** The bytes that nodes have sent on connections to others of them; 0 where nothing says it. */
    static long sentBetween(List<TomcatProcess> nodes) {
        Optional<Path> ss = RealParts.find("ss");
        return ss.isEmpty() || nodes.size() < 2
                ? 0
                : connections(ss.get())
                        .lines()
                        .filter(line -> nodes.stream().anyMatch(node -> isBetween(line, node)))
                        .mapToLong(Sockets::sent)
                        .sum();
    }

    /** Of this process, and not a browser's. */
    private static boolean isBetween(String line, TomcatProcess node) {
        Matcher port = LOCAL_PORT.matcher(line);
        return line.contains("pid=" + node.pid() + ",")
                && port.find()
                && Integer.parseInt(port.group(1)) != node.address().getPort();
    }

    private static long sent(String line) {
        Matcher sent = SENT.matcher(line);
        return sent.find() ? Long.parseLong(sent.group(1)) : 0;
    }

    private static String connections(Path ss) {
        try {
            Process process = new ProcessBuilder(ss.toString(), "-tnpiOH")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run " + ss, e);
        }
    }
}
