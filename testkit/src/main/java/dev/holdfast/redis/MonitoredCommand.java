package dev.holdfast.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command that a client sent, as MONITOR shows it; what scripts do inside is none.
 *
 * @param at seconds since 1970
 * @param client address of the connection
 * @param name in lower case: of the script where it is one of ours, as in {@code load.lua}, else of the command
 * @param line the whole line
 */
public record MonitoredCommand(double at, String client, String name, String line) {
    private static final Pattern LINE = Pattern.compile(
            "(?<at>[0-9.]+) \\[\\d+ (?<client>[^]]+)] \"(?<name>[^\"]*)\"(?: \"(?<first>[0-9a-f]{40})\")?.*");

    private static final Set<String> OF_NODES = Set.of("touch.lua", "claim.lua", "finish.lua", "bury.lua", "push.lua");

    /** Reads the lines of {@link dev.holdfast.testing.RedisProcess#monitor}. */
    public static List<MonitoredCommand> of(List<String> lines) {
        List<MonitoredCommand> commands = new ArrayList<>();
        for (String line : lines) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches() && !matcher.group("client").equals("lua")) {
                String command = matcher.group("name").toLowerCase(Locale.ROOT);
                commands.add(new MonitoredCommand(
                        Double.parseDouble(matcher.group("at")),
                        matcher.group("client"),
                        SentScripts.file(command, matcher.group("first"), line).orElse(command),
                        line));
            }
        }
        return commands;
    }

    /** Whether it names a session's key. */
    public boolean isOf(String sessionId) {
        return line.contains(":s:" + sessionId);
    }

    /**
     * Whether a request sends it: it names the key of a session, and is none of what nodes tell and claim at times of
     * their own. Their questions and their registry name no session.
     */
    public boolean isOfRequest() {
        return line.contains(":s:") && !OF_NODES.contains(name);
    }
}
