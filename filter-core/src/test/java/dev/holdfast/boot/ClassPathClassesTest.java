package dev.holdfast.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassPathClassesTest {
    private static final List<String> SHOP = List.of("com.example.shop");

    @TempDir
    private Path directory;

    /** Finds each class in one place, as a class loader of Spring Boot writes it. */
    private static ClassLoader finding(String place) {
        return new ClassLoader(null) {
            @Override
            public URL getResource(String name) {
                try {
                    return new URL(null, place + name, new URLStreamHandler() {
                        @Override
                        protected URLConnection openConnection(URL url) throws IOException {
                            throw new IOException("Nobody opens " + url);
                        }
                    });
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    @ParameterizedTest
    @CsvSource({
        "jar:nested:/srv/shop.jar/!BOOT-INF/classes/!/, true, false",
        "jar:file:/srv/shop.jar!/BOOT-INF/classes!/, true, false",
        "jar:nested:/srv/shop.war/!WEB-INF/classes/!/, true, false",
        "file:/srv/shop/BOOT-INF/classes/, true, false",
        "file:/srv/shop/target/classes/, true, false",
        "jar:nested:/srv/shop.jar/!BOOT-INF/lib/library.jar!/, false, true",
        "jar:nested:/srv/shop.war/!WEB-INF/lib-provided/library.jar!/, false, true",
        "jar:file:/srv/lib/library.jar!/, false, true",
        "jrt:/java.base/, false, false"
    })
    void placeOfAClassTellsWhoseItIs(String place, boolean own, boolean library) {
        ClassPathClasses classes = new ClassPathClasses(finding(place), SHOP);

        assertThat(classes.isApplicationClass("org.library.Value")).isEqualTo(own);
        assertThat(classes.isLibraryClass("org.library.Value")).isEqualTo(library);
    }

    /** As {@code -Djarmode=tools extract} makes it of an executable JAR. */
    @Test
    void inAPlainJarThePackagesOfTheApplicationAreItsOwn() throws IOException {
        Path jar = directory.resolve("shop.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            for (String name :
                    List.of("com/example/shop/Cart", "com/example/shop/till/Coin", "com/example/shopping/A")) {
                zip.putNextEntry(new ZipEntry(name + ".class"));
                zip.closeEntry();
            }
        }
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
            ClassPathClasses classes = new ClassPathClasses(loader, SHOP);

            assertThat(classes.isApplicationClass("com.example.shop.Cart")).isTrue();
            assertThat(classes.isApplicationClass("com.example.shop.till.Coin")).isTrue();
            assertThat(classes.isApplicationClass("com.example.shopping.A")).isFalse();
            assertThat(classes.isLibraryClass("com.example.shopping.A")).isTrue();
            assertThat(classes.isApplicationClass("com.example.shop.Missing")).isFalse();
            assertThat(classes.isLibraryClass("com.example.shop.Missing")).isFalse();
        }
    }

    /** Below {@code com} are most libraries. */
    @Test
    void ofAPackageOfOneSegmentOnlyTheClassesInItAreOwn() {
        ClassPathClasses classes = new ClassPathClasses(finding("jar:file:/srv/shop.jar!/"), List.of("com"));

        assertThat(classes.isApplicationClass("com.ShopApplication")).isTrue();
        assertThat(classes.isApplicationClass("com.library.Value")).isFalse();
        assertThat(classes.isApplicationClass("company.Value")).isFalse();
    }

    @Test
    void ofAPackageBelowWhichManyPublishOnlyTheClassesInItAreOwn() {
        ClassPathClasses classes = new ClassPathClasses(finding("jar:file:/srv/shop.jar!/"), List.of("org.apache"));

        assertThat(classes.isApplicationClass("org.apache.ShopApplication")).isTrue();
        assertThat(classes.isApplicationClass("org.apache.library.Value")).isFalse();
    }

    @Test
    void whatIsAllowedIsShownAsSpringBootHasSettings() {
        assertThat(new ClassPathClasses(null, SHOP).allowing("com.lib.A,com.lib.B"))
                .isEqualTo("holdfast.classes.allow=com.lib.A,com.lib.B");
    }

    @Test
    void nameWithASlashIsNoClass() {
        ClassPathClasses classes = new ClassPathClasses(finding("file:/srv/classes/"), SHOP);

        assertThat(classes.isApplicationClass("com/example/shop/Cart")).isFalse();
    }

    @Test
    void packagesAreThoseOfTheApplication() {
        assertThat(new ClassPathClasses(null, List.of("com.example.shop", "")).packages())
                .containsExactly("com.example.shop");
    }
}
