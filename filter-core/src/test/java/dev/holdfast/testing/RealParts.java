package dev.holdfast.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.opentest4j.TestAbortedException;

/** Programs that a test needs and that may not be installed. */
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
        for (String directory : (System.getenv("PATH") + SBIN).split(File.pathSeparator, -1)) {
            Path candidate = Path.of(directory, binary);
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        String reason = binary + " is not installed: sudo apt-get install -y " + aptPackage;
        if (required) {
            throw new AssertionError(reason);
        }
        record(reason, notRun);
        throw new TestAbortedException(reason);
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
