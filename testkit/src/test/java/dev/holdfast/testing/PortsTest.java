package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PortsTest {
    /** So many that two JVMs would meet some nine times if each looked for itself. */
    private static final int MANY = 300;

    /** What runs in the other JVM: prints ports, and keeps them until its input ends. */
    static final class Other {
        public static void main(String[] arguments) throws IOException {
            ports().forEach(System.out::println);
            System.in.read();
        }
    }

    @Test
    void noPortIsGivenOutTwiceToTheTestsOfTwoJvms() throws IOException {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines = other.inputReader(StandardCharsets.US_ASCII)) {
            List<Integer> theirs = Stream.generate(() -> read(lines))
                    .limit(MANY)
                    .map(Integer::valueOf)
                    .toList();
            List<Integer> ours = ports();

            assertThat(ours).doesNotHaveDuplicates().doesNotContainAnyElementsOf(theirs);
            assertThat(theirs).doesNotHaveDuplicates().doesNotContain(6379);
        } finally {
            other.destroyForcibly().onExit().join();
        }
    }

    private static List<Integer> ports() {
        return Stream.generate(Ports::free).limit(MANY).toList();
    }

    private static String read(BufferedReader lines) {
        try {
            return lines.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException("The other JVM says nothing", e);
        }
    }
}
