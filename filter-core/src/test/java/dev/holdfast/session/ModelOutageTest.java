package dev.holdfast.session;

import static dev.holdfast.session.ModelScenario.Budget.CUT;
import static dev.holdfast.session.ModelScenario.Budget.FLIP;

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

        ModelRule.assertFound(scenario("Ux Ux").with(FLIP, 1), s -> s.rules(without), "P2");
    }

    /** An answer that was overtaken leaves its browser with the mark of a copy that is older than what the browser was told. */
    @Test
    void onlyAConfirmedMarkIsServedWithoutTheStore() {
        Rules without = new Rules() {
            @Override
            public boolean mayServeWithoutStore(@Nullable Epoch presented, @Nullable Epoch ofCopy, boolean confirmed) {
                return presented != null && presented.equals(ofCopy);
            }
        };

        ModelRule.assertFound(scenario("Ux Rx Rx").with(FLIP, 1), s -> s.rules(without), "P3");
    }

    @Test
    void onlyTheMarkOfThisCopyIsServedWithoutTheStore() {
        Rules without = new Rules() {
            @Override
            public boolean mayServeWithoutStore(@Nullable Epoch presented, @Nullable Epoch ofCopy, boolean confirmed) {
                return confirmed;
            }
        };

        ModelRule.assertFound(scenario("Ux Rx").with(FLIP, 2), s -> s.rules(without), "P3");
    }
}
