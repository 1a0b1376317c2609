package dev.holdfast.session.model;

import static dev.holdfast.session.model.ModelScenario.Budget.ASK;
import static dev.holdfast.session.model.ModelScenario.Budget.FAILOVER;
import static dev.holdfast.session.model.ModelScenario.Budget.FLIP;
import static dev.holdfast.session.model.ModelScenario.Budget.LATE;
import static dev.holdfast.session.model.ModelScenario.Budget.SWEEP;
import static dev.holdfast.session.model.ModelScenario.Budget.TIME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.copy.Rules;
import dev.holdfast.session.testing.StoreRules;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The rules of the store and of expiry, each taken away alone (rules 4, 7, 8, 9 and 11): traces by the letters of
 * {@link ModelRule}.
 */
class ModelStoreTest {
    private static ModelScenario scenario(String programs) {
        return new ModelScenario("without a rule", programs);
    }

    /** Trace A5: the epoch in place of the version. */
    @Test
    void aCommitIsWrittenOnTheVeryStateItIsBasedOn() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean isBase(StateVersion stored, StateVersion sent, Epoch storedEpoch, @Nullable Epoch admitted) {
                return storedEpoch.equals(admitted);
            }
        };

        ModelRule.assertFound(scenario("Ux Ux").with(LATE, 1), s -> s.storeRules(without), "P2");
    }

    /** Trace A6. */
    @Test
    void theStampStandsBesideTheVersion() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean isBase(StateVersion stored, StateVersion sent, Epoch storedEpoch, @Nullable Epoch admitted) {
                return stored.version() == sent.version();
            }
        };

        ModelRule.assertBroken(
                scenario("Ux Ux Ux").with(FLIP, 1).with(FAILOVER, 1).after("""
                    the replica stops here; R1 is sent to A; R1 arrives; R1 goes on: Ux; R1 goes on: save
                    R1 commit executed; R1 commit answered; R1 is received; R2 is sent to A; R2 arrives; R3 is sent to B
                    the replica takes over; A notices; B notices; R3 arrives; R3 load executed; R3 load answered
                    R3 goes on: Ux; R3 goes on: save; R3 commit executed; R3 commit answered; R2 goes on: Ux
                    R2 goes on: save; R2 commit executed\
                    """), s -> s.storeRules(without), "P2");
    }

    /** Trace I1. */
    @Test
    void aChangeOfTheIdIsBasedOnTheStoredState() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean isBaseOfChangedId(StateVersion stored, StateVersion sent) {
                return true;
            }
        };

        ModelRule.assertFound(scenario("Id Ux").with(FLIP, 1), s -> s.storeRules(without), "P2");
    }

    /** The wait of an answer that had begun counts on it. */
    @Test
    void aMoveOfTheEpochIsTold() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean logsMoves() {
                return false;
            }
        };

        ModelRule.assertBroken(
                scenario("!Ux Rx").with(FLIP, 1).with(TIME, 2).with(ASK, 1).after("""
                    R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Ux; R1 commit executed
                    R1 commit answered; time passes; A asks; A ask executed; A ask answered; time passes; R1 waited
                    R1 is received; R2 is sent to A; R2 arrives; R2 goes on: Rx; R2 goes on: save\
                    """),
                s -> s.storeRules(without),
                "P3");
    }

    /** Trace D1. */
    @Test
    void whatIsGoneIsGoneForEver() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean isGoneForEver() {
                return false;
            }
        };

        ModelRule.assertFound(scenario("Is Ux").with(FLIP, 1), s -> s.storeRules(without), "P5");
    }

    /** Else the twin of its creation, executed late, brings the session back. */
    @Test
    void anEndLeavesATombstone() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean leavesTombstone() {
                return false;
            }
        };

        ModelRule.assertFound(scenario("Nx Is").with(LATE, 1).withoutSession(), s -> s.storeRules(without), "P5");
    }

    /** Trace E1. */
    @Test
    void theDeadlineLeavesTimeForUsesThatAreToldLate() {
        StoreRules without = new StoreRules() {
            @Override
            public long deadlineMillis(int maxInactiveSeconds) {
                return maxInactiveSeconds * 1000L;
            }
        };

        ModelRule.assertBroken(
                scenario("Rx")
                        .with(TIME, 7)
                        .with(ASK, 1)
                        .with(SWEEP, 1)
                        .maxInactive(6)
                        .step(Duration.ofMillis(1500))
                        .after("""
                            time passes; A asks; A ask executed; A ask answered; time passes; R1 is sent to A; R1 arrives
                            R1 goes on: Rx; R1 goes on: save; time passes; time passes; time passes; B looks for idle sessions
                            B due executed; B due answered; B claim executed; B claim answered; B goes on: listener\
                            """),
                s -> s.storeRules(without),
                "P7");
    }

    /** Trace E1, the other half. */
    @Test
    void trustEndsWhenTheStoreKnowsOfNoRecentUse() {
        Rules without = new Rules() {
            @Override
            public boolean isUseRecent(long ageNanos, int maxInactiveSeconds) {
                return true;
            }
        };

        ModelRule.assertBroken(
                scenario("Rx")
                        .with(TIME, 8)
                        .with(ASK, 1)
                        .with(SWEEP, 1)
                        .maxInactive(6)
                        .step(Duration.ofMillis(1500))
                        .after("""
                            time passes; time passes; time passes; time passes; A asks; A ask executed; A ask answered
                            time passes; R1 is sent to A; R1 arrives; R1 goes on: Rx; R1 goes on: save; time passes; time passes
                            B looks for idle sessions; B due executed; B due answered; B claim executed; B claim answered
                            B goes on: listener\
                            """),
                s -> s.rules(without),
                "P7");
    }

    /** Trace E2; whoever pauses for longer than its lease tells again, which is a limit. */
    @Test
    void aClaimStandsUntilItsLeaseEnds() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean isLeased(long now, long until) {
                return false;
            }
        };

        ModelRule.assertBroken(
                scenario("Rx")
                        .with(TIME, 8)
                        .with(SWEEP, 2)
                        .maxInactive(6)
                        .step(Duration.ofMillis(1500))
                        .after("""
                            time passes; time passes; time passes; time passes; time passes; A looks for idle sessions
                            A due executed; A due answered; A claim executed; A claim answered; B looks for idle sessions
                            B due executed; B due answered; B claim executed; B claim answered; B goes on: listener
                            A goes on: listener\
                            """),
                s -> s.storeRules(without),
                "P7");
    }

    /** Trace E3. */
    @Test
    void aClaimedSessionIsGoneForEveryone() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean isGoneWhileClaimed() {
                return false;
            }
        };

        ModelRule.assertBroken(
                scenario("Rx")
                        .with(TIME, 6)
                        .with(FLIP, 1)
                        .with(SWEEP, 1)
                        .maxInactive(6)
                        .step(Duration.ofMillis(1500))
                        .after("""
                            time passes; time passes; time passes; time passes; time passes; A looks for idle sessions
                            A due executed; A due answered; A claim executed; A claim answered; A goes on: listener
                            R1 is sent to B; R1 arrives; R1 load executed; R1 load answered\
                            """),
                s -> s.storeRules(without),
                "P7");
    }

    @Test
    void onlyTheHolderClaimsBeforeTheDeadline() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean isHolder(Epoch stored, String claimer) {
                return true;
            }
        };

        ModelRule.assertBroken(
                scenario("Rx Rx Rx")
                        .with(TIME, 6)
                        .with(ASK, 1)
                        .with(FLIP, 1)
                        .with(SWEEP, 1)
                        .maxInactive(6)
                        .step(Duration.ofMillis(1500))
                        .after("""
                            time passes; R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Rx
                            R1 goes on: save; R1 is received; R2 is sent to B; R2 arrives; R2 load executed; R2 load answered
                            R2 goes on: Rx; R2 goes on: save; time passes; B asks; B ask executed; B ask answered; time passes
                            R3 is sent to B; R3 arrives; R3 goes on: Rx; R3 goes on: save; time passes; time passes
                            A looks for idle sessions; A due executed; A due answered; A claim executed; A claim answered
                            A goes on: listener\
                            """),
                s -> s.storeRules(without),
                "P7");
    }

    /** Trace B6: else harmless requests are refused. */
    @Test
    void nobodyIsRefusedForNotBeingTheHolder() {
        StoreRules without = new StoreRules() {
            @Override
            public boolean mayCommit(Epoch stored, @Nullable Epoch admitted) {
                return stored.equals(admitted);
            }
        };
        ModelScenario scenario = scenario("Ux Uy").with(FLIP, 1);

        ModelSearch.Result result = new ModelSearch(scenario.storeRules(without)).all(100_000);
        ModelSearch.Result withRule = new ModelSearch(scenario.storeRules(StoreRules.ALL)).all(100_000);

        assertThat(result.refusing()).isPositive();
        assertThat(withRule.refusing()).isZero();
        assertThat(withRule.complete()).isTrue();
    }
}
