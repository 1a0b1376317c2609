package dev.holdfast.session.model;

import static dev.holdfast.session.model.ModelScenario.Budget.ASK;
import static dev.holdfast.session.model.ModelScenario.Budget.CUT;
import static dev.holdfast.session.model.ModelScenario.Budget.FAILOVER;
import static dev.holdfast.session.model.ModelScenario.Budget.FLIP;
import static dev.holdfast.session.model.ModelScenario.Budget.GIVE_UP;
import static dev.holdfast.session.model.ModelScenario.Budget.KILL;
import static dev.holdfast.session.model.ModelScenario.Budget.LATE;
import static dev.holdfast.session.model.ModelScenario.Budget.LOST;
import static dev.holdfast.session.model.ModelScenario.Budget.REFUSE;
import static dev.holdfast.session.model.ModelScenario.Budget.SWEEP;
import static dev.holdfast.session.model.ModelScenario.Budget.TIME;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * With all rules of the protocol, no order of steps breaks a promise. Whole searches with {@code -Dmodel.whole=true}.
 */
class ModelTest {
    private static final long MOST = 400_000;

    private static final int WALKS = Integer.getInteger("model.walks", 50);
    private static final long SEED = Long.getLong("model.seed", 1);

    private static ModelScenario scenario(String name, String programs) {
        return new ModelScenario(name, programs);
    }

    static Stream<ModelScenario> searched() {
        return Boolean.getBoolean("model.whole") ? Stream.concat(small(), whole()) : small();
    }

    private static Stream<ModelScenario> small() {
        return Stream.of(
                scenario("no fault", "Ux Rx Rx"),
                scenario("no fault", "RxWy RyWx"),
                scenario("no fault", "UxUy RxRy"),
                scenario("flip", "Ux Ux").with(FLIP, 1),
                scenario("flips", "Ux Rx").with(FLIP, 2),
                scenario("flip", "RxWy RyWx").with(FLIP, 1),
                scenario("flip and kill", "Ux Rx").with(FLIP, 1).with(KILL, 1),
                scenario("flip and lost replies", "Ux Ux").with(FLIP, 1).with(LOST, 2),
                scenario("flip and late commands", "Ux Wx").with(FLIP, 1).with(LATE, 2),
                scenario("flip and a wait given up", "Ux Rx").with(FLIP, 1).with(GIVE_UP, 1),
                scenario("failover", "Ux Rx").with(FLIP, 1).with(FAILOVER, 1),
                scenario("logout", "Is Rx").with(FLIP, 1).with(TIME, 1).step(Duration.ofMillis(2200)),
                scenario("headers first", "!Ux Rx").with(FLIP, 1).with(TIME, 1).step(Duration.ofMillis(2200)),
                scenario("store away", "Ux Rx").with(FLIP, 1).with(CUT, 1).serving(),
                scenario("store away", "Ux Ux").with(FLIP, 1).with(CUT, 1).serving(),
                scenario("store silent", "Ux Wx").with(FLIP, 1).with(LOST, 2).serving(),
                scenario("store silent", "Ux Ux")
                        .with(FLIP, 1)
                        .with(LOST, 1)
                        .with(LATE, 1)
                        .serving(),
                scenario("store refuses", "Ux Ux").with(FLIP, 1).with(REFUSE, 2).serving(),
                scenario("store refuses", "RxWy RyWx").with(REFUSE, 2).serving(),
                scenario("store refuses and is silent", "Ux Ux")
                        .with(REFUSE, 1)
                        .with(LOST, 1)
                        .serving(),
                scenario("store away, refused", "Ux Ux").with(FLIP, 1).with(CUT, 1),
                scenario("one roams", "Ux Rx Rx").with(FLIP, 2).roaming("B"),
                scenario("paused node whose name was taken", "Ux Rx")
                        .with(FLIP, 2)
                        .oneName(),
                scenario("all roam", "Ux Rx").anyNode().roaming("AB"),
                scenario("both merge", "Ux Uy").with(FLIP, 1),
                scenario("id changes", "Id Ux").with(FLIP, 1),
                scenario("one at a time", "UxUy RxRy").with(FLIP, 1).oneAtATime(),
                scenario("expiry", "Rx")
                        .with(TIME, 4)
                        .with(SWEEP, 1)
                        .maxInactive(4)
                        .step(Duration.ofMillis(1500)));
    }

