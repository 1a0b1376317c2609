package dev.holdfast.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Stands between a node and Redis and records round trips: what a connection sent before the server answered anything of it. */
final class RoundTripProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final List<Socket> sockets = new ArrayList<>();
    private final List<Trip> trips = new ArrayList<>();

    RoundTripProxy(int redisPort) {
        target = redisPort;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run(this::accept);
    }

    URI uri() {
        return URI.create("redis://127.0.0.1:" + listener.getLocalPort());
    }

    /** The round trips whose commands name something, in the order in which they began. */
    List<String> tripsWith(String text) {
        synchronized (trips) {
            return trips.stream()
                    .map(trip -> trip.sent.toString())
                    .filter(sent -> sent.contains(text))
                    .toList();
        }
    }

    /**
     * The longest time in which no round trip of a kind ended that had begun in it.
     *
     * @param text what its commands name
     * @param since by {@link System#nanoTime}; the time before the first such round trip counts, too
     */
    Duration longestPauseOf(String text, long since) {
        long longest = 0;
        long begin = since;
        synchronized (trips) {
            for (Trip trip : trips) {
                if (trip.began - since > 0 && trip.sent.indexOf(text) >= 0 && trip.ended != 0) {
                    longest = Math.max(longest, trip.ended - begin);
                    begin = trip.began;
                }
            }
        }
        return Duration.ofNanos(Math.max(longest, System.nanoTime() - begin));
    }

    void forget() {
        synchronized (trips) {
            trips.clear();
        }
    }

    private static void run(Runnable task) {
        Thread thread = new Thread(task, "round-trip-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                synchronized (sockets) {
                    sockets.add(client);
                    sockets.add(server);
                }
                Trips own = new Trips();
                run(() -> copy(client, server, own::sent));
                run(() -> copy(server, client, (bytes, length) -> own.answered()));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private interface Listener {
        void passed(byte[] bytes, int length);
    }

    private static final class Trip {
        private final StringBuilder sent = new StringBuilder();
        private final long began = System.nanoTime();
        /** When the answer began; 0 before that. */
        private long ended;
    }

    /** One connection. */
    private final class Trips {
        private Trip current;

        void sent(byte[] bytes, int length) {
            synchronized (trips) {
                if (current == null || current.ended != 0) {
                    current = new Trip();
                    trips.add(current);
                }
                current.sent.append(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
            }
        }

        void answered() {
            synchronized (trips) {
                if (current != null && current.ended == 0) {
                    current.ended = System.nanoTime();
                }
            }
        }
    }

    private static void copy(Socket from, Socket to, Listener listener) {
        byte[] buffer = new byte[65_536];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                listener.passed(buffer, length);
                out.write(buffer, 0, length);
            }
        } catch (IOException e) {
            // One of the two has gone: so does the other.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            synchronized (sockets) {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
