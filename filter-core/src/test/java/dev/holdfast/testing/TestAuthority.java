package dev.holdfast.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** An authority that signs certificates for tests: written here as DER, so that no tool and no secret in the repository is needed. */
public final class TestAuthority {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final byte[] ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

    private final String name;
    private final KeyPair keys = keyPair();
    private final byte[] certificate;
    private long serial = 1;

    public TestAuthority(String name) {
        this.name = name;
        this.certificate =
                sign(name, keys, extensions(basicConstraints(true)), Duration.ofDays(-1), Duration.ofDays(30));
    }

    /** Certificate and key of a server, as files. */
    public record Server(Path certificate, Path key) {}

    /** The authority's own certificate. */
    public X509Certificate certificate() {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
        } catch (CertificateException e) {
            throw new IllegalStateException("This Java cannot read what this class writes", e);
        }
    }

    /** Writes the authority's own certificate into a directory. */
    public Path certificate(Path directory) {
        return write(directory.resolve(name + ".pem"), pem("CERTIFICATE", certificate));
    }

    /** Signs a certificate for DNS names. */
    public Server serverNamed(Path directory, String... dnsNames) {
        return server(directory, Duration.ofDays(-1), Duration.ofDays(30), names(dnsNames));
    }

    /** Signs a certificate for 127.0.0.1. */
    public Server loopback(Path directory) {
        return loopback(directory, Duration.ofDays(-1), Duration.ofDays(30));
    }

    /** Signs a certificate for 127.0.0.1 that is valid from one distance from now to another. */
    public Server loopback(Path directory, Duration from, Duration to) {
        return server(directory, from, to, tagged(0x87, new byte[] {127, 0, 0, 1}));
    }

    private Server server(Path directory, Duration from, Duration to, byte[] subjectAltNames) {
        KeyPair own = keyPair();
        byte[] altNames = extension(oid(0x55, 0x1d, 0x11), sequence(subjectAltNames));
        byte[] signed = sign("server", own, extensions(concat(basicConstraints(false), altNames)), from, to);
        String file = name + "-server-" + serial;
        return new Server(
                write(directory.resolve(file + ".pem"), pem("CERTIFICATE", signed)),
                write(directory.resolve(file + ".key"), pem("PRIVATE KEY", encoded(own.getPrivate()))));
    }

    private byte[] sign(String subject, KeyPair own, byte[] extensions, Duration from, Duration to) {
        Instant now = Instant.now();
        byte[] toSign = sequence(
                tagged(0xa0, tagged(0x02, new byte[] {2})), // X.509 version 3
                tagged(0x02, new byte[] {(byte) serial++}),
                ECDSA_SHA256,
                distinguished(name),
                sequence(time(now.plus(from)), time(now.plus(to))),
                distinguished(subject),
                encoded(own.getPublic()),
                extensions);
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(toSign);
            return sequence(toSign, ECDSA_SHA256, tagged(0x03, concat(new byte[1], signature.sign())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java cannot sign", e);
        }
    }

    private static byte[] extensions(byte[] all) {
        return tagged(0xa3, sequence(all));
    }

    private static byte[] basicConstraints(boolean authority) {
        byte[] value = authority ? sequence(tagged(0x01, new byte[] {-1})) : sequence();
        return extension(oid(0x55, 0x1d, 0x13), value);
    }

    private static byte[] extension(byte[] oid, byte[] value) {
        return sequence(oid, tagged(0x04, value));
    }

    private static byte[] names(String... dnsNames) {
        return concat(Arrays.stream(dnsNames)
                .map(dns -> tagged(0x82, dns.getBytes(StandardCharsets.US_ASCII)))
                .toArray(byte[][]::new));
    }

    private static byte[] distinguished(String commonName) {
        byte[] text = tagged(0x0c, commonName.getBytes(StandardCharsets.UTF_8));
        return sequence(tagged(0x31, sequence(oid(0x55, 0x04, 0x03), text)));
    }

    private static byte[] time(Instant when) {
        return tagged(0x18, TIME.format(when).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] oid(int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return tagged(0x06, content);
    }

    private static byte[] sequence(byte[]... parts) {
        return tagged(0x30, concat(parts));
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else if (content.length < 0x100) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List.of(parts).forEach(out::writeBytes);
        return out.toByteArray();
    }

    private static byte[] encoded(Key key) {
        return key.getEncoded();
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no elliptic curves", e);
        }
    }

    private static String pem(String kind, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }
}
