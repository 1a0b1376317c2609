package dev.holdfast.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A zip that the build copied to {@code target/distributions}, and what is in it.
 *
 * @param prefix with which its name begins, as in {@code tomcat-11.0.}
 */
record Distribution(String prefix) {
    private static final Path TARGET = Path.of("target").toAbsolutePath();

    /** Name and version, as in {@code tomcat-11.0.24}. */
    String title() {
        return zip().getFileName().toString().replace(".zip", "");
    }

    /**
     * The directory of that name in {@code target}, which whoever asks first unpacks, in whichever JVM.
     *
     * @param below what of the zip is to be there; empty for all. The first directory of the names, which says the
     *     version, is left out everywhere
     * @param left what of that is to be left out
     */
    Path unpacked(String name, String below, Predicate<String> left) {
        synchronized (Distribution.class) {
            Path directory = TARGET.resolve(name);
            try {
                if (!Files.isDirectory(directory)) {
                    Files.createDirectories(directory.getParent());
                    Path unpacked = Files.createTempDirectory(directory.getParent(), "unpacking");
                    unpack(unpacked, below, left);
                    moveUnlessThere(unpacked, directory);
                }
                return directory;
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot unpack " + zip() + " to " + directory, e);
            }
        }
    }

    private static void moveUnlessThere(Path unpacked, Path directory) throws IOException {
        try {
            Files.move(unpacked, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
            ContainerProcess.deleteTree(unpacked); // another JVM was quicker
        }
    }

    private void unpack(Path target, String below, Predicate<String> left) throws IOException {
        try (InputStream file = Files.newInputStream(zip());
                ZipInputStream entries = new ZipInputStream(file)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                String whole = entry.getName().substring(entry.getName().indexOf('/') + 1);
                if (!whole.startsWith(below) || left.test(whole)) {
                    continue;
                }
                Path path = target.resolve(whole.substring(below.length())).normalize();
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
}
