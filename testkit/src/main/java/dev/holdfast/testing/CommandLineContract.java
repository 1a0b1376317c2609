package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the commands of a JAR say of two nodes, and what comes of them there, run as operators run them. The nodes are
 * n1 and n2 of one application, with {@link #SETTINGS} and a timeout of 30 minutes, serve a {@link DemoServlet} at
 * {@code /shop/*} and have a {@link Ends}, in the JVM of the test. The same for all containers.
 */
public abstract class CommandLineContract {
    private static final String HEALTH = "/holdfast/health";
    private static final String JAR = "java -jar holdfast-tomcat-*.jar ";

    /** Of each node. */
    protected static final Map<String, String> SETTINGS = Map.of("holdfast.health.path", HEALTH);

    private final Browser customer = new Browser();

    protected abstract HttpNode n1();

    protected abstract HttpNode n2();

    protected abstract RedisProcess redis();

    /** Notes which sessions have ended on the nodes of this JVM, by what they count. */
    public static final class Ends implements HttpSessionListener {
        private static final List<Object> TOLD = new CopyOnWriteArrayList<>();

        @Override
        public void sessionDestroyed(HttpSessionEvent event) {
            HttpSession session = event.getSession();
            TOLD.add(session.getAttribute("count"));
        }
    }

    @BeforeEach
    void forget() {
        Ends.TOLD.clear();
    }

    private JarCommand run(String... arguments) {
        return JarCommand.run(
                CommitWays.jar(),
                Map.of("HOLDFAST_REDIS", redis().uriOfMinimalUser().toString(), "HOLDFAST_APP", "shop"),
                List.of(arguments));
    }

    /** The command of the documentation that begins so, with these words in place of its own. */
    private JarCommand documented(String command, Map<String, String> words) {
        List<String> lines = Docs.block("operations.md", "Command line", "sh")
                .lines()
                .filter(line -> line.startsWith(JAR + command + " "))
                .toList();
        assertThat(lines).as("lines of the documentation for %s", command).hasSize(1);
        List<String> arguments = new ArrayList<>();
        for (String word : lines.get(0).substring(JAR.length()).split(" ", -1)) {
            arguments.add(words.getOrDefault(word, word));
        }
        return JarCommand.run(
                CommitWays.jar(),
                Map.of("HOLDFAST_REDIS", redis().uriOfMinimalUser().toString()),
                arguments);
    }

    /** What of the id of the customer's session an operator has seen in a log. */
    private String beginning() {
        return customer.sessionId().substring(0, 8);
    }

    private void assertHealth(HttpNode node, int status) {
        assertThat(new Browser().get(node, HEALTH).status()).isEqualTo(status);
    }

    @Test
    void sessionIsFoundShownAndEndedOnAllNodes() {
        customer.get(n1(), "/shop/new");
        customer.get(n1(), "/shop/new");

        JarCommand sessions = documented("sessions", Map.of());
        assertThat(sessions.lines()).first().asString().matches("shop has [1-9][0-9]* sessions?\\.");
        assertThat(sessions.lines()).anyMatch(line -> line.matches(beginning() + "… +live +n1 +\\d+s +30m +\\d+s +2"));

        JarCommand shown = documented("session", Map.of("1f3a", beginning()));
        assertThat(shown.lines()).first().asString().endsWith(" of shop lives, and n1 may serve it from memory.");
        assertThat(shown.lines())
                .last()
                .asString()
                .matches("count +application +java\\.lang\\.Integer +\\d+ B +the last" + " change");

        JarCommand ended = documented("end", Map.of("1f3a", beginning()));
        assertThat(ended.exitCode()).as(ended.toString()).isZero();

        await().untilAsserted(
                        () -> { // two seconds by themselves
                            assertThat(peek(n1())).isEqualTo("session: false");
                            assertThat(peek(n2())).isEqualTo("session: false");
                        });
        // Jetty looks for idle sessions every ten seconds, and Tomcat, too.
        await().atMost(Duration.ofSeconds(40)).until(() -> !Ends.TOLD.isEmpty());
        assertThat(documented("end", Map.of("1f3a", beginning())).exitCode()).isEqualTo(3);
        assertThat(Ends.TOLD).containsExactly(2);
    }

    /** With the customer's cookies, which stay as they are. */
    private String peek(HttpNode node) {
        Browser again = new Browser();
        again.cookies().putAll(customer.cookies());
        return again.get(node, "/shop/peek").body();
    }

    @Test
    void sessionsAndNodesAreToldToProgramsToo() {
        customer.get(n2(), "/shop/new");

        assertThat(String.join("", run("session", beginning(), "--json").lines())
                        .replace(" ", ""))
                .contains("\"node\":\"n2\"", "\"name\":\"count\"", "\"class\":\"java.lang.Integer\"");
        assertThat(String.join("", run("nodes", "--json").lines()).replace(" ", ""))
                .contains("\"node\":\"n1\"", "\"node\":\"n2\"", "\"stage\":\"serves\"");
        assertThat(run("sessions", "--limit", "0", "--json").lines())
                .contains("  \"application\":\"shop\",")
                .noneMatch(line -> line.contains("null"));
    }

    @Test
    void nodesAreListedAndTheDoctorLooksAtRedis() {
        JarCommand nodes = documented("nodes", Map.of());
        assertThat(nodes.exitCode()).isZero();
        assertThat(nodes.lines()).hasSize(3);
        assertThat(nodes.lines().get(1)).matches("n1 +\\S+ +serves +\\d+s ago +0 shards +/shop.*");
        assertThat(nodes.lines().get(2)).matches("n2 +\\S+ +serves +\\d+s ago +0 shards +/shop.*");

        JarCommand doctor = documented("doctor", Map.of());
        assertThat(doctor.lines())
                .anyMatch(line -> line.startsWith("Redis 127.0.0.1:"))
                .contains("Nodes of shop: 2.")
                .noneMatch(line -> line.contains("HF-514"));
        assertThat(doctor.exitCode()).isIn(0, 1); // the Redis of a test keeps nothing on its disk
    }

    @Test
    void nodeIsDrainedAndServesAgain() {
        customer.get(n1(), "/shop/new");

        JarCommand drain = documented("drain", Map.of());
        assertThat(drain.lines()).containsExactly("n1 drains.");
        assertThat(drain.exitCode()).isZero();
        try {
            assertHealth(n1(), 404);
            assertHealth(n2(), 200);
            assertThat(run("nodes").lines()).anyMatch(line -> line.matches("n1 .* drains .*"));
            await().untilAsserted(() -> {
                customer.get(n1(), "/shop/new");
                assertThat(customer.cookies()).containsEntry(Browser.ROUTE_COOKIE, "n2");
            });

            JarCommand last = run("drain", "n2", "soft");
            assertThat(last.lines())
                    .containsExactly("n2 does not drain (HF-141): no other node serves shop and stays, so its browsers"
                            + " could go nowhere. Start another one, or say --force.");
            assertThat(last.exitCode()).isEqualTo(1);
        } finally {
            JarCommand end = run("drain", "n1", "end");
            assertThat(end.lines()).containsExactly("n1 drains no more.");
        }
        assertHealth(n1(), 200);
    }

    @Test
    void whatIsNotThereIsSaidWithAnExitCodeOfItsOwn() {
        JarCommand node = run("drain", "n9", "soft");
        assertThat(node.lines()).containsExactly("No node of shop has this name. There are n1, n2.");
        assertThat(node.exitCode()).isEqualTo(3);

        JarCommand session = run("session", "0000000000000000");
        assertThat(session.lines())
                .containsExactly(
                        "No session of shop begins with 000000000000…. One without timeout is found by its whole"
                                + " id alone.");
        assertThat(session.exitCode()).isEqualTo(3);

        JarCommand application = run("nodes", "--app", "bank");
        assertThat(application.lines())
                .last()
                .isEqualTo("No node of bank is there. Is that its name, and this its Redis?");
        assertThat(application.exitCode()).isEqualTo(3);
    }

    @Test
    void watchSaysWhatMovesAndEnds() throws Exception {
        customer.get(n1(), "/shop/new");
        JarCommand.Running watch = JarCommand.start(
                CommitWays.jar(),
                Map.of("HOLDFAST_REDIS", redis().uriOfMinimalUser().toString()),
                List.of("watch", "--app", "shop", "--seconds", "60"));
        try (watch) {
            String session = " session " + customer.sessionId().substring(0, 4) + "…";
            watch.await(line -> line.matches("\\S+Z  node n1 serves at \\S+"));
            customer.get(n2(), "/shop/new");
            watch.await(line -> line.endsWith(session + " moved to n2"));
            customer.get(n2(), "/shop/logout");
            watch.await(line -> line.endsWith(session + " ended"));
        }
    }

    /** Behind these entries there is nobody. */
    @Test
    void orderThatNobodyAnswersIsTakenBackAndNoTextFromRedisMovesTheCursor() {
        String entry = "1|n7|host-7:1|0000000000000000||" + (now() + 3_600_000);
        redis().ask(jedis -> jedis.hset("{hf:desk:nodes}", "zz.1", entry));
        redis().ask(jedis -> jedis.hset("{hf:desk:nodes}", "zy.1", entry.replace("n7", "n8\u001b[2J")));

        JarCommand unknown = run("drain", "n9", "--app", "desk");
        assertThat(unknown.lines()).singleElement().asString().contains("n7", "n8?[2J");
        JarCommand drain = run("drain", "n7", "soft", "--app", "desk");

        assertThat(drain.exitCode()).isEqualTo(1);
        assertThat(drain.lines())
                .singleElement()
                .asString()
                .startsWith("n7 has not answered within 15 seconds, so the order was taken back.");
        assertThat(redis().<Boolean>ask(jedis -> jedis.hexists("{hf:desk:nodes}", "order:zz.1")))
                .isFalse();
        redis().ask(jedis -> jedis.del("{hf:desk:nodes}"));
    }

    private long now() {
        return redis().ask(jedis -> Long.parseLong(jedis.time().get(0))) * 1000;
    }

    /** What is documented is run. */
    @Test
    void everyCommandOfTheDocumentationIsOneOfThese() {
        assertThat(Docs.block("operations.md", "Command line", "sh").lines())
                .allMatch(line -> line.startsWith(JAR))
                .extracting(line -> line.substring(JAR.length()).split(" ", -1)[0])
                .containsExactlyElementsOf(
                        Arrays.asList("doctor", "nodes", "sessions", "session", "end", "drain", "watch"));
    }
}
