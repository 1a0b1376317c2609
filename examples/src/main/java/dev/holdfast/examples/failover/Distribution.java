package dev.holdfast.examples.failover;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * An unpacked web container, as anybody downloads it. It is unpacked once and never changed; each node has a folder of
 * its own.
 *
 * @param home where it lies
 * @param version such as {@code 10.1.59}
 */
record Distribution(Path home, String version) {

    /**
     * Unpacks the zip into the folder, unless that was done before.
     *
     * @param zip its name ends with a dash and the version
     * @throws CannotRunException if the zip cannot be read or the folder not written
     */
    static Distribution unpack(Path zip, Path folder) throws CannotRunException {
        String name = zip.getFileName().toString().replace(".zip", "");
        Path home = folder.resolve(name);
        try {
            if (!Files.isDirectory(home)) {
                Files.createDirectories(folder);
                Path half = Files.createTempDirectory(folder, name);
                unzip(zip, half, Distribution::belowTopFolder);
                try {
                    Files.move(half, home, StandardCopyOption.ATOMIC_MOVE);
                } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException anotherRunWasFaster) {
                    delete(half);
                }
            }
        } catch (IOException e) {
            throw new CannotRunException("Cannot unpack " + zip + " to " + home + ": " + e.getMessage() + ".", e);
        }
        return new Distribution(home, name.substring(name.lastIndexOf('-') + 1));
    }

    private static Optional<String> belowTopFolder(String entry) {
        return Optional.of(entry.substring(entry.indexOf('/') + 1));
    }

    /** Unpacks only what lies in one of these top folders of the zip. */
    static void unzipFolders(Path zip, Path target, List<String> folders) throws IOException {
        unzip(
                zip,
                target,
                entry -> folders.stream().anyMatch(folder -> entry.startsWith(folder + "/"))
                        ? Optional.of(entry)
                        : Optional.empty());
    }

    private static void unzip(Path zip, Path target, Function<String, Optional<String>> place) throws IOException {
        try (InputStream file = Files.newInputStream(zip);
                ZipInputStream content = new ZipInputStream(file)) {
            for (ZipEntry entry = content.getNextEntry(); entry != null; entry = content.getNextEntry()) {
                Optional<String> inside = place.apply(entry.getName());
                if (inside.isEmpty()) {
                    continue;
                }
                Path path = target.resolve(inside.get()).normalize();
                if (!path.startsWith(target)) {
                    throw new IOException("the entry " + entry.getName() + " leads out of the zip");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else {
                    Files.createDirectories(path.getParent());
                    Files.copy(content, path);
                }
            }
        }
    }

    /** Deletes a folder with all that is in it; one that is not there is fine. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> content = Files.walk(folder)) {
            for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Copies a folder with all that is in it. */
    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> content = Files.walk(from)) {
            for (Path path : content.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }
}
