package dev.holdfast.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the project is, whichever of its modules tests. */
public final class Repository {
    private Repository() {}

    /** The directory that has the documentation and all modules. */
    public static Path root() {
        Path start =
                Path.of(System.getProperty("basedir", ".")).toAbsolutePath().normalize();
        for (Path directory = start; directory != null; directory = directory.getParent()) {
            if (Files.isDirectory(directory.resolve("docs")) && Files.isDirectory(directory.resolve("filter-core"))) {
                return directory;
            }
        }
        throw new IllegalStateException("No directory above " + start + " is the project's");
    }
}
