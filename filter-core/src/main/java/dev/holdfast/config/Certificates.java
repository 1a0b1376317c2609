package dev.holdfast.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;

/** The certificates of a PEM file. */
final class Certificates {
    private Certificates() {}

    /** @throws WrongValueException if there is no such file, or no certificate in it */
    static List<X509Certificate> read(String file) {
        List<X509Certificate> certificates;
        try {
            InputStream all = new ByteArrayInputStream(Files.readAllBytes(Path.of(file)));
            certificates = CertificateFactory.getInstance("X.509").generateCertificates(all).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (NoSuchFileException e) {
            throw new WrongValueException("there is no such file; a relative name begins at "
                    + Path.of("").toAbsolutePath());
        } catch (IOException | InvalidPathException e) {
            throw new WrongValueException("the file cannot be read, " + e.getMessage());
        } catch (CertificateException e) {
            throw new WrongValueException("the file is no PEM file of certificates, " + e.getMessage());
        }
        if (certificates.isEmpty()) {
            throw new WrongValueException(
                    "the file has no certificate: it must have -----BEGIN CERTIFICATE----- in it");
        }
        return certificates;
    }
}
