package dev.holdfast.session;

import static dev.holdfast.session.ModelScenario.Budget.ASK;
import static dev.holdfast.session.ModelScenario.Budget.FAILOVER;
import static dev.holdfast.session.ModelScenario.Budget.FLIP;
import static dev.holdfast.session.ModelScenario.Budget.TIME;
import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Each rule that the promises rest on, taken away alone: then a promise is broken, and the checker sees it. Where the shortest trace is
 * within reach it is searched for, else a recorded one is taken again, step by step. With the rule, the same steps are harmless.
 */
class ModelRulesTest {
    private static final long MOST = 2_000_000;

    private static ModelScenario scenario(String programs) {
        return new ModelScenario("without it", programs);
    }

    private static void assertFound(ModelScenario scenario, Rules without, String promise) {
        ModelSearch.Result result = new ModelSearch(scenario.rules(without)).shortest(MOST);

        System.out.println(result);
        assertThat(result.violation()).as(result.toString()).startsWith(promise + ":");
        assertHarmless(scenario.after(result.trace().toArray(String[]::new)));
    }

    private static void assertBroken(ModelScenario recorded, Rules without, String promise) {
        ModelSearch.Result result = new ModelSearch(recorded.rules(without)).replayed();

        assertThat(result.violation()).as(result.toString()).startsWith(promise + ":");
        assertHarmless(recorded);
    }

    private static void assertHarmless(ModelScenario recorded) {
        ModelSearch.Result result = new ModelSearch(recorded.rules(Rules.ALL)).replayedAsFarAsPossible();

        assertThat(result.violation()).as(result.toString()).isNull();
    }

    // ---- P3: read your writes

    @Test
    void anEpochGivesTrustOnlyWhenALoadHasConfirmedIt() {
        Rules without = new Rules() {
            @Override
            boolean mayTrust(boolean confirmed, boolean roaming) {
                return !roaming;
            }
        };

        assertFound(scenario("Ux Rx Rx").with(FLIP, 1), without, "P3");
    }

    @Test
    void noMarkStandsInTwoAnswers() {
        Rules without = new Rules() {
            @Override
            Epoch inSharedAnswer(Epoch loaded, String holder) {
                return loaded;
            }
        };

        assertBroken(
                scenario("Ux Rx Rx Rx Rx Rx")
                        .with(FLIP, 3)
                        .after(
                                "R1 is sent to A",
                                "R1 arrives",
                                "R1 goes on: Ux",
                                "R2 is sent to B",
                                "R3 is sent to B",
                                "R4 is sent to B",
                                "R2 arrives",
                                "R3 arrives",
                                "R4 arrives",
                                "R2 load executed",
                                "R2 load answered",
                                "R3 gets the slot",
                                "R3 load executed",
                                "R3 load answered",
                                "R4 gets the slot",
                                "R2 goes on: Rx",
                                "R2 goes on: save",
                                "R3 goes on: Rx",
                                "R3 goes on: save",
                                "R4 goes on: Rx",
                                "R4 goes on: save",
                                "R3 is received",
                                "R5 is sent to B",
                                "R5 arrives",
                                "R5 load executed",
                                "R5 load answered",
                                "R5 goes on: Rx",
                                "R5 goes on: save",
                                "R5 is received",
                                "R1 goes on: save",
                                "R1 commit executed",
                                "R1 commit answered",
                                "R1 is received",
                                "R4 is received",
                                "R6 is sent to B",
                                "R6 arrives",
                                "R6 goes on: Rx",
                                "R6 goes on: save"),
                without,
                "P3");
    }

    @Test
    void anAnswerWithoutCookieRenewsTheEpochThatANeighbourMoved() {
        Rules without = new Rules() {
            @Override
            boolean mustRenew(@Nullable Epoch answer, @Nullable Epoch admitted, @Nullable Epoch ofCopy) {
                return false;
            }
        };

        assertBroken(
                scenario("Ux Rx Rx Rx Rx")
                        .with(FLIP, 2)
                        .after(
                                "R1 is sent to A",
                                "R1 arrives",
                                "R1 goes on: Ux",
                                "R2 is sent to B",
                                "R2 arrives",
                                "R2 load executed",
                                "R2 load answered",
                                "R2 goes on: Rx",
                                "R2 goes on: save",
                                "R2 is received",
                                "R3 is sent to B",
                                "R3 arrives",
                                "R3 load executed",
                                "R3 load answered",
                                "R3 goes on: Rx",
                                "R3 goes on: save",
                                "R3 is received",
                                "R4 is sent to A",
                                "R4 arrives",
                                "R4 load executed",
                                "R4 load answered",
                                "R4 goes on: Rx",
                                "R4 goes on: save",
                                "R4 commit executed",
                                "R4 commit answered",
                                "R1 goes on: save",
                                "R1 is received",
                                "R5 is sent to B",
                                "R5 arrives",
                                "R5 goes on: Rx",
                                "R5 goes on: save"),
                without,
                "P3");
    }

