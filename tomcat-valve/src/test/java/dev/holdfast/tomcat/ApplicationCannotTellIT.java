package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Docs;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.tell.Script;
import dev.holdfast.testing.tell.ScriptRun;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.session.StandardManager;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One web application on Tomcat's own manager and on Holdfast, with the same requests: answers, cookies, the listeners'
 * logs and the container's log are the same, but for the {@link Difference}s that a script names.
 *
 * <p>Each script runs three times: on Tomcat's manager; on one node of Holdfast; and on two nodes of Holdfast by turns,
 * so that each request takes the session over from the node of the last one.
 */
class ApplicationCannotTellIT {
    private static final int AT_LEAST = 150;

    private static RedisProcess redis;
    private static TellingTomcat plain;
    private static TellingTomcat held;
    private static TellingTomcat takenOver;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        plain = new TellingTomcat("plain", List.of(Map.of()), ApplicationCannotTellIT::persistent);
        held = new TellingTomcat("held", List.of(holdfast("n0", 0)), context -> {});
        takenOver = new TellingTomcat("taken over", List.of(holdfast("n1", 1), holdfast("n2", 1)), context -> {});
        assertThat(plain.context(0, "/shop").getManager()).isInstanceOf(StandardManager.class);
        assertThat(held.context(0, "/shop").getManager()).isInstanceOf(HoldfastManager.class);
        assertThat(takenOver.context(1, "/shop").getManager()).isInstanceOf(HoldfastManager.class);
    }

    /** So that sessions outlive a reload there, too. */
    private static void persistent(Context context) {
        StandardManager manager = new StandardManager();
        manager.setPathname("SESSIONS.ser");
        manager.setPersistAuthentication(true);
        context.setManager(manager);
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
        return Script.all().stream();
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void answersAndListenersAreThoseOfTomcatsOwnManager(Script script) {
        ScriptRun plainRun = plain.begin(script);
        ScriptRun heldRun = held.begin(script);
        ScriptRun takenOverRun = takenOver.begin(script);

        SoftAssertions.assertSoftly(soft -> {
            for (Script.Step step : script.steps()) {
                if (step.pause().isZero()) {
                    compare(soft, script, step, plainRun.step(step), heldRun.step(step), takenOverRun.step(step));
                } else {
                    step.await();
                }
            }
        });
    }

    private static void compare(
            SoftAssertions soft, Script script, Script.Step step, String own, String sticky, String moving) {
        Set<Difference> named = named(step);
        Set<Difference> listed = EnumSet.copyOf(named);
        listed.addAll(Difference.of(Difference.Where.EVERYWHERE));
        Set<Difference> listedMoving = EnumSet.copyOf(listed);
        listedMoving.addAll(Difference.of(Difference.Where.TAKEOVERS));
        if (script.exact()) {
            listedMoving.remove(Difference.LAST_ACCESS_AFTER_TAKEOVER);
        }
        same(soft, step, "sticky", listed, sticky, own);
        same(soft, step, "taken over", listedMoving, moving, own);
        for (Difference one : named) {
            Set<Difference> others = EnumSet.copyOf(listedMoving);
            others.remove(one);
            soft.assertThat(List.of(without(others, sticky), without(others, moving)))
                    .as("%s: %s is no difference any more", step.line(), one)
                    .anyMatch(seen -> !seen.equals(without(others, own)));
        }
    }

    private static Set<Difference> named(Script.Step step) {
        Set<Difference> named = EnumSet.noneOf(Difference.class);
        step.differences().forEach(name -> named.add(Difference.valueOf(name)));
        return named;
    }

    private static void same(
            SoftAssertions soft, Script.Step step, String run, Set<Difference> listed, String seen, String own) {
        soft.assertThat(without(listed, seen)).as("%s, %s", step.line(), run).isEqualTo(without(listed, own));
    }

    private static String without(Set<Difference> differences, String transcript) {
        String text = transcript;
        for (Difference difference : differences) {
            text = difference.without(text);
        }
        return text;
    }

    @Test
    void scriptsAskEnough() {
        long requests = Script.all().stream().mapToLong(Script::requests).sum();

        System.out.println("compared with Tomcat's own manager: " + requests + " requests in "
                + Script.all().size() + " scripts, each on one node and with a takeover before every request");
        assertThat(requests).isGreaterThanOrEqualTo(AT_LEAST);
    }

    @Test
    void documentationHasEachDifferenceAndScriptsNameIt() {
        String documentation = Docs.read("tomcat.md");
        Set<Difference> named = EnumSet.noneOf(Difference.class);
        Script.all().forEach(script -> script.steps().forEach(step -> named.addAll(named(step))));

        for (Difference difference : Difference.values()) {
            assertThat(documentation).contains("- " + difference.sentence() + "\n");
            if (difference.where() == Difference.Where.NAMED_STEPS) {
                assertThat(named).contains(difference);
            }
        }
    }
}
