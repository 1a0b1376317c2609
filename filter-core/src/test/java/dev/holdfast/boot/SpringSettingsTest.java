package dev.holdfast.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.config.Setting;
import dev.holdfast.config.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class SpringSettingsTest {
    static List<Setting<?>> switches() {
        return Settings.ALL.stream()
                .filter(setting -> setting.range().contains("`off`"))
                .toList();
    }

    /** Only what a test puts there: the build may have settings of its own. */
    private static StandardEnvironment environment(Map<String, Object> yaml, Map<String, Object> variables) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
        environment.getPropertySources().addLast(new MapPropertySource("application.yaml", yaml));
        ConfigurationPropertySources.attach(environment);
        return environment;
    }

    private static Map<String, String> read(Map<String, Object> yaml) {
        return SpringSettings.read(environment(yaml, Map.of())).values();
    }

    @Test
    void firstSourceThatHasASettingWins() {
        SpringSettings settings = SpringSettings.read(environment(
                Map.of("holdfast.node", "yaml", "holdfast.affinity.cookie", "ROUTE"), Map.of("HOLDFAST_NODE", "env")));

        assertThat(settings.values())
                .containsOnly(Map.entry("holdfast.node", "env"), Map.entry("holdfast.affinity.cookie", "ROUTE"));
        assertThat(settings.places().get("holdfast.node")).contains("HOLDFAST_NODE");
        assertThat(settings.places().get("holdfast.affinity.cookie")).contains("application.yaml");
    }

    @Test
    void settingAndOneBelowItStandSideBySide() {
        assertThat(read(Map.of("holdfast.redis", "rediss://a:1", "holdfast.redis.ca", "/ca.pem")))
                .containsOnly(Map.entry("holdfast.redis", "rediss://a:1"), Map.entry("holdfast.redis.ca", "/ca.pem"));
    }

    @Test
    void placeholdersAreReplaced() {
        assertThat(read(Map.of("holdfast.node", "shop-${pod}", "pod", "7"))).containsEntry("holdfast.node", "shop-7");
    }

    @Test
    void listIsOneTextOfItsParts() {
        Map<String, Object> yaml = new LinkedHashMap<>();
        yaml.put("holdfast.classes.allow[0]", "com.shop.**");
        yaml.put("holdfast.classes.allow[1]", "org.joda.money.Money");

        assertThat(read(yaml)).containsOnly(Map.entry("holdfast.classes.allow", "com.shop.**; org.joda.money.Money"));
    }

    @ParameterizedTest
    @MethodSource("switches")
    void offThatYamlTakesForFalseIsOff(Setting<?> setting) {
        assertThat(read(Map.of(setting.toString(), false))).containsEntry(setting.toString(), "off");
        assertThat(read(Map.of(setting.toString(), true))).containsEntry(setting.toString(), "on");
    }

    @Test
    void nodeMayBeCalledFalse() {
        assertThat(read(Map.of("holdfast.node", "false"))).containsEntry("holdfast.node", "false");
    }

    @Test
    void namesThatAreNoSettingsAreKeptForWhoeverRefusesThem() {
        SpringSettings settings = SpringSettings.read(environment(
                Map.of("holdfast.redsi", "x", "holdfast.enabled", true, "shop.node", "n1"),
                Map.of("HOLDFAST_PORT", "tcp://1")));

        assertThat(settings.values()).containsOnlyKeys("holdfast.redsi");
        assertThat(settings.places().get("holdfast.redsi")).contains("application.yaml");
    }
}
