package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.CommitWays;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What is in the JAR that is copied into Jetty's base; that it works there, {@link JettyHomeIT} shows. */
class JarIT {
    private static List<String> entries() throws IOException {
        try (JarFile file = new JarFile(CommitWays.jar().toFile())) {
            return file.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(ZipEntry::getName)
                    .toList();
        }
    }

    private static String text(String entry) throws IOException {
        try (JarFile file = new JarFile(CommitWays.jar().toFile());
                InputStream in = file.getInputStream(file.getEntry(entry))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void hasOurPackagesRelocatedOnesAndTheModuleOnly() throws IOException {
        assertThat(entries())
                .filteredOn(entry -> !entry.startsWith("META-INF/") && !entry.startsWith("dev/holdfast/"))
                .containsExactlyInAnyOrder("modules/holdfast.mod", "etc/holdfast.xml");
        assertThat(entries())
                .filteredOn(entry -> entry.endsWith(".class"))
                .anyMatch(entry -> entry.startsWith("dev/holdfast/shaded/redis/clients/jedis/"))
                .anyMatch(entry -> entry.startsWith("dev/holdfast/shaded/com/esotericsoftware/kryo/"))
                .anyMatch(entry -> entry.equals("dev/holdfast/jetty/HoldfastSessionCacheFactory.class"))
                .noneMatch(entry -> entry.startsWith("dev/holdfast/tomcat/"))
                .noneMatch(entry -> entry.contains("/kryo/unsafe/"))
                .noneMatch(entry -> entry.endsWith("module-info.class"))
                .noneMatch(entry -> entry.endsWith("IT.class") || entry.endsWith("Test.class"));
    }

    @Test
    void servicesAreRewrittenAndTheirClassesAreThere() throws IOException {
        for (String service : entries().stream()
                .filter(entry -> entry.startsWith("META-INF/services/"))
                .toList()) {
            assertThat(service).startsWith("META-INF/services/dev.holdfast.");
            for (String provider : text(service).lines().toList()) {
                String type = provider.replaceFirst("#.*", "").strip();
                if (!type.isEmpty()) {
                    assertThat(entries()).contains(type.replace('.', '/') + ".class");
                }
            }
        }
    }

    /** Spring Boot itself is the application's. */
    @Test
    void springBootFindsItsAutoConfigurationAndItsMetadata() throws IOException {
        assertThat(text("META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports")
                        .lines())
                .containsExactly(
                        "dev.holdfast.jetty.HoldfastJettyAutoConfiguration",
                        "dev.holdfast.boot.HoldfastMetricsAutoConfiguration");
        assertThat(text("META-INF/spring.factories")).contains("=dev.holdfast.boot.RefusedSettingsAnalyzer");
        assertThat(text("META-INF/spring-configuration-metadata.json")).contains("\"holdfast.redis\"");
        assertThat(entries())
                .contains(
                        "dev/holdfast/jetty/HoldfastJettyAutoConfiguration.class",
                        "dev/holdfast/boot/RefusedSettingsAnalyzer.class")
                .noneMatch(entry -> entry.contains("springframework/") || entry.contains("micrometer"));
    }

    @Test
    void licencesAndManifestAreThere() throws IOException {
        assertThat(text("META-INF/LICENSE")).contains("Apache License", "Version 2.0");
        assertThat(text("META-INF/THIRD-PARTY.txt")).contains("jedis", "kryo", "MIT", "BSD");
        try (JarFile file = new JarFile(CommitWays.jar().toFile())) {
            Attributes manifest = file.getManifest().getMainAttributes();
            assertThat(manifest.getValue("Automatic-Module-Name")).isEqualTo("dev.holdfast.jetty");
            assertThat(manifest.getValue("Main-Class")).isEqualTo("dev.holdfast.cli.Main");
            assertThat(CommitWays.jar().getFileName())
                    .hasToString("holdfast-jetty-" + manifest.getValue("Implementation-Version") + ".jar");
        }
    }
}
