package dev.holdfast.session.model;

import static dev.holdfast.session.model.ModelScenario.Budget.ASK;
import static dev.holdfast.session.model.ModelScenario.Budget.FAILOVER;
import static dev.holdfast.session.model.ModelScenario.Budget.FLIP;
import static dev.holdfast.session.model.ModelScenario.Budget.TIME;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.copy.Rules;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The rules of trust, each taken away alone (rules 1, 2, 4, 8, 10 and 12): traces by the letters of {@link ModelRule}.
 */
class ModelTrustTest {
    private static ModelScenario scenario(String programs) {
        return new ModelScenario("without a rule", programs);
    }

    /** Traces B1 and B2. */
    @Test
    void anEpochGivesTrustOnlyWhenALoadHasConfirmedIt() {
        Rules without = new Rules() {
            @Override
            public boolean mayTrust(boolean confirmed, boolean roaming) {
                return !roaming;
            }
        };

        ModelRule.assertFound(scenario("Ux Rx Rx").with(FLIP, 1), s -> s.rules(without), "P3", """
                R1 is sent to A; R1 arrives; R1 goes on: Ux; R1 goes on: save; R2 is sent to B; R2 arrives
                R2 load executed; R1 commit executed; R1 commit answered; R1 is received; R2 load answered
                R2 goes on: Rx; R2 goes on: save; R2 is received; R3 is sent to B; R3 arrives; R3 goes on: Rx
                R3 goes on: save\
                """);
    }

    /** A node was paused, and another one took its name and its browsers. */
    @Test
    void anEpochNamesTheIncarnationOfItsOwner() {
        Rules without = new Rules() {
            @Override
            public String owner(String route, String incarnation, boolean roaming) {
                return route;
            }
        };

        ModelRule.assertFound(
                scenario("Ux Rx").with(FLIP, 2).with(ASK, 1).with(TIME, 1).oneName(), s -> s.rules(without), "P3", """
                R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Ux; R1 goes on: save
                R1 commit executed; R1 commit answered; R1 is received; R2 is sent to A; R2 arrives; R2 goes on: Rx
                R2 goes on: save\
                """);
    }

    /** Rule 10 for two of one name: no answer can tell the browser, so the log has to tell the other node. */
    @Test
    void anEntryOfTheLogIsANodesOwnByItsIncarnation() {
        Rules without = new Rules() {
            @Override
            public boolean isOwnEntry(String owner, String own) {
                return owner.substring(0, 1).equals(own.substring(0, 1));
            }
        };

        ModelRule.assertBroken(
                scenario("!Ux Rx")
                        .with(FLIP, 1)
                        .with(ASK, 1)
                        .with(TIME, 2)
                        .oneName()
                        .after("""
                            R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Ux; R1 commit executed
                            time passes; A asks; A ask executed; A ask answered; time passes; R1 commit answered
                            R1 is received; R2 is sent to A; R2 arrives; R2 goes on: Rx; R2 goes on: save\
                            """),
                s -> s.rules(without),
                "P3");
    }

    /** Trace B3. */
    @Test
    void noMarkStandsInTwoAnswers() {
        Rules without = new Rules() {
            @Override
            public Epoch inSharedAnswer(Epoch loaded, String owner) {
                return loaded;
            }
        };

        ModelRule.assertBroken(scenario("Ux Rx Rx Rx Rx Rx").with(FLIP, 3).after("""
            R1 is sent to A; R1 arrives; R1 goes on: Ux; R2 is sent to B; R3 is sent to B; R4 is sent to B
            R2 arrives; R3 arrives; R4 arrives; R2 load executed; R2 load answered; R3 gets the lock
            R3 load executed; R3 load answered; R4 gets the lock; R2 goes on: Rx; R2 goes on: save
            R3 goes on: Rx; R3 goes on: save; R4 goes on: Rx; R4 goes on: save; R3 is received; R5 is sent to B
            R5 arrives; R5 load executed; R5 load answered; R5 goes on: Rx; R5 goes on: save; R5 is received
            R1 goes on: save; R1 commit executed; R1 commit answered; R1 is received; R4 is received
            R6 is sent to B; R6 arrives; R6 goes on: Rx; R6 goes on: save\
            """), s -> s.rules(without), "P3");
    }

    /** Trace B4. */
    @Test
    void aCommitComparesTheEpochOfItsRequest() {
        Rules without = new Rules() {
            @Override
            @Nullable
            public Epoch committedUnder(@Nullable Epoch admitted, @Nullable Epoch ofCopy) {
                return ofCopy;
            }
        };

        ModelRule.assertBroken(scenario("Ux Rx Rx Rx Rx").with(FLIP, 2).after("""
            R1 is sent to A; R1 arrives; R1 goes on: Ux; R2 is sent to B; R2 arrives; R2 load executed
            R2 load answered; R2 goes on: Rx; R2 goes on: save; R2 is received; R3 is sent to B; R3 arrives
            R3 load executed; R3 load answered; R3 goes on: Rx; R3 goes on: save; R3 is received
            R4 is sent to A; R4 arrives; R4 load executed; R4 load answered; R1 goes on: save
            R1 commit executed; R1 commit answered; R1 is received; R5 is sent to B; R5 arrives; R5 goes on: Rx
            R5 goes on: save\
            """), s -> s.rules(without), "P3");
    }

