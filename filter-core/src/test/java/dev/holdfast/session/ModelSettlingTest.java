package dev.holdfast.session;

import static dev.holdfast.session.ModelScenario.Budget.ASK;
import static dev.holdfast.session.ModelScenario.Budget.FLIP;
import static dev.holdfast.session.ModelScenario.Budget.KILL;
import static dev.holdfast.session.ModelScenario.Budget.LOSE;
import static dev.holdfast.session.ModelScenario.Budget.LOST;
import static dev.holdfast.session.ModelScenario.Budget.TIME;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collection;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A store that loses all its data while requests run on two nodes, which settle it: with all rules of rule 7, and each taken away alone. */
class ModelSettlingTest {
    private static final long MOST = Boolean.getBoolean("model.whole") ? 60_000 : 8_000;

    private static ModelScenario scenario(String programs) {
        return new ModelScenario("data lost", programs).with(LOSE, 1).serving();
    }

    static Stream<ModelScenario> searched() {
        return Stream.of(
                scenario("Ux Rx"),
                scenario("Ux Rx").with(FLIP, 1),
                scenario("Ux Ux").with(FLIP, 1),
                scenario("Is Rx").with(FLIP, 1),
                scenario("Is Ux").with(FLIP, 1),
                scenario("Id Rx").with(FLIP, 1),
                scenario("Ux Rx").with(FLIP, 1).with(LOST, 1),
                scenario("Is Rx").with(FLIP, 1).with(KILL, 1).with(TIME, 1).step(Duration.ofSeconds(11)),
                new ModelScenario("data lost twice", "Ux Rx")
                        .with(LOSE, 2)
                        .with(FLIP, 1)
                        .serving());
    }

    @ParameterizedTest
    @MethodSource("searched")
    void noPromiseIsBroken(ModelScenario scenario) {
        ModelSearch.Result result = new ModelSearch(scenario).all(MOST);

        System.out.println(result);
        assertThat(result.violation()).as(result.toString()).isNull();
        assertThat(result.ends()).isPositive();
    }

    @Test
    void endsAreToldBeforeCopiesAreSent() {
        Rules without = new Rules() {
            @Override
            boolean tellsEndsFirst() {
                return false;
            }
        };

        ModelRule.assertFound(scenario("Is Rx").with(FLIP, 1), s -> s.rules(without), "P5");
    }

    @Test
    void allNodesTellTheirEndsFirst() {
        StoreRules without = new StoreRules() {
            @Override
            boolean waitsForAllEnds() {
                return false;
            }
        };

        ModelRule.assertBroken(
                scenario("Is Rx").with(FLIP, 1).with(ASK, 1).after("""
                R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Is; R1 end executed
                R1 end answered; R1 goes on: save; R1 is received; the store loses all; A asks; A ask executed
                A ask answered; A join executed; A join answered; A join executed; A join answered; A push executed; A push answered; A join executed"""), s -> s.storeRules(without), "P5");
    }

    @Test
    void aTombstoneAlwaysWins() {
        StoreRules without = new StoreRules() {
            @Override
            boolean leavesDead(boolean ended) {
                return false;
            }
        };

        ModelRule.assertFound(scenario("Is Rx").with(FLIP, 1), s -> s.storeRules(without), "P5");
    }

    @Test
    void onlyOlderStatesAreReplaced() {
        StoreRules without = new StoreRules() {
            @Override
            boolean isOlder(Base stored, Base sent, Collection<Base> history) {
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
                A push answered; A join executed"""), s -> s.storeRules(without), "P2");
    }

    @Test
    void nobodyBuildsOnWhatWasSentBeforeAllHaveSentTheirs() {
        StoreRules without = new StoreRules() {
            @Override
            boolean waitsForAllCopies() {
                return false;
            }
        };

        ModelRule.assertFound(scenario("Ux Rx").with(FLIP, 1), s -> s.storeRules(without), "P8");
    }
}
