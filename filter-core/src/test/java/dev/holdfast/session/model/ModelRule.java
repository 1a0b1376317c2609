package dev.holdfast.session.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.copy.Rules;
import dev.holdfast.session.testing.StoreRules;
import java.util.function.UnaryOperator;

/**
 * Takes one rule away and expects a broken promise. Where the shortest trace is within reach it is searched for, else a
 * recorded one is taken again, step by step. With the rule, the same steps are harmless, as far as they are possible.
 *
 * <p>The traces, by letters: A are lost or overwritten writes, B stale reads, D resurrections, E ends told early or
 * twice, I changes of the id.
 */
final class ModelRule {
    private static final long MOST = 2_000_000;

    private ModelRule() {}

    /** Searches for the shortest trace. */
    static void assertFound(ModelScenario scenario, UnaryOperator<ModelScenario> without, String promise) {
        ModelSearch.Result result = new ModelSearch(without.apply(scenario)).shortest(MOST);

        System.out.println(result);
        assertThat(result.violation()).as(result.toString()).startsWith(promise + ":");
        assertHarmless(scenario.after(String.join("\n", result.trace())));
    }

    /**
     * Where the shortest trace takes long to find, the whole model searches for it, and the small one takes the steps
     * that it found.
     */
    static void assertFound(
            ModelScenario scenario, UnaryOperator<ModelScenario> without, String promise, String found) {
        if (Boolean.getBoolean("model.whole")) {
            assertFound(scenario, without, promise);
        } else {
            assertBroken(scenario.after(found), without, promise);
        }
    }

    /** Takes the steps of a recorded trace. */
    static void assertBroken(ModelScenario recorded, UnaryOperator<ModelScenario> without, String promise) {
        ModelSearch.Result result = new ModelSearch(without.apply(recorded)).replayed();

        assertThat(result.violation()).as(result.toString()).startsWith(promise + ":");
        assertHarmless(recorded);
    }

    private static void assertHarmless(ModelScenario recorded) {
        ModelSearch.Result result =
                new ModelSearch(recorded.rules(Rules.ALL).storeRules(StoreRules.ALL)).replayedAsFarAsPossible();

        assertThat(result.violation()).as(result.toString()).isNull();
    }
}