    /** Trace B5. */
    @Test
    void anAnswerThatHadBegunWaitsUntilTheOldTrustIsOver() {
        Rules without = new Rules() {
            @Override
            long oldTrustEnds(long movedAt) {
                return movedAt;
            }
        };

        assertFound(scenario("!Ux Rx").with(FLIP, 1).with(TIME, 2), without, "P3");
    }

    @Test
    void theFirstCommitAfterTrustWasLostMovesTheEpoch() {
        Rules without = new Rules() {
            @Override
            boolean mustMove(long eraOfTrust, long eraNow) {
                return false;
            }
        };

        assertBroken(
                scenario("Ux Rx Rx Rx")
                        .with(FLIP, 1)
                        .with(FAILOVER, 1)
                        .after(
                                "the replica stops here",
                                "R1 is sent to A",
                                "R1 arrives",
                                "R2 is sent to B",
                                "R2 arrives",
                                "R2 load executed",
                                "R2 load answered",
                                "R2 goes on: Rx",
                                "R2 goes on: save",
                                "R2 is received",
                                "R3 is sent to B",
                                "R3 arrives",
                                "R3 load executed",
                                "R3 load answered",
                                "R3 goes on: Rx",
                                "R3 goes on: save",
                                "R3 is received",
                                "the replica takes over",
                                "A notices",
                                "R1 goes on: Ux",
                                "R1 goes on: save",
                                "R1 commit executed",
                                "R1 commit answered",
                                "R1 is received",
                                "R4 is sent to B",
                                "R4 arrives",
                                "R4 goes on: Rx",
                                "R4 goes on: save"),
                without,
                "P3");
    }

    @Test
    void aMarkWithoutHolderIsToldToEveryBrowserThatLacksIt() {
        Rules without = new Rules() {
            @Override
            @Nullable
            Epoch nobodysInAnswer(Epoch nobodys, @Nullable Epoch presented) {
                return null;
            }
        };

        assertFound(scenario("Ux Rx Rx").with(FLIP, 2).roaming("B"), without, "P3");
    }

    // ---- P5: dead is dead

    @Test
    void trustEndsWhenTheLogWasNotReadForTwoSeconds() {
        Rules without = new Rules() {
            @Override
            boolean isLogFresh(long ageNanos) {
                return true;
            }
        };

        assertFound(scenario("Is Rx").with(FLIP, 1).with(TIME, 2), without, "P5");
    }

    @Test
    void whatTheLogSaysEndsTrust() {
        Rules without = new Rules() {
            @Override
            boolean isNews(long entrySequence, long loadedSequence) {
                return false;
            }
        };

        assertBroken(
                scenario("Is Rx")
                        .with(FLIP, 1)
                        .with(TIME, 2)
                        .with(ASK, 1)
                        .after(
                                "R1 is sent to B",
                                "R1 arrives",
                                "R1 load executed",
                                "R1 load answered",
                                "R1 goes on: Is",
                                "R1 end executed",
                                "R1 end answered",
                                "R1 goes on: save",
                                "time passes",
                                "A asks",
                                "A ask executed",
                                "A ask answered",
                                "time passes",
                                "R2 is sent to A",
                                "R2 arrives",
                                "R2 goes on: Rx",
                                "R2 goes on: save"),
                without,
                "P5");
    }

    @Test
    void agesCountFromTheSendingOfAQuestion() {
        Rules without = new Rules() {
            @Override
            long agesFrom(long sent, long answered) {
                return answered;
            }
        };

        assertBroken(
                scenario("Is Rx")
                        .with(FLIP, 1)
                        .with(TIME, 2)
                        .with(ASK, 1)
                        .after(
                                "A asks",
                                "A ask executed",
                                "R1 is sent to B",
                                "R1 arrives",
                                "R1 load executed",
                                "R1 load answered",
                                "R1 goes on: Is",
                                "R1 end executed",
                                "R1 end answered",
                                "R1 goes on: save",
                                "time passes",
                                "A ask answered",
                                "time passes",
                                "R2 is sent to A",
                                "R2 arrives",
                                "R2 goes on: Rx",
                                "R2 goes on: save"),
                without,
                "P5");
    }
}