    /** Some seconds to minutes each. */
    static Stream<ModelScenario> whole() {
        return Stream.of(
                scenario("no fault", "Ux Ux Rx"),
                scenario("flip", "Ux Ux Rx").with(FLIP, 1),
                scenario("flips", "Ux Rx Rx").with(FLIP, 2),
                scenario("logout", "Is Rx").with(FLIP, 1).with(TIME, 2),
                scenario("headers first", "!Ux Rx").with(FLIP, 1).with(TIME, 2),
                scenario("store away", "RxWy RyWx").with(FLIP, 1).with(CUT, 1).serving(),
                scenario("store refuses and goes away", "Ux Ux")
                        .with(FLIP, 1)
                        .with(REFUSE, 1)
                        .with(CUT, 1)
                        .serving(),
                scenario("store away and failover, refused", "Ux Ux")
                        .with(CUT, 1)
                        .with(FAILOVER, 1),
                scenario("expiry", "Rx")
                        .with(TIME, 5)
                        .with(SWEEP, 1)
                        .maxInactive(6)
                        .step(Duration.ofMillis(1500)),
                scenario("no fault", "RxWy RyWx Ux"),
                scenario("no fault", "UxUy RxRy Ux"),
                scenario("no fault", "Ux Wx RxWy"),
                scenario("flips", "Ux Rx Rx Rx").with(FLIP, 2),
                scenario("flips", "Ux Ux Rx").with(FLIP, 3),
                scenario("flips", "Ux Wx RxWy").with(FLIP, 2),
                scenario("flips", "UxUy RxRy Ux").with(FLIP, 2),
                scenario("flips", "RxWy RyWx Ux").with(FLIP, 2),
                scenario("flips and a question", "Ux Ux Rx").with(FLIP, 2).with(ASK, 1),
                scenario("flip and kill", "Ux Ux Rx").with(FLIP, 1).with(KILL, 1),
                scenario("flip and kill", "RxWy RyWx").with(FLIP, 1).with(KILL, 1),
                scenario("kill, three nodes", "Ux Rx Uy").nodes(3).with(FLIP, 1).with(KILL, 1),
                scenario("flip and lost reply", "Ux Ux Rx").with(FLIP, 1).with(LOST, 1),
                scenario("flip and lost replies", "Wx Ux").with(FLIP, 1).with(LOST, 2),
                scenario("flip and late command", "Ux Ux Rx").with(FLIP, 1).with(LATE, 1),
                scenario("flip and late commands", "Wx Ux").with(FLIP, 1).with(LATE, 2),
                scenario("failover, sticky", "Ux Ux Rx").with(FAILOVER, 1),
                scenario("failover", "Ux Uy Rx").with(FLIP, 1).with(FAILOVER, 1),
                scenario("hidden failover, logout", "Rx Is Rx")
                        .with(FLIP, 1)
                        .with(FAILOVER, 1)
                        .with(TIME, 2)
                        .with(ASK, 1)
                        .hidden(),
                scenario("logout", "Is Rx").with(FLIP, 1).with(TIME, 2).with(ASK, 1),
                scenario("logout", "Is Ux Rx").with(FLIP, 1),
                scenario("id changes", "Id Ux Rx").with(FLIP, 1),
                scenario("id changes", "Id Ux").with(FLIP, 1).with(LOST, 1).with(LATE, 1),
                scenario("headers first", "!Ux Rx").with(FLIP, 1).with(TIME, 2).with(ASK, 1),
                scenario("headers first", "!Ux Rx Rx").with(FLIP, 1).with(TIME, 2),
                scenario("store away", "Ux Ux Rx").with(FLIP, 1).with(CUT, 1).serving(),
                scenario("store away", "Ux Wx RxWy").with(FLIP, 1).with(CUT, 1).serving(),
                scenario("store away twice", "Ux Ux").with(FLIP, 1).with(CUT, 2).serving(),
                scenario("store away, logout", "Is Ux")
                        .with(FLIP, 1)
                        .with(CUT, 1)
                        .serving(),
                scenario("store away, late commands", "Ux Wx")
                        .with(FLIP, 1)
                        .with(CUT, 1)
                        .with(LATE, 1)
                        .serving(),
                scenario("store refuses", "Ux Ux Rx")
                        .with(FLIP, 1)
                        .with(REFUSE, 2)
                        .serving(),
                scenario("store refuses and goes away", "Ux Uy Rx")
                        .with(REFUSE, 1)
                        .with(CUT, 1)
                        .serving(),
                scenario("store away and kill", "Ux Rx")
                        .with(FLIP, 1)
                        .with(CUT, 1)
                        .with(KILL, 1)
                        .serving(),
                scenario("one roams", "Ux Ux Rx").with(FLIP, 3).roaming("B"),
                scenario("all roam", "Ux Uy Rx").anyNode().roaming("AB"),
                scenario("paused node whose name was taken", "Ux Rx")
                        .with(FLIP, 2)
                        .with(ASK, 1)
                        .with(TIME, 1)
                        .oneName(),
                scenario("paused node whose name was taken", "Ux Ux Rx")
                        .with(FLIP, 2)
                        .with(ASK, 1)
                        .oneName(),
                scenario("paused node whose name was taken, kill", "Ux Rx")
                        .with(FLIP, 2)
                        .with(ASK, 1)
                        .with(KILL, 1)
                        .oneName(),
                scenario("paused node whose name was taken, late command", "Ux Rx")
                        .with(FLIP, 2)
                        .with(ASK, 1)
                        .with(LATE, 1)
                        .oneName(),
                scenario("one at a time", "UxUy RxRy Ux").with(FLIP, 2).oneAtATime(),
                scenario("expiry", "Rx")
                        .with(FLIP, 1)
                        .with(TIME, 7)
                        .with(ASK, 1)
                        .with(SWEEP, 2)
                        .maxInactive(6)
                        .step(Duration.ofMillis(1500)));
    }