    /** Trace B4, where a neighbour has carried the write. */
    @Test
    void anAnswerWithoutCookieRenewsTheEpochThatANeighbourMoved() {
        Rules without = new Rules() {
            @Override
            public boolean mustRenew(@Nullable Epoch answer, @Nullable Epoch admitted, @Nullable Epoch ofCopy) {
                return false;
            }
        };

        ModelRule.assertBroken(scenario("Ux Rx Rx Rx Rx").with(FLIP, 2).after("""
            R1 is sent to A; R1 arrives; R1 goes on: Ux; R2 is sent to B; R2 arrives; R2 load executed
            R2 load answered; R2 goes on: Rx; R2 goes on: save; R2 is received; R3 is sent to B; R3 arrives
            R3 load executed; R3 load answered; R3 goes on: Rx; R3 goes on: save; R3 is received
            R4 is sent to A; R4 arrives; R4 load executed; R4 load answered; R4 goes on: Rx; R4 goes on: save
            R4 commit executed; R4 commit answered; R1 goes on: save; R1 is received; R5 is sent to B
            R5 arrives; R5 goes on: Rx; R5 goes on: save\
            """), s -> s.rules(without), "P3");
    }

    /** Trace B5. */
    @Test
    void anAnswerThatHadBegunWaitsUntilTheOldTrustIsOver() {
        Rules without = new Rules() {
            @Override
            public long oldTrustEnds(long movedAt) {
                return movedAt;
            }
        };

        ModelRule.assertFound(scenario("!Ux Rx").with(FLIP, 1).with(TIME, 2), s -> s.rules(without), "P3", """
                R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Ux; R1 commit executed
                R1 commit answered; R1 is received; R2 is sent to A; R2 arrives; R2 goes on: Rx; R2 goes on: save\
                """);
    }

    @Test
    void theFirstCommitAfterTrustWasLostMovesTheEpoch() {
        Rules without = new Rules() {
            @Override
            public boolean mustMove(long eraOfTrust, long eraNow) {
                return false;
            }
        };

        ModelRule.assertBroken(
                scenario("Ux Rx Rx Rx").with(FLIP, 1).with(FAILOVER, 1).after("""
                    the replica stops here; R1 is sent to A; R1 arrives; R2 is sent to B; R2 arrives; R2 load executed
                    R2 load answered; R2 goes on: Rx; R2 goes on: save; R2 is received; R3 is sent to B; R3 arrives
                    R3 load executed; R3 load answered; R3 goes on: Rx; R3 goes on: save; R3 is received
                    the replica takes over; A notices; R1 goes on: Ux; R1 goes on: save; R1 commit executed
                    R1 commit answered; R1 is received; R4 is sent to B; R4 arrives; R4 goes on: Rx; R4 goes on: save\
                    """), s -> s.rules(without), "P3");
    }

    @Test
    void aMarkWithoutHolderIsToldToEveryBrowserThatLacksIt() {
        Rules without = new Rules() {
            @Override
            @Nullable
            public Epoch withoutHolder(Epoch unheld, @Nullable Epoch presented) {
                return null;
            }
        };

        ModelRule.assertFound(scenario("Ux Rx Rx").with(FLIP, 2).roaming("B"), s -> s.rules(without), "P3", """
                R1 is sent to B; R2 is sent to B; R2 arrives; R2 load executed; R2 load answered; R1 arrives
                R1 load executed; R1 load answered; R1 goes on: Ux; R1 goes on: save; R1 commit executed
                R1 commit answered; R1 is received; R3 is sent to A; R3 arrives; R3 goes on: Rx; R3 goes on: save\
                """);
    }

    @Test
    void trustEndsWhenTheLogWasNotReadForTwoSeconds() {
        Rules without = new Rules() {
            @Override
            public boolean isLogFresh(long ageNanos) {
                return true;
            }
        };

        ModelRule.assertFound(scenario("Is Rx").with(FLIP, 1).with(TIME, 2), s -> s.rules(without), "P5", """
                R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Is; R1 end executed
                R1 end answered; R1 goes on: save; time passes; time passes; R2 is sent to A; R2 arrives
                R2 goes on: Rx; R2 goes on: save\
                """);
    }

    @Test
    void whatTheLogSaysEndsTrust() {
        Rules without = new Rules() {
            @Override
            public boolean isNews(long entrySequence, long loadedSequence) {
                return false;
            }
        };

        ModelRule.assertBroken(
                scenario("Is Rx").with(FLIP, 1).with(TIME, 2).with(ASK, 1).after("""
                    R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Is; R1 end executed
                    R1 end answered; R1 goes on: save; time passes; A asks; A ask executed; A ask answered; time passes
                    R2 is sent to A; R2 arrives; R2 goes on: Rx; R2 goes on: save\
                    """), s -> s.rules(without), "P5");
    }

