package dev.holdfast.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The Tomcats that Holdfast is made for, as their project distributes them; the build copies the zips to {@code target/distributions}. */
public enum TomcatDistribution {
    TOMCAT_10_1("tomcat-10.1."),
    TOMCAT_11("tomcat-11.0.");

    private static final Path TARGET = Path.of("target").toAbsolutePath();

    private final String prefix;

    TomcatDistribution(String prefix) {
        this.prefix = prefix;
    }

    /** Name and version, as in {@code tomcat-10.1.59}. */
    public String title() {
        String zip = zip().getFileName().toString();
        return zip.substring(0, zip.length() - ".zip".length());
    }

    /** A JAR of its {@code lib}. */
    public Path library(String name) {
        return home().resolve("lib").resolve(name);
    }

    /** The distribution without its own applications, unpacked by whoever asks first. */
    synchronized Path home() {
        Path home = TARGET.resolve("tomcat").resolve(title());
        if (Files.isDirectory(home)) {
            return home;
        }
        try {
            Files.createDirectories(home.getParent());
            Path unpacked = Files.createTempDirectory(home.getParent(), "unpacking");
            unpack(zip(), unpacked, "");
            Files.move(unpacked, home, StandardCopyOption.ATOMIC_MOVE);
            return home;
        } catch (FileAlreadyExistsException | AtomicMoveNotSupportedException e) {
            throw new IllegalStateException("Cannot unpack " + zip() + " to " + home, e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot unpack " + zip() + " to " + home, e);
        }
    }

    /** One of the applications that come with it, unpacked by whoever asks first: {@code manager}. */
    public synchronized Path application(String name) {
        Path application = TARGET.resolve("tomcat").resolve(title() + "-" + name);
        if (Files.isDirectory(application)) {
            return application;
        }
        try {
            Files.createDirectories(application.getParent());
            Path unpacked = Files.createTempDirectory(application.getParent(), "unpacking");
            unpack(zip(), unpacked, "webapps/" + name + "/");
            Files.move(unpacked, application, StandardCopyOption.ATOMIC_MOVE);
            return application;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot unpack " + name + " of " + zip() + " to " + application, e);
        }
    }

    private Path zip() {
        Path directory = TARGET.resolve("distributions");
        if (Files.isDirectory(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                List<Path> zips = files.filter(
                                file -> file.getFileName().toString().startsWith(prefix))
                        .toList();
                if (zips.size() == 1) {
                    return zips.get(0);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot list " + directory, e);
            }
        }
        throw new IllegalStateException("No " + prefix + "*.zip in " + directory
                + ": the build copies it there in the phase process-test-resources");
    }

    /**
     * What is below a directory; of everything, all but the applications. The first directory of the names, which says the version, is left
     * out.
     */
    private static void unpack(Path zip, Path target, String below) throws IOException {
        try (InputStream file = Files.newInputStream(zip);
                ZipInputStream entries = new ZipInputStream(file)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                String whole = entry.getName().substring(entry.getName().indexOf('/') + 1);
                if (!whole.startsWith(below) || (below.isEmpty() && whole.startsWith("webapps/"))) {
                    continue;
                }
                String name = whole.substring(below.length());
                Path path = target.resolve(name).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("An entry leaves the directory: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else {
                    Files.createDirectories(path.getParent());
                    Files.copy(entries, path);
                }
            }
        }
    }
}
