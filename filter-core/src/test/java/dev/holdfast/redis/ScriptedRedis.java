package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Shakes hands at once, and answers what comes behind that when and how it is told: what no Redis does on demand. */
final class ScriptedRedis implements AutoCloseable {
    /** @param after the command came */
    record Reply(Duration after, String text) {
        static Reply after(long millis, String text) {
            return new Reply(Duration.ofMillis(millis), text);
        }
    }

    interface Script {
        /** @param connection 0 for the first one that asked for something */
        List<Reply> to(int connection, String command);
    }

    private final ServerSocket listener;
    private final String run;
    private final Script script;
    private final ScheduledExecutorService answering = Executors.newScheduledThreadPool(4);
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final List<Future<?>> coming = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();

    ScriptedRedis(String run, Script script) {
        this.run = run;
        this.script = script;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Firewall.start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    URI uri() {
        return URI.create("redis://127.0.0.1:" + port());
    }

    /** New connections are refused from now on; those that are there go on. */
    void takeNoMore() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket socket = listener.accept();
            socket.setTcpNoDelay(true);
            open.add(socket);
            Firewall.start(() -> serve(socket));
        }
    }

    private void serve(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream();
        byte[] buffer = new byte[100_000];
        int number = -1;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            String command = new String(buffer, 0, count, ISO_8859_1);
            if (command.contains("SETNAME")) {
                say(out, "+OK\r\n$" + ("run_id:" + run).length() + "\r\nrun_id:" + run + "\r\n");
                continue;
            }
            number = number < 0 ? connections.getAndIncrement() : number;
            for (Reply reply : script.to(number, command)) {
                try {
                    coming.add(answering.schedule(
                            () -> say(out, reply.text()), reply.after().toMillis(), TimeUnit.MILLISECONDS));
                } catch (RejectedExecutionException e) {
                    return; // closed while this command was on its way
                }
            }
        }
    }

    private static void say(OutputStream out, String text) {
        try {
            out.write(text.getBytes(ISO_8859_1));
            out.flush();
        } catch (IOException e) {
            // nobody listens any more
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        answering.shutdownNow();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
