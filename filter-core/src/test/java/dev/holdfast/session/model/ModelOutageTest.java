package dev.holdfast.session.model;

import static dev.holdfast.session.model.ModelScenario.Budget.CUT;
import static dev.holdfast.session.model.ModelScenario.Budget.FLIP;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.copy.Rules;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules of a node that goes on while it has lost the store, each taken away alone. */
class ModelOutageTest {
    private static ModelScenario scenario(String programs) {
        return new ModelScenario("without a rule", programs).with(CUT, 1).serving();
    }

    /** The other node's acknowledged write would be merged, and then overwritten by one that had not seen it. */
    @Test
    void whatWasUsedAtRiskStaysUsedUntilItIsSaved() {
        Rules without = new Rules() {
            @Override
            public boolean isUseOfTheAcknowledged(boolean owed) {
                return false;
            }
        };

        ModelRule.assertFound(scenario("Ux Ux").with(FLIP, 1), s -> s.rules(without), "P2", """
                R1 is sent to A; R1 arrives; R1 goes on: Ux; R1 goes on: save; R2 is sent to B; R2 arrives
                R2 load executed; R1 commit executed; R1 commit answered; R2 load answered; R2 goes on: Ux
                B loses the store; R2 goes on: save; B finds the store; B settles; B ask executed; B ask answered
                B commit executed; B commit answered; B commit executed\
                """);
    }

    /**
     * An answer that was overtaken leaves its browser with the mark of a copy that is older than what the browser was
     * told.
     */
    @Test
    void onlyAConfirmedMarkIsServedWithoutTheStore() {
        Rules without = new Rules() {
            @Override
            public boolean mayServeWithoutStore(@Nullable Epoch presented, @Nullable Epoch ofCopy, boolean confirmed) {
                return presented != null && presented.equals(ofCopy);
            }
        };

        ModelRule.assertFound(scenario("Ux Rx Rx").with(FLIP, 1), s -> s.rules(without), "P3", """
                R1 is sent to A; R1 arrives; R1 goes on: Ux; R1 goes on: save; R2 is sent to B; R2 arrives
                R2 load executed; R1 commit executed; R1 commit answered; R1 is received; R2 load answered; R2 goes on: Rx
                R2 goes on: save; R2 is received; R3 is sent to B; B loses the store; R3 arrives; R3 goes on: Rx
                R3 goes on: save\
                """);
    }

    @Test
    void onlyTheMarkOfThisCopyIsServedWithoutTheStore() {
        Rules without = new Rules() {
            @Override
            public boolean mayServeWithoutStore(@Nullable Epoch presented, @Nullable Epoch ofCopy, boolean confirmed) {
                return confirmed;
            }
        };

        ModelRule.assertFound(scenario("Ux Rx").with(FLIP, 2), s -> s.rules(without), "P3", """
                R1 is sent to B; R1 arrives; R1 load executed; R1 load answered; R1 goes on: Ux; R1 goes on: save
                R1 commit executed; R1 commit answered; R1 is received; R2 is sent to A; A loses the store
                R2 arrives; R2 goes on: Rx; A finds the store; R2 goes on: save; R2 load executed; R2 load answered\
                """);
    }
}
