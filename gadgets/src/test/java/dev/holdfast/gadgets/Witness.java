package dev.holdfast.gadgets;

import com.example.shop.Alarm;
import dev.holdfast.gadgets.protocols.counted.Handler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Sees that a payload did what it was made for. */
abstract class Witness implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 1_000;

    /** Before a payload is made. */
    abstract void begin();

    abstract boolean saw();

    @Override
    public void close() {
        // Most have nothing to close.
    }

    /** Code of the payload ran, in whichever class loader. */
    static Witness ofAlarm() {
        return new Witness() {
            @Override
            void begin() {
                System.clearProperty(Alarm.RUNG);
            }

            @Override
            boolean saw() {
                return System.getProperty(Alarm.RUNG) != null;
            }
        };
    }

    /** A file was made in the directory. */
    static final class OfFiles extends Witness {
        private Path directory;

        Path directory() {
            return directory;
        }

        @Override
        void begin() {
            try {
                directory = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "uploads");
                directory.toFile().deleteOnExit();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        boolean saw() {
            try (Stream<Path> files = Files.list(directory)) {
                return files.findAny().isPresent();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Somebody connected to the port. Each server has a count of its own: RMI calls again at once where it was hung up
     * on, and the thread of the last server may hold such a call when the next one begins.
     */
    static final class OfCalls extends Witness {
        private AtomicInteger calls = new AtomicInteger();
        private ServerSocket server;

        int port() {
            return server.getLocalPort();
        }

        @Override
        void begin() {
            close();
            try {
                server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ServerSocket listening = server;
            AtomicInteger heard = new AtomicInteger();
            calls = heard;
            Thread thread = new Thread(() -> count(listening, heard), "calls");
            thread.setDaemon(true);
            thread.start();
        }

        private static void count(ServerSocket listening, AtomicInteger calls) {
            try {
                while (true) {
                    Socket call = listening.accept();
                    calls.incrementAndGet(); // before the caller hears of it
                    call.close();
                }
            } catch (IOException e) {
                // closed
            }
        }

        @Override
        boolean saw() {
            return calls.get() > 0;
        }

        @Override
        public void close() {
            try {
                if (server != null) {
                    server.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Something listens at the port. */
    static final class OfListeners extends Witness {
        private int port;

        int port() {
            return port;
        }

        @Override
        void begin() {
            try (ServerSocket free = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        boolean saw() {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
                return true;
            } catch (IOException e) {
                return false;
            }
        }
    }

    /** The name of a host was looked up. */
    static Witness ofLookUps() {
        return new Witness() {
            @Override
            void begin() {
                Handler.ASKED.set(0);
            }

            @Override
            boolean saw() {
                return Handler.ASKED.get() > 0;
            }
        };
    }
}
