package dev.holdfast.redis;

import dev.holdfast.testing.RespCommands;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * Stands between a client and Redis. Breaks connections after the command has arrived, before its reply does, answers in the place of
 * Redis, or changes what it says.
 */
final class LossyProxy implements AutoCloseable {
    private static final String BREAK_OFF = "\0";

    private final ServerSocket listener;
    private final int target;
    private final AtomicInteger replies = new AtomicInteger();
    private final AtomicInteger answers = new AtomicInteger();
    private volatile String instead = "";
    private volatile UnaryOperator<String> rewriting = UnaryOperator.identity();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    private LossyProxy(ServerSocket listener, int target) {
        this.listener = listener;
        this.target = target;
    }

    static LossyProxy before(int target) {
        try {
            LossyProxy proxy = new LossyProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
            start(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI uri() {
        return URI.create("redis://127.0.0.1:" + listener.getLocalPort());
    }

    /** The replies of so many scripts from now on are lost with their connections. */
    void loseReplies(int count) {
        replies.set(count);
    }

    /** The next scripts, so many of them, do not reach Redis and get this answer, as it goes over the wire. */
    void answerInstead(String answer, int count) {
        instead = answer;
        answers.set(count);
    }

    /** What Redis answers from now on is changed on its way; it must stay as long as it is. */
    void rewrite(UnaryOperator<String> change) {
        rewriting = change;
    }

    /** As {@link #answerInstead}; behind the answer the connection ends. */
    void answerAndBreakOff(String answer, int count) {
        answerInstead(answer + BREAK_OFF, count);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                boolean[] lossy = new boolean[1];
                start(() -> toServer(client, server, lossy));
                start(() -> toClient(client, server, lossy));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void toServer(Socket client, Socket server, boolean[] lossy) {
        try {
            InputStream in = client.getInputStream();
            OutputStream out = server.getOutputStream();
            byte[] buffer = new byte[65536];
            RespCommands commands = new RespCommands();
            StringBuilder whole = new StringBuilder();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                commands.add(buffer, count).forEach(whole::append);
                if (!commands.isEmpty()) {
                    continue; // a long script comes in pieces: none of one that is answered here may reach Redis
                }
                String batch = whole.toString();
                whole.setLength(0);
                boolean script = batch.contains("EVAL");
                if (script && answers.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    String answer = instead;
                    client.getOutputStream().write(answer.replace(BREAK_OFF, "").getBytes(StandardCharsets.ISO_8859_1));
                    if (answer.endsWith(BREAK_OFF)) {
                        client.close();
                    }
                    continue;
                }
                synchronized (lossy) {
                    lossy[0] |= script && replies.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
                }
                out.write(batch.getBytes(StandardCharsets.ISO_8859_1));
            }
            server.close();
        } catch (IOException closed) {
            // The other direction ends, too.
        }
    }

    private void toClient(Socket client, Socket server, boolean[] lossy) {
        try {
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            byte[] buffer = new byte[65536];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                synchronized (lossy) {
                    if (lossy[0]) {
                        break;
                    }
                }
                out.write(rewriting
                        .apply(new String(buffer, 0, count, StandardCharsets.ISO_8859_1))
                        .getBytes(StandardCharsets.ISO_8859_1));
            }
            client.close();
            server.close();
        } catch (IOException closed) {
            // The other direction ends, too.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "lossy-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
