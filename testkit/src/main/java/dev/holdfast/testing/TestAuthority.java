package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** An authority that signs certificates for tests, so that no secret is in the repository. */
public final class TestAuthority {
    private final String name;
    private final HeldCertificate own;
    private long serial = 1;

    public TestAuthority(String name) {
        this.name = name;
        this.own = certificate(name, Duration.ofDays(-1), Duration.ofDays(30))
                .certificateAuthority(0)
                .build();
    }

    /** Certificate and key of a server, as files. */
    public record Server(Path certificate, Path key) {}

    /** The authority's own certificate. */
    public X509Certificate certificate() {
        return own.certificate();
    }

    /** Writes the authority's own certificate into a directory. */
    public Path certificate(Path directory) {
        return write(directory.resolve(name + ".pem"), own.certificatePem());
    }

    /** Signs a certificate for DNS names. */
    public Server serverNamed(Path directory, String... dnsNames) {
        return server(directory, Duration.ofDays(-1), Duration.ofDays(30), dnsNames);
    }

    /** Signs a certificate for 127.0.0.1. */
    public Server loopback(Path directory) {
        return loopback(directory, Duration.ofDays(-1), Duration.ofDays(30));
    }

    /** Signs a certificate for 127.0.0.1 that is valid from one distance from now to another. */
    public Server loopback(Path directory, Duration from, Duration to) {
        return server(directory, from, to, "127.0.0.1");
    }

    /** A server's TLS with a certificate for 127.0.0.1, and a client's that trusts it: both of this authority. */
    public SSLContext loopbackTls() {
        HeldCertificate signed = certificate("server", Duration.ofDays(-1), Duration.ofDays(30))
                .signedBy(own)
                .addSubjectAlternativeName("127.0.0.1")
                .build();
        return new HandshakeCertificates.Builder()
                .heldCertificate(signed, own.certificate())
                .addTrustedCertificate(own.certificate())
                .build()
                .sslContext();
    }

    private Server server(Path directory, Duration from, Duration to, String... alternativeNames) {
        String file = name + "-server-" + serial;
        HeldCertificate.Builder description = certificate("server", from, to).signedBy(own);
        List.of(alternativeNames).forEach(description::addSubjectAlternativeName);
        HeldCertificate signed = description.build();
        return new Server(
                write(directory.resolve(file + ".pem"), signed.certificatePem()),
                write(directory.resolve(file + ".key"), signed.privateKeyPkcs8Pem()));
    }

    private HeldCertificate.Builder certificate(String commonName, Duration from, Duration to) {
        long now = System.currentTimeMillis();
        return new HeldCertificate.Builder()
                .commonName(commonName)
                .serialNumber(serial++)
                .validityInterval(now + from.toMillis(), now + to.toMillis());
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }
}
