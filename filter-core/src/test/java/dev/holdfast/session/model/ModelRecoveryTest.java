package dev.holdfast.session.model;

import static dev.holdfast.session.model.ModelScenario.Budget.ASK;
import static dev.holdfast.session.model.ModelScenario.Budget.CUT;
import static dev.holdfast.session.model.ModelScenario.Budget.FLIP;
import static dev.holdfast.session.model.ModelScenario.Budget.KILL;
import static dev.holdfast.session.model.ModelScenario.Budget.LATE;
import static dev.holdfast.session.model.ModelScenario.Budget.LOSE;
import static dev.holdfast.session.model.ModelScenario.Budget.LOST;
import static dev.holdfast.session.model.ModelScenario.Budget.TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.session.StateVersion;
import dev.holdfast.session.copy.Rules;
import dev.holdfast.session.model.ModelScenario.Budget;
import dev.holdfast.session.testing.StoreRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A store that loses all its data while requests run on two nodes, which settle it: with all rules of rule 7, and each
 * taken away alone.
 */
class ModelRecoveryTest {
    private static final int SMALL = 1_000;

    private static final int WALKS = Integer.getInteger("model.walks", Boolean.getBoolean("model.whole") ? 2_000 : 50);
    private static final long SEED = Long.getLong("model.seed", 1);

    private static ModelScenario scenario(String programs) {
        return new ModelScenario("data lost", programs).with(LOSE, 1).serving();
    }

    /** With the most states that a whole search sees: the first five end before. */
    static Stream<Arguments> searched() {
        return Stream.of(
                arguments(scenario("Ux Rx"), 500_000),
                arguments(scenario("Ux Rx").with(FLIP, 1), 500_000),
                arguments(scenario("Ux Ux").with(FLIP, 1), 500_000),
                arguments(scenario("Is Rx").with(FLIP, 1), 500_000),
                arguments(scenario("Is Ux").with(FLIP, 1), 500_000),
                arguments(scenario("Id Rx").with(FLIP, 1), 500_000),
                arguments(scenario("Ux Rx").with(FLIP, 1).with(LOST, 1), 100_000),
                // The states of a node that starts anew take ten times as long.
                arguments(
                        scenario("Is Rx")
                                .with(FLIP, 1)
                                .with(KILL, 1)
                                .with(TIME, 1)
                                .step(Duration.ofSeconds(11)),
                        20_000),
                arguments(twice("Ux Rx"), 60_000),
                arguments(twice("Is Rx"), 60_000));
    }

    private static ModelScenario twice(String programs) {
        return new ModelScenario("data lost twice", programs)
                .with(LOSE, 2)
                .with(FLIP, 1)
                .serving();
    }

    @ParameterizedTest
    @MethodSource("searched")
    void noPromiseIsBroken(ModelScenario scenario, int most) {
        ModelSearch.Result result = new ModelSearch(scenario).all(Boolean.getBoolean("model.whole") ? most : SMALL);

        System.out.println(result);
        assertThat(result.violation()).as(result.toString()).isNull();
        assertThat(result.ends()).isPositive();
    }

