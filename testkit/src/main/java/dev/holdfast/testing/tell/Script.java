package dev.holdfast.testing.tell;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Requests of one or more browsers, one a line, in the files {@code scripts/*.txt}.
 *
 * <pre>
 * == a name                                a script begins; after " @ " its application, if not /shop
 * -- sticky                                also in the run with takeovers all requests go to one node
 * -- exact                                 the last access is compared after takeovers, too: the script makes pauses
 * session; set a one                       GET /do, which does these acts
 * bob: POST /guarded/do who {field=1} [Accept: x]   another browser, method, path, body and header
 * ~ A_DIFFERENCE                           on Tomcat, the answer above, or its events, differ by this and nothing else
 * ! wait 1200                              no request: see {@link Step#command}
 * </pre>
 *
 * {@code <id1>} is the first session id that the script has seen, {@code <id2>} the second.
 */
public record Script(String name, String context, boolean sticky, boolean exact, List<Step> steps) {
    private static final Path SCRIPTS = Path.of("..", "testkit", "src/main/resources/dev/holdfast/testing/scripts");

    private static final Pattern REQUEST = Pattern.compile("(?:(?<who>[a-z]+): )?(?:(?<method>[A-Z]+)(?: |$))?"
            + "(?<path>/\\S*)? ?(?<acts>[^{\\[]*)(?:\\{(?<body>[^}]*)} ?)?(?<headers>(?:\\[[^]]*] ?)*)");

    /**
     * One line.
     *
     * @param command {@code expire} (the container looks for idle sessions), {@code reload}, {@code wait <ms>},
     *     {@code cookie <who> <name>=<value>}, {@code forget <who>}; empty for a request
     */
    public record Step(
            String line,
            String command,
            String who,
            String method,
            String path,
            List<String> acts,
            String body,
            List<String> headers,
            Set<String> differences) {

        /** How long all wait before they go on; zero if this is something to do. */
        public Duration pause() {
            return command.startsWith("wait ")
                    ? Duration.ofMillis(Long.parseLong(command.substring(5)))
                    : Duration.ZERO;
        }

        /** Waits so long. */
        public void await() {
            long begin = System.nanoTime();
            Awaitility.await()
                    .atMost(pause().plusMinutes(1))
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> System.nanoTime() - begin > pause().toNanos());
        }

        public boolean isRequest() {
            return command.isEmpty();
        }
    }

    /** Those of all files. */
    public static List<Script> all() {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            List<Script> scripts = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                scripts.addAll(parse(Files.readAllLines(file)));
            }
            return scripts;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Script> parse(List<String> lines) {
        List<Script> scripts = new ArrayList<>();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Script last = scripts.isEmpty() ? null : scripts.get(scripts.size() - 1);
            if (line.startsWith("== ")) {
                String[] parts = line.substring(3).split(" @ ", -1);
                scripts.add(
                        new Script(parts[0], parts.length > 1 ? parts[1] : "/shop", false, false, new ArrayList<>()));
            } else if (last == null) {
                throw new IllegalArgumentException("Belongs to no script: " + line);
            } else if (line.equals("-- sticky")) {
                scripts.set(scripts.size() - 1, new Script(last.name, last.context, true, last.exact, last.steps));
            } else if (line.equals("-- exact")) {
                scripts.set(scripts.size() - 1, new Script(last.name, last.context, last.sticky, true, last.steps));
            } else if (line.startsWith("~ ")) {
                last.steps.get(last.steps.size() - 1).differences.add(line.substring(2));
            } else {
                last.steps.add(line.startsWith("! ") ? command(line) : request(line));
            }
        }
        return scripts;
    }

    private static Step command(String line) {
        return new Step(line, line.substring(2), "", "", "", List.of(), "", List.of(), new TreeSet<>());
    }

    private static Step request(String line) {
        Matcher parts = REQUEST.matcher(line);
        if (!parts.matches()) {
            throw new IllegalArgumentException("No request: " + line);
        }
        String acts = parts.group("acts").trim();
        List<String> headers = new ArrayList<>();
        for (String header : or(parts.group("headers"), "").split("[\\[\\]]", -1)) {
            if (!header.isBlank()) {
                headers.add(header);
            }
        }
        return new Step(
                line,
                "",
                or(parts.group("who"), "ann"),
                or(parts.group("method"), "GET"),
                or(parts.group("path"), "/do"),
                acts.isEmpty() ? List.of() : List.of(acts.split("; ?", -1)),
                or(parts.group("body"), ""),
                headers,
                new TreeSet<>());
    }

    private static String or(String text, String other) {
        return text == null ? other : text;
    }

    public long requests() {
        return steps.stream().filter(Step::isRequest).count();
    }

    @Override
    public String toString() {
        return name;
    }
}
