package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeNameTest {
    private static final Object SERVER = new Object();

    private static HoldfastConfig config(Map<String, String> params) {
        return HoldfastConfig.read(new SettingsSource("web.xml of /shop", params), AppPlace.at("/shop"));
    }

    @Test
    void settingCountsBeforeTheContainersName() {
        assertThat(NodeName.of(SERVER, config(Map.of("holdfast.node", "n1")), "worker", "worker name", 8080))
                .isEqualTo(new NodeName("n1", false));
        assertThat(NodeName.of(SERVER, config(Map.of()), "worker", "worker name", 8080))
                .isEqualTo(new NodeName("worker", false));
    }

    /** Kubernetes names a pod after its Deployment, with two more parts. */
    @Test
    void podsNameIsANodesName() {
        String pod = "webshop-frontend-of-the-northern-region-7c9d8f6b5d-x2k9q";

        assertThat(NodeName.of(SERVER, config(Map.of("holdfast.node", pod)), null, "worker name", 8080))
                .isEqualTo(new NodeName(pod, false));
    }

    @Test
    void containersNameThatIsNoNodesNameIsRefusedWithTheSettingThatHelps() {
        assertThatThrownBy(() ->
                        NodeName.of(SERVER, config(Map.of()), "tomcat1.example.com", "jvmRoute of the Engine", 8080))
                .isInstanceOf(HoldfastConfigException.class)
                .hasMessageContaining(
                        "The jvmRoute of the Engine is \"tomcat1.example.com\", but the name of a node must be 1 to 63 of"
                                + " the characters A-Z a-z 0-9 _ -. Change it, or set holdfast.node.");
    }

    @Test
    void nodeThatNobodyHasNamedKeepsItsNameOverARestart() {
        NodeName derived = NodeName.of(SERVER, config(Map.of()), null, "worker name", 8080);

        assertThat(derived.route()).matches("n-[0-9a-f]{8}");
        assertThat(derived.isDerived()).isTrue();
        assertThat(NodeName.of(SERVER, config(Map.of()), "", "worker name", 8080))
                .isEqualTo(derived);
        assertThat(NodeName.of(SERVER, config(Map.of()), null, "worker name", 8081))
                .isNotEqualTo(derived);
    }

    /** Else the second test of an application on a port of the system's choice would not start. */
    @Test
    void nodesWhosePortIsNotKnownHaveNamesOfTheirOwn() {
        NodeName one = NodeName.of(SERVER, config(Map.of()), null, "worker name", 0);

        assertThat(one.route()).matches("n-[0-9a-f]{8}");
        assertThat(NodeName.of(new Object(), config(Map.of()), null, "worker name", 0))
                .isNotEqualTo(one);
        assertThat(NodeName.of(SERVER, config(Map.of()), null, "worker name", 0))
                .as("of another application of the server")
                .isEqualTo(one);
    }
}
