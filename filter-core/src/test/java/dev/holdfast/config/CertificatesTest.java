package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testing.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificatesTest {
    @TempDir
    private Path directory;

    @Test
    void readsAllCertificatesOfAFileAndSkipsWhatStandsBetween() throws IOException {
        String one = Files.readString(new TestAuthority("one").certificate(directory));
        String two = Files.readString(new TestAuthority("two").certificate(directory));
        Path both = Files.writeString(directory.resolve("both.pem"), "The old one\n" + one + "\nThe new one\n" + two);

        assertThat(Certificates.read(both.toString()))
                .extracting(X509Certificate::getSubjectX500Principal)
                .hasToString("[CN=one, CN=two]");
    }

    @Test
    void saysWhatIsWrongWithAFile() throws IOException {
        String missing = directory.resolve("missing.pem").toString();
        String key = new TestAuthority("one").loopback(directory).key().toString();
        String empty = Files.createFile(directory.resolve("empty.pem")).toString();

        assertThatThrownBy(() -> Certificates.read(missing))
                .isInstanceOf(WrongValueException.class)
                .hasMessageStartingWith("there is no such file; a relative name begins at /");
        assertThatThrownBy(() -> Certificates.read(directory.toString()))
                .isInstanceOf(WrongValueException.class)
                .hasMessageStartingWith("the file cannot be read, ");
        assertThatThrownBy(() -> Certificates.read(key))
                .isInstanceOf(WrongValueException.class)
                .hasMessageStartingWith("the file is no PEM file of certificates, ");
        assertThatThrownBy(() -> Certificates.read(empty))
                .isInstanceOf(WrongValueException.class)
                .hasMessage("the file has no certificate: it must have -----BEGIN CERTIFICATE----- in it");
    }
}
