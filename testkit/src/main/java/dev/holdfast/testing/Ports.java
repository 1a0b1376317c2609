package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ports of the loopback interface for the servers of tests. None is given out twice, to the tests of whichever JVM, so
 * that a server that was killed can always start again on its own.
 *
 * <p>All lie below those that the system gives to outgoing connections: one of these, of whichever process, would be in
 * the way as well.
 */
public final class Ports {
    /** Nodes of a cluster talk to each other on a port so much higher: Redis 6.2 knows no other. */
    private static final int TO_CLUSTER_BUS = 10_000;

    private static final int TRIES = 100_000;

    /** Each port that was given out is a locked byte of this file, until the JVM ends. */
    private static final FileChannel CLAIMED = open();

    /** What nobody refers to, the JVM does not count as locked. */
    private static final List<FileLock> OURS = new ArrayList<>();

    private Ports() {}

    /** A port that nobody listens on now, and that no test was given before. */
    public static int free() {
        return claim(
                () -> {
                    int port = 17_000 + ThreadLocalRandom.current().nextInt(10_000);
                    return port < 22_000 ? port : port + 5_000; // between them are those of clusters
                },
                0);
    }

    /** A port as {@link #free} gives it; the one 10,000 above is free and claimed, too. */
    static int freeForCluster() {
        return claim(() -> ThreadLocalRandom.current().nextInt(12_000, 17_000), TO_CLUSTER_BUS);
    }

    private static synchronized int claim(IntSupplier candidates, int distance) {
        for (int i = 0; i < TRIES; i++) {
            int port = candidates.getAsInt();
            FileLock claim = claim(port);
            if (claim != null) {
                OURS.add(claim);
                if (isFree(port) && (distance == 0 || isFree(port + distance))) {
                    return port;
                }
            }
        }
        throw new IllegalStateException("No port is free, or those below 32,000 are all given out");
    }

    /** Null if a test has it already. */
    private static @Nullable FileLock claim(int port) {
        try {
            return CLAIMED.tryLock(port, 1, false);
        } catch (OverlappingFileLockException e) {
            return null; // one of this JVM
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot lock a file in " + System.getProperty("java.io.tmpdir"), e);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static FileChannel open() {
        Path file =
                Path.of(System.getProperty("java.io.tmpdir"), "holdfast-test-ports-" + System.getProperty("user.name"));
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot open " + file, e);
        }
    }
}
