package dev.holdfast.examples.failover;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All processes that this run has started. {@link #close} kills those that still run, and so does a small shell that
 * waits at the other end of a pipe if this process ends without a chance to do so. Thread-safe.
 */
final class Children implements AutoCloseable {

    /**
     * Reads "+ pid" and "- pid"; at the end of the input kills whatever is left. Ctrl-C reaches it together with us: it
     * has to outlive us for a moment.
     */
    private static final String GUARD = """
            trap '' INT TERM HUP
            left=' '
            while read -r sign pid; do
                case $sign in
                    +) left="$left$pid " ;;
                    -) case $left in *" $pid "*) left="${left%% $pid *} ${left#* $pid }" ;; esac ;;
                esac
            done
            for pid in $left; do kill -9 "$pid" 2>/dev/null; done
            """;

    private final Process guard;
    private final BufferedWriter toGuard;
    private final List<Process> running = new ArrayList<>();
    private boolean closed;

    Children() throws CannotRunException {
        try {
            guard = new ProcessBuilder("sh", "-c", GUARD)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new CannotRunException("Cannot start sh, which ends the servers if this process is killed.", e);
        }
        toGuard = guard.outputWriter(StandardCharsets.US_ASCII);
    }

    /**
     * Starts a process without input, and without settings of Holdfast that the environment may hold.
     *
     * @param log gets everything that the process prints
     * @throws CannotRunException if there is no such program
     */
    Process start(List<String> command, Map<String, String> environment, Path log) throws CannotRunException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(NULL_DEVICE.toFile()))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("HOLDFAST_"));
        builder.environment().putAll(environment);
        return start(builder);
    }

    private static final Path NULL_DEVICE = Path.of("/dev/null");

    private synchronized Process start(ProcessBuilder builder) throws CannotRunException {
        if (closed) {
            throw new CannotRunException("This run is being stopped, so nothing is started any more.");
        }
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new CannotRunException("Cannot start " + builder.command().get(0) + ": " + e.getMessage() + ".", e);
        }
        running.add(process);
        tellGuard('+', process);
        return process;
    }

    /** Kills the process as {@code kill -9} does and returns when it is gone; nothing happens if it is gone already. */
    void kill(@Nullable Process process) {
        if (process == null) {
            return;
        }
        process.destroyForcibly();
        process.onExit().join();
        synchronized (this) {
            if (running.remove(process) && !closed) {
                tellGuard('-', process);
            }
        }
    }

    private void tellGuard(char sign, Process process) {
        try {
            toGuard.write(sign + " " + process.pid() + "\n");
            toGuard.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("The shell that guards the servers is gone.", e);
        }
    }

    @Override
    public void close() {
        List<Process> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(running);
        }
        left.forEach(Process::destroyForcibly);
        left.forEach(process -> process.onExit().join());
        try {
            toGuard.close();
            if (!guard.waitFor(2, TimeUnit.SECONDS)) {
                guard.destroyForcibly();
            }
        } catch (IOException alreadyGone) {
            guard.destroyForcibly();
        } catch (InterruptedException e) {
            guard.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
