package dev.holdfast.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A firewall that forgets idle connections, and says nothing about it: what comes on them goes nowhere. */
final class Firewall implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final AtomicInteger generation = new AtomicInteger();

    Firewall(int target) throws IOException {
        start(() -> {
            while (true) {
                Socket client = keep(listener.accept());
                Socket server = keep(new Socket(InetAddress.getLoopbackAddress(), target));
                int mine = generation.get();
                start(() -> pump(client, server, mine));
                start(() -> pump(server, client, mine));
            }
        });
    }

    /** All that are there now. */
    void forgetConnections() {
        generation.incrementAndGet();
    }

    URI uri() {
        return URI.create("redis://127.0.0.1:" + listener.getLocalPort());
    }

    private Socket keep(Socket socket) {
        open.add(socket);
        return socket;
    }

    private void pump(Socket from, Socket to, int mine) throws IOException {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] buffer = new byte[65536];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            if (mine == generation.get()) {
                out.write(buffer, 0, count);
            }
        }
    }

    /** What a thread does until its sockets are closed. */
    interface Work {
        void run() throws IOException;
    }

    static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // closed
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
