package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeNameTest {
    private static HoldfastConfig config(Map<String, String> params) {
        return HoldfastConfig.read(new SettingsSource("web.xml of /shop", params), AppPlace.at("/shop"));
    }

    @Test
    void settingCountsBeforeTheContainersName() {
        assertThat(NodeName.of(config(Map.of("holdfast.node", "n1")), "worker", 8080))
                .isEqualTo(new NodeName("n1", false));
        assertThat(NodeName.of(config(Map.of()), "worker", 8080)).isEqualTo(new NodeName("worker", false));
    }

    @Test
    void nodeThatNobodyHasNamedKeepsItsNameOverARestart() {
        NodeName derived = NodeName.of(config(Map.of()), null, 8080);

        assertThat(derived.route()).matches("n-[0-9a-f]{8}");
        assertThat(derived.isDerived()).isTrue();
        assertThat(NodeName.of(config(Map.of()), "", 8080)).isEqualTo(derived);
        assertThat(NodeName.of(config(Map.of()), null, 8081)).isNotEqualTo(derived);
    }
}