    @ParameterizedTest
    @MethodSource("searched")
    void noPromiseIsBroken(ModelScenario scenario) {
        ModelSearch.Result result = new ModelSearch(scenario).all(MOST);

        System.out.println(result);
        assertThat(result.violation()).as(result.toString()).isNull();
        assertThat(result.ends()).isPositive();
        assertThat(scenario.mayRefuse() || result.refusing() == 0).isTrue();
    }

    /** What is searched with {@code -Dmodel.whole=true} only: some of its orders, as they come. */
    @ParameterizedTest
    @MethodSource("whole")
    void noOrderOfStepsBreaksAPromise(ModelScenario scenario) {
        ModelSearch.Result result = new ModelSearch(scenario).walks(WALKS, SEED);

        System.out.println(result);
        assertThat(result.violation()).as(result.toString()).isNull();
        assertThat(result.ends()).isPositive();
    }

    /** Or something has a say that the model is no master of: a clock, a hash of an identity, a thread. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void walksOfOneSeedGoTheSameWay(boolean serving) {
        ModelScenario faults = scenario("all faults", "UxUy RxRy Is")
                .with(FLIP, 2)
                .with(ASK, 2)
                .with(CUT, 1)
                .with(KILL, 1)
                .with(LOST, 1)
                .with(LATE, 1)
                .with(TIME, 2);
        ModelScenario scenario = serving ? faults.serving() : faults;

        List<Long> first = new ModelSearch(scenario).courseOf(100, 7);
        List<Long> second = new ModelSearch(scenario).courseOf(100, 7);

        assertThat(first).hasSizeGreaterThan(2_000);
        assertThat(second).isEqualTo(first);
    }

    /**
     * Two states that the search takes for one must go on alike, or it would leave out what only one of them can do.
     */
    @Test
    void statesOfOneFingerprintHaveOneFuture() {
        ModelScenario scenario = scenario("futures", "Ux Rx").with(FLIP, 1).with(LOST, 1);

        ModelSearch.Futures futures = new ModelSearch(scenario).futures(1);

        assertThat(futures.different()).isEmpty();
        assertThat(futures.compared()).isGreaterThan(100);
    }

    @Test
    void statesOfOneFingerprintHaveOneFutureWhereTimePasses() {
        ModelScenario scenario =
                scenario("futures", "Is Rx").with(FLIP, 1).with(TIME, 2).with(ASK, 1);

        ModelSearch.Futures futures = new ModelSearch(scenario).futures(50);

        assertThat(futures.different()).isEmpty();
        assertThat(futures.compared()).isGreaterThan(100);
    }
}
