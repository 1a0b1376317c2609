package dev.holdfast.boot;

import dev.holdfast.HoldfastConfigException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows refused settings as Spring Boot shows a failed start: what is wrong, where it stands, and what to do. */
final class RefusedSettingsAnalyzer extends AbstractFailureAnalyzer<HoldfastConfigException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, HoldfastConfigException cause) {
        return new FailureAnalysis(
                "Holdfast does not start: " + cause.getMessage(),
                "Change what is named above, in the place that stands beside it. Each setting and its values are in"
                        + " docs/configuration.md of Holdfast; holdfast.enabled=false starts the application without"
                        + " it.",
                cause);
    }
}
