package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstalledCopiesTest {
    @TempDir
    private Path lib;

    private URL jar(String name) throws IOException {
        Path jar = lib.resolve(name);
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("dev/holdfast/Holdfast.class"));
        }
        return jar.toUri().toURL();
    }

    @Test
    void oldJarBesideTheNewOneIsNamed() throws Exception {
        URL old = jar("holdfast-tomcat-1.0.0.jar");
        URL current = jar("holdfast-tomcat-1.1.0.jar");
        try (URLClassLoader server = new URLClassLoader(new URL[] {old, current}, null)) {
            assertThat(InstalledCopies.complaint(server))
                    .contains("HF-304: This server has Holdfast 2 times: " + old + ", " + current
                            + ". For each class the JAR that is found first is used. Remove all but one and start"
                            + " again.");
        }
    }

    @Test
    void oneCopyIsNoComplaint() throws Exception {
        try (URLClassLoader server = new URLClassLoader(new URL[] {jar("holdfast-tomcat-1.0.0.jar")}, null)) {
            assertThat(InstalledCopies.complaint(server)).isEmpty();
        }
        assertThat(InstalledCopies.complaint(getClass().getClassLoader())).isEmpty();
    }
}
