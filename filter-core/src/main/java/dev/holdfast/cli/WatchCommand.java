package dev.holdfast.cli;

import dev.holdfast.redis.LogFollower;
import dev.holdfast.redis.OperatorView;
import dev.holdfast.redis.RegistryView.Node;
import dev.holdfast.session.LogEntry;
import dev.holdfast.session.StoreUnavailableException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What happens, as it happens. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Says which nodes come, drain and go, and which sessions move from node to node or end, until Ctrl-C.",
            "With --json each line is an object."
        })
final class WatchCommand extends ApplicationCommand {
    /** So many sessions a second are named. */
    private static final int MOST_NAMED = 20;

    private static final String GONE = "gone";

    @Option(names = "--seconds", paramLabel = "N", description = "End after so many seconds.")
    private int seconds = Integer.MAX_VALUE;

    /** By incarnation: the same node that is started again is another one. */
    private final Map<String, Seen> nodes = new TreeMap<>();

    private List<String> troubles = List.of();

    private record Seen(String name, String address, String stage) {}

    @Override
    int run(OperatorView view, String application) throws InterruptedException {
        LogFollower logs = view.follow();
        for (int i = 0; i < seconds && !out().checkError(); i++) { // nobody reads on, as behind head
            if (i > 0) {
                TimeUnit.SECONDS.sleep(1);
            }
            try {
                look(view, logs);
                complainOnce(view.troubles());
            } catch (StoreUnavailableException e) {
                // It goes on: what happens during an outage is what one wants to see.
                complainOnce(List.of(String.valueOf(e.getMessage())));
            }
        }
        return ExitCode.DONE;
    }

    private void complainOnce(List<String> now) {
        now.stream().filter(trouble -> !troubles.contains(trouble)).forEach(this::complain);
        troubles = now;
    }

    private void look(OperatorView view, LogFollower logs) {
        String time =
                Instant.ofEpochMilli(view.now()).truncatedTo(ChronoUnit.SECONDS).toString();
        List<Node> there = view.registry().nodes();
        Map<String, Seen> before = new TreeMap<>(nodes);
        nodes.clear();
        for (Node node : there) {
            String stage = NodesCommand.stage(node);
            String incarnation = node.node().incarnation();
            if (!stage.equals(GONE)) {
                Seen seen = new Seen(NodesCommand.name(node.node()), NodesCommand.address(node.node()), stage);
                nodes.put(incarnation, seen);
                if (!seen.equals(before.get(incarnation))) {
                    say(time, "node", seen.name(), stage, seen.address());
                }
            }
        }
        before.forEach((incarnation, seen) -> {
            if (!nodes.containsKey(incarnation)) {
                say(time, "node", seen.name(), GONE, seen.address());
            }
        });
        List<LogEntry> news = logs.news();
        news.stream().limit(MOST_NAMED).forEach(entry -> say(entry, time));
        if (news.size() > MOST_NAMED) {
            say(time, "sessions", String.valueOf(news.size() - MOST_NAMED), "more moved or ended", "");
        }
    }

    private void say(LogEntry entry, String time) {
        String what = entry.renamed() ? "renamed" : entry.end() ? "ended" : "moved";
        say(time, "session", entry.id().shortened(), what, entry.route());
    }

    /** @param where the address of a node, or the node to which a session moved; empty for none */
    private void say(String time, String of, String name, String what, String where) {
        if (isJson()) {
            out().println(Json.line(Json.object("time", time, of, name, "what", what, "where", where)));
        } else {
            say(time + "  " + of + " " + name + " " + what
                    + (where.isEmpty() ? "" : (of.equals("node") ? " at " : " to ") + where));
        }
        out().flush();
    }
}
