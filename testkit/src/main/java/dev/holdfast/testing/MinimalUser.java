package dev.holdfast.testing;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The user of docs/redis.md, who has the rights that Holdfast needs and no others.
 *
 * @param rules as for {@code ACL SETUSER}, beginning with the name
 */
public record MinimalUser(String name, String password, List<String> rules) {
    private static final Pattern LINE = Pattern.compile("ACL SETUSER ((\\S+) on >(\\S+) .*)\n");

    public static MinimalUser documented() {
        Matcher line = LINE.matcher(Docs.block("redis.md", "Rights", "acl"));
        if (!line.matches()) {
            throw new AssertionError("docs/redis.md, Rights: not one line of ACL SETUSER");
        }
        return new MinimalUser(
                line.group(2), line.group(3), List.of(line.group(1).split(" ")));
    }

    /**
     * Rules that leave the user all commands but one. Redis 6.2 can take back whole commands only, so all are taken and
     * the others given again.
     */
    public String[] rulesWithout(String command) {
        return Stream.concat(
                        Stream.of("-@all"),
                        commands().stream()
                                .filter(other -> !other.equals(command))
                                .map(other -> "+" + other))
                .toArray(String[]::new);
    }

    /** The allowed commands, as in {@code hset} and {@code client|setname}. */
    public List<String> commands() {
        return rules.stream()
                .filter(rule -> rule.startsWith("+"))
                .map(rule -> rule.substring(1))
                .toList();
    }
}