    /** More than a search can see all of. */
    static List<ModelScenario> walked() {
        List<ModelScenario> all = new ArrayList<>();
        for (String programs : List.of("Ux Rx Ux", "Ux Is Rx", "Ux Id Rx", "Is Rx Rx")) {
            for (int losses : List.of(1, 2)) {
                for (Budget fault : List.of(FLIP, LATE, LOST, CUT, KILL)) {
                    ModelScenario scenario = new ModelScenario("data lost " + losses + "x, " + fault, programs)
                            .with(LOSE, losses)
                            .with(FLIP, 2)
                            .with(fault, fault == FLIP ? 3 : 1)
                            .serving();
                    // Who waits for a node that is gone goes on when its entry has run out.
                    all.add(fault == KILL ? scenario.with(TIME, 3).step(Duration.ofSeconds(11)) : scenario);
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("walked")
    void noOrderOfStepsBreaksAPromise(ModelScenario scenario) {
        // Who waits for a node that is gone takes many steps in place.
        int walks = scenario.budgets().containsKey(KILL) ? Math.max(20, WALKS / 10) : WALKS;
        ModelSearch.Result result = new ModelSearch(scenario).walks(walks, SEED);

        System.out.println(result);
        assertThat(result.violation()).as(result.toString()).isNull();
        assertThat(result.ends()).isPositive();
    }

    @Test
    void endsAreToldBeforeCopiesAreSent() {
        Rules without = new Rules() {
            @Override
            public boolean tellsEndsFirst() {
                return false;
            }
        };

        ModelRule.assertFound(scenario("Is Rx").with(FLIP, 1), s -> s.rules(without), "P5", """
                R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Is; R1 end executed
                R1 end answered; R1 goes on: save; R1 is received; R2 is sent to B; R2 arrives; the store loses all
                R2 load executed; R2 load answered; A settles; A ask executed; A ask answered; A join executed
                A join answered; B settles; B join executed; B join answered; B join executed; A join executed
                A join answered; A push executed; A push answered; A join executed; B join answered; B settles
                B join executed; B join answered; B join executed\
                """);
    }

    @Test
    void allNodesTellTheirEndsFirst() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean waitsForAllEnds() {
                return false;
            }
        };

        ModelRule.assertBroken(
                scenario("Is Rx").with(FLIP, 1).with(ASK, 1).after("""
                    R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Is; R1 end executed
                    R1 end answered; R1 goes on: save; R1 is received; the store loses all; A asks; A ask executed
                    A ask answered; A join executed; A join answered; A join executed; A join answered; A push executed; A push answered; A join executed\
                    """), s -> s.storeRules(without), "P5");
    }

    @Test
    void aTombstoneAlwaysWins() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean leavesDead(boolean ended) {
                return false;
            }
        };

        ModelRule.assertFound(scenario("Is Rx").with(FLIP, 1), s -> s.storeRules(without), "P5", """
                R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Is; R1 end executed
                R1 end answered; R1 goes on: save; R1 is received; R2 is sent to B; R2 arrives; the store loses all
                R2 load executed; R2 load answered; A settles; A ask executed; A ask answered; A join executed
                A join answered; B settles; B join executed; B join answered; B bury executed; B bury answered
                B join executed; A join executed; A join answered; A push executed; A push answered; A join executed
                B join answered; B settles; B join executed; B join answered; B join executed\
                """);
    }

    @Test
    void onlyOlderStatesAreReplaced() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean isOlder(StateVersion stored, StateVersion sent, Collection<StateVersion> history) {
                return true;
            }
        };

        ModelRule.assertBroken(scenario("Ux Rx").with(FLIP, 1).after("""
            R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Ux; R1 goes on: save
            R1 commit executed; R1 commit answered; R1 is received; R2 is sent to B; R2 arrives; the store loses all
            R2 load executed; R2 load answered; B settles; B ask executed; B ask answered; B join executed
            B join answered; B join executed; B join answered; A settles; A ask executed; A ask answered; A join executed
            A join answered; A join executed; A join answered; B settles; B ask executed; B ask answered; B join executed
            B join answered; B push executed; B push answered; B join executed; B join answered; A push executed
            A push answered; A join executed\
            """), s -> s.storeRules(without), "P2");
    }

    @Test
    void nobodyBuildsOnWhatWasSentBeforeAllHaveSentTheirs() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean waitsForAllCopies() {
                return false;
            }
        };

        ModelRule.assertFound(scenario("Ux Rx").with(FLIP, 1), s -> s.storeRules(without), "P8", """
                R1 is sent to A; R1 arrives; R1 goes on: Ux; R1 goes on: save; R2 is sent to B; R2 arrives
                the store loses all; R1 commit executed; R1 commit answered; A settles; A ask executed; A ask answered
                A join executed; A join answered; A join executed; B settles; B join executed; B join answered
                B join executed; R2 load executed; R2 load answered; R2 goes on: save\
                """);
    }
}
