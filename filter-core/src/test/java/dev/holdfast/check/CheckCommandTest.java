package dev.holdfast.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckCommandTest {
    @Test
    void helpIsTheUsageAndGood() {
        Outcome outcome = Outcome.of("check", "--help");

        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).first().asString().endsWith(" check [-h] [--insecure] ADDRESS");
        assertThat(outcome.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"shop.example.com/cart", "ftp://shop.example.com/", "http:///cart", "http://a b/", "http://"})
    void whatIsNoAddressIsSaid(String address) {
        Outcome outcome = Outcome.of("check", address);

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err())
                .first()
                .isEqualTo(address + " is no address that can be checked: it begins with http:// or https://, and"
                        + " has a host and no user.");
    }

    @Test
    void passwordOfAnAddressIsNotShown() {
        Outcome outcome = Outcome.of("check", "http://ada:secret@shop.example.com/");

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).first().asString().startsWith("http://shop.example.com/ is no address");
        assertThat(outcome.toString()).doesNotContain("secret");
    }

    @Test
    void siteThatCannotBeReachedIsSaid() throws IOException {
        String address;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = "http://127.0.0.1:" + socket.getLocalPort() + "/";
        }

        Outcome outcome = Outcome.of("check", address);

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).containsExactly(address + ":");
        assertThat(outcome.err())
                .singleElement()
                .asString()
                .matches("Not checked: No connection came about \\(ConnectException.*\\)\\. Look at host and port, and"
                        + " whether the balancer runs\\.");
    }

    /** Its certificate is signed by nobody, and for another host. */
    private static PlayedSite siteWithTls() {
        HandshakeCertificates certificates = new HandshakeCertificates.Builder()
                .heldCertificate(new HeldCertificate.Builder()
                        .addSubjectAlternativeName("other.example")
                        .build())
                .build();
        return new PlayedSite(certificates.sslContext(), "n1", "n2");
    }

    @Test
    void certificateThatNobodyKnowsIsRefused() {
        try (PlayedSite site = siteWithTls()) {
            Outcome outcome = Outcome.of("check", site.page());

            assertThat(outcome.code()).isEqualTo(2);
            assertThat(outcome.err())
                    .singleElement()
                    .asString()
                    .startsWith("Not checked: TLS did not come about (SSLHandshakeException: ")
                    .endsWith("). A certificate that Java does not know, a self-signed one for instance, is not looked"
                            + " at with --insecure.");
        }
    }

    @Test
    void certificateIsNotLookedAtWithInsecure() {
        try (PlayedSite site = siteWithTls()) {
            Outcome outcome = Outcome.of("check", "--insecure", site.page());

            assertThat(outcome.out()).first().isEqualTo(site.page() + ", whose certificate is not looked at:");
            assertThat(outcome.findings())
                    .singleElement()
                    .asString()
                    .contains(": no Secure on https, so browsers send it over http, too.");
            assertThat(outcome.code()).isEqualTo(1);
        }
    }

    @Test
    void pageThatLeadsFromHttpsToHttpIsFound() {
        try (PlayedSite plain = new PlayedSite("n1", "n2");
                PlayedSite secure = leadingTo(plain)) {
            assertThat(Outcome.of("check", "--insecure", secure.page()).findings())
                    .containsExactly(secure.page() + " leads from https to http. The container does not believe that"
                            + " the browser speaks https (HF-302): let the balancer send X-Forwarded-Proto, and"
                            + " Tomcat's RemoteIpValve or Jetty's ForwardedRequestCustomizer read it.");
        }
    }

    private static PlayedSite leadingTo(PlayedSite plain) {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        return new PlayedSite(new HandshakeCertificates.Builder()
                .heldCertificate(certificate)
                .build()
                .sslContext()) {
            @Override
            String choose(Request request) {
                return "";
            }

            @Override
            void answer(String node, Request request) {
                request.location = plain.page();
            }
        };
    }
}
