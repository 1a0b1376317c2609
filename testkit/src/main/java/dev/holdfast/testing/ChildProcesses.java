package dev.holdfast.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Sees to it that no process of a test outlives the test's JVM, also if that is killed.
 *
 * <p>One shell reads the ids of the processes and ends those that are left when its input ends, which it does with the
 * JVM.
 */
final class ChildProcesses {
    private static final String SCRIPT = """
            trap '' INT HUP TERM
            alive=' '
            while read -r line; do
              case $line in
                +*) alive="$alive${line#+} " ;;
                -*) alive="${alive%% ${line#-} *} ${alive#* ${line#-} }" ;;
              esac
            done
            for pid in $alive; do kill -9 "$pid"; done 2>/dev/null
            """;

    private static OutputStream watch;

    private ChildProcesses() {}

    /** Ends the process with the JVM at the latest. */
    @SuppressWarnings("FutureReturnValueIgnored") // it is the process that matters
    static synchronized void endWithThisJvm(Process process) {
        tell("+" + process.pid());
        process.onExit().thenAccept(ended -> forget(ended.pid()));
    }

    private static synchronized void forget(long pid) {
        tell("-" + pid);
    }

    private static void tell(String line) {
        try {
            if (watch == null) {
                watch = new ProcessBuilder("sh", "-c", SCRIPT)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .getOutputStream();
            }
            watch.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            watch.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run the shell that ends the processes of tests", e);
        }
    }

    /** Sends a signal by its name, as in {@code STOP}. */
    static void signal(Process process, String name) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("kill -" + name + " " + process.pid() + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run kill", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }
}
