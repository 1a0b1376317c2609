package dev.holdfast.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * Programs that a test needs and that may not be installed. With {@code HOLDFAST_REAL=required} in the environment a
 * missing one fails the test; with {@code HOLDFAST_REAL=none} none is found, as on a machine that has a JDK and Maven
 * alone.
 */
public final class RealParts {
    private static final String SBIN = File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/usr/local/sbin";

    private RealParts() {}

    /**
     * The program, found on the PATH or in sbin.
     *
     * @param aptPackage the Debian package that has it
     * @throws AssertionError if it is missing and {@code HOLDFAST_REAL=required} is in the environment
     * @throws TestAbortedException if it is missing otherwise; {@code target/not-run.txt} says so too
     */
    public static Path require(String binary, String aptPackage) {
        boolean required = "required".equals(System.getenv("HOLDFAST_REAL"));
        return require(
                binary, aptPackage, required, Path.of(System.getProperty("basedir", "."), "target", "not-run.txt"));
    }

    static Path require(String binary, String aptPackage, boolean required, Path notRun) {
        return find(binary)
                .orElseThrow(() ->
                        missing(binary + " is not installed: sudo apt-get install -y " + aptPackage, required, notRun));
    }

    /**
     * Leaves the test out, and lists it, where the Redis of the tests is the bundled 6.2.
     *
     * @param why what Redis 6.2 does not have, as the beginning of a sentence
     * @throws TestAbortedException if so
     */
    public static void requireRedis7(String why) {
        if (RedisProcess.isBundled()) {
            throw missing(
                    why + " needs Redis 7 or newer: sudo apt-get install -y redis-server",
                    false,
                    Path.of(System.getProperty("basedir", "."), "target", "not-run.txt"));
        }
    }

    /** The program on the PATH or in sbin; empty if it is not installed, or none is to be found. */
    public static Optional<Path> find(String binary) {
        return find(binary, System.getenv("HOLDFAST_REAL"));
    }

    static Optional<Path> find(String binary, @Nullable String real) {
        if ("none".equals(real)) {
            return Optional.empty();
        }
        return Stream.of((System.getenv("PATH") + SBIN).split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory, binary))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static RuntimeException missing(String reason, boolean required, Path notRun) {
        if (required) {
            throw new AssertionError(reason);
        }
        record(reason, notRun);
        return new TestAbortedException(reason);
    }

    private static void record(String reason, Path list) {
        String test = StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .filter(name -> name.startsWith("dev.holdfast.") && name.endsWith("IT"))
                        .findFirst()
                        .orElse("a test"));
        String line = test + ": " + reason;
        System.out.println("Not run: " + line);
        try {
            Files.createDirectories(list.getParent());
            Files.writeString(
                    list, line + System.lineSeparator(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + list, e);
        }
    }
}
