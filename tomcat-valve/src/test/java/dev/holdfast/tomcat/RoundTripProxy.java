package dev.holdfast.tomcat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Stands between a node and Redis and records round trips: what a connection sent before the server answered anything of it. */
final class RoundTripProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final List<Socket> sockets = new ArrayList<>();
    private final List<StringBuilder> trips = new ArrayList<>();

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
                    .map(StringBuilder::toString)
                    .filter(trip -> trip.contains(text))
                    .toList();
        }
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
                Trip trip = new Trip();
                run(() -> copy(client, server, trip::sent));
                run(() -> copy(server, client, (bytes, length) -> trip.answered()));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private interface Listener {
        void passed(byte[] bytes, int length);
    }

    private final class Trip {
        private StringBuilder current = new StringBuilder();
        private boolean answered = true;

        void sent(byte[] bytes, int length) {
            synchronized (trips) {
                if (answered) {
                    answered = false;
                    current = new StringBuilder();
                    trips.add(current);
                }
                current.append(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
            }
        }

        void answered() {
            synchronized (trips) {
                answered = true;
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
