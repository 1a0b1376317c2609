package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateAddressesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.8.9.1",
                "::1",
                "0:0:0:0:0:0:0:1",
                "[::1]",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.0.7",
                "100.64.0.1",
                "100.127.255.255",
                "fd00::1",
                "fc12:3456::1",
                "fe80::1",
                "fe80:0:0:0:0:0:0:1%1",
                "::ffff:10.0.0.1"
            })
    void ownNetworks(String address) {
        assertThat(PrivateAddresses.has(address)).isTrue();
    }

    /** Names are never asked for: that would take time, and whoever has the name server could say anything. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "203.0.113.5",
                "172.32.0.1",
                "172.15.0.1",
                "11.0.0.1",
                "100.63.255.255",
                "100.128.0.1",
                "2001:db8::1",
                "::ffff:203.0.113.5",
                "0.0.0.0",
                "localhost",
                "127.0.0.1.example.com",
                "127.0.0.1, 203.0.113.5",
                "10.0.0.256",
                "10.0.0.1.",
                ".:x",
                ":x",
                "::1/128",
                "unknown",
                "/tmp/socket"
            })
    void allElse(String address) {
        assertThat(PrivateAddresses.has(address)).isFalse();
    }
}
