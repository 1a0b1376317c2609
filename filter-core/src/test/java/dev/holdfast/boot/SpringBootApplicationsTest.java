package dev.holdfast.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AppPlace;
import dev.holdfast.EmbeddedApplication;
import dev.holdfast.HoldfastConfig;
import dev.holdfast.HoldfastConfigException;
import dev.holdfast.testing.LogCapture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.session.web.http.SessionRepositoryFilter;

class SpringBootApplicationsTest {
    private static GenericApplicationContext spring(Map<String, Object> settings) {
        GenericApplicationContext spring = new GenericApplicationContext();
        spring.getEnvironment().getPropertySources().addFirst(new MapPropertySource("application.yaml", settings));
        ConfigurationPropertySources.attach(spring.getEnvironment());
        return spring;
    }

    @Test
    void applicationIsKnownByNamePackagesAndSettings() {
        try (GenericApplicationContext spring =
                spring(Map.of("spring.application.name", "shop", "holdfast.node", "n1"))) {
            AutoConfigurationPackages.register(spring, "com.example.shop");
            spring.refresh();

            EmbeddedApplication application = SpringBootApplications.find(spring);

            assertThat(application).isNotNull();
            assertThat(application.name()).isEqualTo("shop");
            assertThat(application.classes().packages()).containsExactly("com.example.shop");
            HoldfastConfig config = HoldfastConfig.read(application, AppPlace.at(""));
            assertThat(config.node()).isEqualTo("n1");
            assertThat(config.app()).isEqualTo("shop");
            assertThat(config.describe()).contains("holdfast.app = shop (default: spring.application.name)");
        }
    }

    @Test
    void applicationThatHasNoNameIsNamedByItsContextPath() {
        try (GenericApplicationContext spring = spring(Map.of("spring.application.name", " "))) {
            spring.refresh();

            EmbeddedApplication application = SpringBootApplications.find(spring);

            assertThat(application).isNotNull();
            assertThat(application.classes().packages()).isEmpty();
            assertThat(HoldfastConfig.read(application, AppPlace.at("/shop")).app())
                    .isEqualTo("shop");
        }
    }

    @Test
    void whereSpringSessionKeepsTheSessionsItIsLeftToThem() {
        try (GenericApplicationContext spring = spring(Map.of());
                LogCapture log = new LogCapture("dev.holdfast.boot")) {
            spring.registerBean("springSessionRepositoryFilter", SessionRepositoryFilter.class);
            spring.refresh();

            assertThat(SpringBootApplications.find(spring)).isNull();
            assertThat(log.messages())
                    .containsExactly("HF-145: Spring Session (bean springSessionRepositoryFilter) keeps the sessions of"
                            + " this application, so Holdfast leaves them alone. For Holdfast, take Spring Session's"
                            + " dependency and @Enable...HttpSession away; for Spring Session, take Holdfast's"
                            + " dependency away or set holdfast.enabled=false.");
        }
    }

    @Test
    void springSessionOnTheClassPathAloneKeepsNoSessions() {
        try (GenericApplicationContext spring = spring(Map.of())) {
            spring.refresh();

            assertThat(SpringBootApplications.beanOf(spring, SessionRepositoryFilter.class.getName()))
                    .isNull();
            assertThat(SpringBootApplications.find(spring)).isNotNull();
        }
    }

    @Test
    void springBootFindsTheAnalyzerThatShowsRefusedSettings() {
        try (GenericApplicationContext spring = spring(Map.of("holdfast.outage", "sometimes"))) {
            spring.refresh();
            EmbeddedApplication application = SpringBootApplications.find(spring);
            assertThat(application).isNotNull();
            List<FailureAnalysis> shown = SpringFactoriesLoader.forDefaultResourceLocation()
                    .load(FailureAnalyzer.class, SpringFactoriesLoader.FailureHandler.handleMessage((text, e) -> {}))
                    .stream()
                    .filter(RefusedSettingsAnalyzer.class::isInstance)
                    .map(analyzer -> analyzer.analyze(new IllegalStateException("no web server", refusal(application))))
                    .toList();

            assertThat(shown).hasSize(1);
            assertThat(shown.get(0).getDescription())
                    .startsWith("Holdfast does not start: 1 setting is wrong:\n  holdfast.outage is \"sometimes\"")
                    .contains("application.yaml")
                    .endsWith("): must be serve or refuse.");
            assertThat(shown.get(0).getAction()).contains("docs/configuration.md", "holdfast.enabled=false");
        }
    }

    private static HoldfastConfigException refusal(EmbeddedApplication application) {
        try {
            HoldfastConfig.read(application, AppPlace.at(""));
        } catch (HoldfastConfigException e) {
            return e;
        }
        throw new AssertionError("Not refused");
    }
}
