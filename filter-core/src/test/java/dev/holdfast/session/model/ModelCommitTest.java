package dev.holdfast.session.model;

import static dev.holdfast.session.model.ModelScenario.Budget.FAILOVER;
import static dev.holdfast.session.model.ModelScenario.Budget.FLIP;
import static dev.holdfast.session.model.ModelScenario.Budget.LOST;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.StateVersion;
import dev.holdfast.session.copy.Rules;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules of commits, each taken away alone (rules 4 to 7): traces by the letters of {@link ModelRule}. */
class ModelCommitTest {
    private static ModelScenario scenario(String programs) {
        return new ModelScenario("without a rule", programs);
    }

    /** Trace A1. */
    @Test
    void theUsesOfAllOpenRequestsAreChecked() {
        Rules without = new Rules() {
            @Override
            public boolean isChecked(boolean ownRequest) {
                return ownRequest;
            }
        };

        ModelRule.assertBroken(scenario("Ux Ux Rx").with(FLIP, 2).after("""
            R1 is sent to A; R1 arrives; R1 goes on: Ux; R1 goes on: save; R2 is sent to B; R2 arrives
            R2 load executed; R1 commit executed; R1 commit answered; R2 load answered; R2 goes on: Ux
            R3 is sent to B; R3 arrives; R3 load executed; R3 load answered; R2 goes on: save
            R2 commit executed\
            """), s -> s.rules(without), "P2");
    }

    /** Trace A2. */
    @Test
    void aDropDoomsEachRequestThatSawWhatIsNotSaved() {
        Rules without = new Rules() {
            @Override
            public boolean isDoomed(boolean unsaved) {
                return false;
            }
        };

        ModelRule.assertBroken(scenario("Ux Ux Rx").with(FLIP, 1).after("""
            R1 is sent to A; R1 arrives; R1 goes on: Ux; R1 goes on: save; R2 is sent to B; R2 arrives
            R2 load executed; R2 load answered; R2 goes on: Ux; R2 goes on: save; R2 commit executed
            R1 commit executed; R3 is sent to A; R3 arrives; R1 commit answered; R3 goes on: Rx
            R3 goes on: save; R3 load executed; R3 load answered\
            """), s -> s.rules(without), "P2");
    }

    /** Trace A2, the other half. */
    @Test
    void whoReadsANeighboursUnsavedValueCommitsIt() {
        Rules without = new Rules() {
            @Override
            public boolean isCommitted(boolean read, boolean written) {
                return written;
            }
        };

        ModelRule.assertFound(scenario("Ux Rx"), s -> s.rules(without), "P2");
    }

    /** Trace A3: write skew. */
    @Test
    void whatWasReadWasUsed() {
        Rules without = new Rules() {
            @Override
            public boolean isUse(boolean read, boolean written) {
                return written;
            }
        };

        ModelRule.assertFound(scenario("RxWy RyWx").with(FLIP, 1), s -> s.rules(without), "P2");
    }

    /** Trace A4. */
    @Test
    void aRetryNeverMerges() {
        Rules without = new Rules() {
            @Override
            public boolean mayMerge(boolean repeated) {
                return true;
            }
        };

        ModelRule.assertFound(scenario("Wx Ux").with(FLIP, 1).with(LOST, 1), s -> s.rules(without), "P2");
    }

    /** Trace A6, second half: merged by version, the other history has changed nothing. */
    @Test
    void aFieldHasChangedIfItsStampHas() {
        Rules without = new Rules() {
            @Override
            public boolean isChanged(@Nullable StateVersion here, @Nullable StateVersion stored) {
                return here == null || stored == null || here.version() != stored.version();
            }
        };

        ModelRule.assertBroken(
                scenario("Ux Ux Ux").with(FLIP, 1).with(FAILOVER, 1).after("""
                    the replica stops here; R1 is sent to A; R1 arrives; R1 goes on: Ux; R1 goes on: save
                    R1 commit executed; R1 commit answered; R1 is received; R2 is sent to A; R2 arrives; R3 is sent to B
                    the replica takes over; A notices; B notices; R3 arrives; R3 load executed; R3 load answered
                    R3 goes on: Ux; R3 goes on: save; R3 commit executed; R3 commit answered; R2 goes on: Ux
                    R2 goes on: save; R2 commit executed; R2 commit answered; R2 commit executed\
                    """), s -> s.rules(without), "P2");
    }

    /** Trace A7: nothing acknowledged is wrong without it, but what the node still holds is given up. */
    @Test
    void aCopySendsAgainWhatTheStoreLost() {
        Rules without = new Rules() {
            @Override
            public boolean mayResend(StateVersion stored, Collection<StateVersion> history) {
                return false;
            }
        };
        ModelScenario recorded = scenario("Ux Ux").with(FAILOVER, 1).after("""
            the replica stops here; R1 is sent to A; R1 arrives; R1 goes on: Ux; R1 goes on: save
            R1 commit executed; R1 commit answered; R1 is received; R2 is sent to A; the replica takes over
            A notices; R2 arrives; R2 load executed; R2 load answered\
            """);

        ModelSearch.Result result = new ModelSearch(recorded.rules(without)).replayedAsFarAsPossible();
        ModelSearch.Result withRule = new ModelSearch(recorded.rules(Rules.ALL)).replayedAsFarAsPossible();

        assertThat(result.limits()).containsKey(ModelJudge.Limit.LOST_WITH_STORE);
        assertThat(withRule.limits()).isEmpty();
        assertThat(withRule.violation()).isNull();
    }
}
