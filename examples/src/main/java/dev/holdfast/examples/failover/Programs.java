package dev.holdfast.examples.failover;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds programs of the machine. */
final class Programs {

    private static final List<String> SERVER_FOLDERS = List.of("/usr/sbin", "/usr/local/sbin");

    private Programs() {}

    /** The program of that name on the PATH, or in one of the folders where servers live outside of a user's PATH. */
    static Optional<Path> find(String name) {
        Stream<String> path = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator));
        return Stream.concat(path, SERVER_FOLDERS.stream())
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
