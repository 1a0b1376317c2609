package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Docs;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.tell.Script;
import dev.holdfast.testing.tell.ScriptRun;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One web application on Jetty's own sessions and on Holdfast, with the same requests: answers, cookies and the
 * listeners' logs are the same, but for the {@link Difference}s that are named for a script. What Jetty logs is not
 * compared: it does so for all applications at once.
 *
 * <p>Each script runs three times: on Jetty's own sessions; on one node of Holdfast; and on two nodes of Holdfast by
 * turns, so that each request takes the session over from the node of the last one.
 */
class ApplicationCannotTellIT {
    /** Scripts in which something differs; each is removed when it does not any more. */
    private static final Map<String, Set<Difference>> NAMED = Map.ofEntries(
            Map.entry("names and values that are null", Set.of(Difference.MESSAGE_FOR_NULL_NAME)),
            Map.entry("ended while a static variable holds it", Set.of(Difference.NO_USE_UNLESS_ASKED_FOR)),
            Map.entry("BASIC with a session", Set.of(Difference.NO_USE_UNLESS_ASKED_FOR)),
            Map.entry("BASIC without a session", Set.of(Difference.NO_USE_UNLESS_ASKED_FOR)),
            Map.entry("programmatic login with BASIC", Set.of(Difference.NO_USE_UNLESS_ASKED_FOR)),
            Map.entry("a response that is committed", Set.of(Difference.CHUNKED)),
            Map.entry("a session that nobody has used for its timeout", Set.of(Difference.IDLE_SESSIONS_TOLD_LATER)),
            Map.entry("a use keeps a session alive", Set.of(Difference.IDLE_SESSIONS_TOLD_LATER)));

    /** Only ever made smaller. */
    private static final int NAMED_AT_MOST = 8;

    /** Its scripts reload it. */
    private static final String RELOADED = "/kept";

    /** Part of what Jetty's object for a login prints; another one in each run, whatever keeps the session. */
    private static final Pattern HASH = Pattern.compile("(?<=\\bSessionAuthentication@)[0-9a-f]+");

    private static RedisProcess redis;
    private static TellingJetty plain;
    private static TellingJetty held;
    private static TellingJetty takenOver;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        plain = new TellingJetty("plain", List.of(Map.of()));
        held = new TellingJetty("held", List.of(holdfast("n0", 0)));
        takenOver = new TellingJetty("taken over", List.of(holdfast("n1", 1), holdfast("n2", 1)));
    }

    /** @param database so that no run ends the idle sessions of another one */
    private static Map<String, String> holdfast(String node, int database) {
        String uri = redis.uri() + "/" + database;
        return Map.of("holdfast.node", node, "holdfast.redis", uri, "holdfast.timeout", "5s");
    }

    @AfterAll
    static void stop() {
        takenOver.close();
        held.close();
        plain.close();
        redis.close();
    }

    static Stream<Script> scripts() {
        return Script.all().stream().filter(script -> !script.context().equals(RELOADED));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void answersAndListenersAreThoseOfJettysOwnSessions(Script script) {
        ScriptRun plainRun = plain.begin(script);
        ScriptRun heldRun = held.begin(script);
        ScriptRun takenOverRun = takenOver.begin(script);
        Set<Difference> named = NAMED.getOrDefault(script.name(), Set.of());
        Set<Difference> seen = EnumSet.noneOf(Difference.class);

        SoftAssertions.assertSoftly(soft -> {
            for (Script.Step step : script.steps()) {
                if (step.pause().isZero()) {
                    String own = unhashed(plainRun.step(step));
                    compare(soft, step, named, seen, own, unhashed(heldRun.step(step)), listed(named, false, false));
                    compare(
                            soft,
                            step,
                            named,
                            seen,
                            own,
                            unhashed(takenOverRun.step(step)),
                            listed(named, true, script.exact()));
                } else {
                    step.await();
                }
            }
        });
        assertThat(seen).as("what differs in it").containsAll(certain(named));
    }

    /** The look for idle sessions goes on in the background, too: it may have come just before the request. */
    private static Set<Difference> certain(Set<Difference> named) {
        Set<Difference> certain = EnumSet.noneOf(Difference.class);
        certain.addAll(named);
        certain.remove(Difference.IDLE_SESSIONS_TOLD_LATER);
        return certain;
    }

    private static Set<Difference> listed(Set<Difference> named, boolean moving, boolean exact) {
        Set<Difference> listed = Difference.of(Difference.Where.EVERYWHERE);
        listed.addAll(named);
        if (moving && !exact) {
            listed.addAll(Difference.of(Difference.Where.TAKEOVERS));
        }
        return listed;
    }

    private static void compare(
            SoftAssertions soft,
            Script.Step step,
            Set<Difference> named,
            Set<Difference> seen,
            String own,
            String other,
            Set<Difference> listed) {
        soft.assertThat(Difference.without(listed, other)).as(step.line()).isEqualTo(Difference.without(listed, own));
        for (Difference one : named) {
            Set<Difference> others = EnumSet.copyOf(listed);
            others.remove(one);
            if (!Difference.without(others, other).equals(Difference.without(others, own))) {
                seen.add(one);
            }
        }
    }

    private static String unhashed(String transcript) {
        return HASH.matcher(transcript).replaceAll("");
    }

    static Stream<Script> scriptsWithReload() {
        return Script.all().stream().filter(script -> script.context().equals(RELOADED));
    }

    /**
     * {@link Difference#RELOAD_ENDS_NO_SESSION}: there is nothing to compare after it, each of these scripts asks for
     * the session next.
     */
    @ParameterizedTest
    @MethodSource("scriptsWithReload")
    void reloadEndsSessionsOfJettyButNoneOfHoldfast(Script script) {
        for (TellingJetty jetty : List.of(plain, held, takenOver)) {
            String next = nextAfterReload(jetty.begin(script), script);

            if (jetty == plain) {
                assertThat(next).contains("session? -> none");
            } else {
                assertThat(next).containsPattern("session\\? -> <id\\d>");
            }
        }
    }

    private static String nextAfterReload(ScriptRun run, Script script) {
        boolean reloaded = false;
        for (Script.Step step : script.steps()) {
            if (!step.pause().isZero()) {
                step.await();
                continue;
            }
            String seen = run.step(step);
            if (reloaded) {
                return seen;
            }
            reloaded = step.command().equals("reload");
        }
        throw new IllegalArgumentException("Nothing is asked after a reload: " + script);
    }

    @Test
    void listOfScriptsThatDifferOnlyShrinks() {
        assertThat(NAMED).hasSizeLessThanOrEqualTo(NAMED_AT_MOST);
        assertThat(scripts().map(Script::name)).containsAll(NAMED.keySet());
    }

    @Test
    void documentationHasEachDifferenceAndScriptsNameIt() {
        String documentation = Docs.read("jetty.md");
        Map<Difference, String> named = new HashMap<>();
        NAMED.forEach((script, differences) -> differences.forEach(difference -> named.put(difference, script)));

        for (Difference difference : Difference.values()) {
            assertThat(documentation).contains("- " + difference.sentence() + "\n");
        }
        assertThat(named).containsOnlyKeys(Difference.of(Difference.Where.NAMED_SCRIPTS));
    }
}