    @Test
    void agesCountFromTheSendingOfAQuestion() {
        Rules without = new Rules() {
            @Override
            public long agesFrom(long sent, long answered) {
                return answered;
            }
        };

        ModelRule.assertBroken(
                scenario("Is Rx").with(FLIP, 1).with(TIME, 2).with(ASK, 1).after("""
                    A asks; A ask executed; R1 is sent to B; R1 arrives; R1 load executed; R1 load answered
                    R1 goes on: Is; R1 end executed; R1 end answered; R1 goes on: save; time passes; A ask answered
                    time passes; R2 is sent to A; R2 arrives; R2 goes on: Rx; R2 goes on: save\
                    """), s -> s.rules(without), "P5");
    }

    @Test
    void anAnswerOfAnotherHistoryEndsTrust() {
        Rules without = new Rules() {
            @Override
            public boolean isGap(String from, String told, List<String> members) {
                return false;
            }
        };

        ModelRule.assertBroken(
                scenario("Rx Is Rx Rx")
                        .with(FLIP, 1)
                        .with(FAILOVER, 1)
                        .with(TIME, 2)
                        .with(ASK, 1)
                        .hidden()
                        .after("""
                            the replica stops here; R2 is sent to A; R1 is sent to B; R1 arrives; R1 load executed
                            R1 load answered; R1 goes on: Rx; R1 goes on: save; R1 is received; R3 is sent to B; R3 arrives
                            R3 load executed; R3 load answered; R3 goes on: Rx; R3 goes on: save; R3 is received
                            the replica takes over; R2 arrives; R2 goes on: Is; R2 end executed; R2 end answered
                            R2 goes on: save; time passes; B asks; B ask executed; B ask answered; time passes; R4 is sent to B
                            R4 arrives; R4 goes on: Rx; R4 goes on: save\
                            """),
                s -> s.rules(without),
                "P5");
    }

    /**
     * The end stands in the new history where the copy was loaded in the old one: it is not above what that copy knows.
     */
    @Test
    void anAnswerThatLacksWhatAReplyToldOfEndsTrust() {
        Rules without = new Rules() {
            @Override
            public boolean isGap(String from, String told, List<String> members) {
                return super.isGap(from, "", members);
            }
        };

        ModelRule.assertBroken(
                scenario("Rx Rx Rx Is Rx")
                        .with(FLIP, 3)
                        .with(FAILOVER, 1)
                        .with(TIME, 2)
                        .with(ASK, 1)
                        .hidden()
                        .after("""
                            the replica stops here; R4 is sent to B; R1 is sent to B; R1 arrives; R1 load executed
                            R1 load answered; R1 goes on: Rx; R1 goes on: save; R1 is received; R2 is sent to A; R2 arrives
                            R2 load executed; R2 load answered; R2 goes on: Rx; R2 goes on: save; R2 is received
                            R3 is sent to A; R3 arrives; R3 load executed; R3 load answered; R3 goes on: Rx; R3 goes on: save
                            R3 is received; the replica takes over; R4 arrives; R4 load executed; R4 load answered
                            R4 goes on: Is; R4 end executed; R4 end answered; R4 goes on: save; time passes; A asks
                            A ask executed; A ask answered; time passes; R5 is sent to A; R5 arrives; R5 goes on: Rx
                            R5 goes on: save\
                            """),
                s -> s.rules(without),
                "P5");
    }

    @Test
    void aReplyOfBeforeALossGivesNoTrust() {
        Rules without = new Rules() {
            @Override
            public boolean mayTrustAfter(boolean goodBefore, long eraSent, long eraNow) {
                return true;
            }
        };

        ModelRule.assertBroken(
                scenario("Rx Rx Rx Rx Rx Rx Is Rx")
                        .with(FLIP, 5)
                        .with(FAILOVER, 1)
                        .with(TIME, 2)
                        .with(ASK, 1)
                        .after("""
                            the replica stops here; R1 is sent to B; R1 arrives; R1 load executed; R1 load answered
                            R1 goes on: Rx; R1 goes on: save; R1 is received; R2 is sent to A; R2 arrives; R2 load executed
                            R2 load answered; R2 goes on: Rx; R2 goes on: save; R2 is received; R3 is sent to B; R3 arrives
                            R3 load executed; R3 load answered; R3 goes on: Rx; R3 goes on: save; R3 is received
                            R4 is sent to A; R4 arrives; R4 load executed; the replica takes over; A notices; B notices
                            R4 load answered; R4 goes on: Rx; R4 goes on: save; R4 is received; R5 is sent to A; R5 arrives
                            R5 load executed; R5 load answered; R5 goes on: Rx; R5 goes on: save; R5 is received
                            R6 is sent to A; R6 arrives; R6 load executed; R6 load answered; R6 goes on: Rx; R6 goes on: save
                            R6 is received; R7 is sent to B; R7 arrives; R7 load executed; R7 load answered; R7 goes on: Is
                            R7 end executed; R7 end answered; R7 goes on: save; time passes; A asks; A ask executed
                            A ask answered; time passes; R8 is sent to A; R8 arrives; R8 goes on: Rx; R8 goes on: save\
                            """),
                s -> s.rules(without),
                "P5");
    }
}
