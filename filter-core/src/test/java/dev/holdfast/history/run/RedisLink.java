package dev.holdfast.history.run;

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
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The network between one node and Redis, which can be bad in several ways. For many threads. */
public final class RedisLink implements AutoCloseable {
    /** What one read takes: a slow network passes the pieces of several connections by turns. */
    private static final int PIECE = 16_384;

    private final int port;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** Guards all fields below. */
    private final Object weather = new Object();

    private int repliesToTear;
    private int repliesToLose;
    private Duration delay = Duration.ZERO;
    private final Direction up = new Direction();
    private final Direction back = new Direction();
    private long bytesPerSecond;
    private boolean stalled;
    private boolean down;
    private String refusal = "";
    private ServerSocket listener;

    private RedisLink(ServerSocket listener, int target) {
        this.listener = listener;
        this.port = listener.getLocalPort();
        this.target = target;
    }

    /** One direction, shared by all connections; guarded like the weather. */
    private static final class Direction {
        /** When all that was sent before has passed. */
        private long free = System.nanoTime();
    }

    /** A good link to a Redis on the loopback interface. */
    public static RedisLink to(int port) {
        try {
            RedisLink link = new RedisLink(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
            link.listen();
            return link;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI uri() {
        return URI.create("redis://127.0.0.1:" + port);
    }

    /** The same for a user. */
    public URI uri(String user, String password) {
        return URI.create("redis://" + user + ":" + password + "@127.0.0.1:" + port);
    }

    /** Ends all connections; new ones are taken. */
    void cut() {
        sockets.forEach(RedisLink::end);
    }

    /** Ends all connections, and each new one, until the link is healed. */
    public void down() {
        synchronized (weather) {
            down = true;
        }
        cut();
    }

    /** Ends all connections; new ones are refused, as where no server runs, until the link is healed. */
    public void unplug() {
        synchronized (weather) {
            down = true;
            end(listener);
        }
        cut();
    }

    /** Commands about Holdfast's keys do not reach Redis and are answered by this error, until the link is healed. */
    public void refuse(String error) {
        synchronized (weather) {
            refusal = error;
        }
    }

    /** The next replies end in their middle, and their connections with them. */
    void tearReplies(int count) {
        synchronized (weather) {
            repliesToTear = count;
        }
    }

    /** The replies to the next scripts are lost after these have run, and their connections with them. */
    void loseReplies(int count) {
        synchronized (weather) {
            repliesToLose = count;
        }
    }

    /** Each reply takes so much longer; those that follow each other are all on their way at a time. */
    public void slow(Duration longer) {
        synchronized (weather) {
            delay = longer;
            weather.notifyAll();
        }
    }

    /** So many bytes pass in a second and direction, of all connections together. */
    public void narrow(long bytes) {
        synchronized (weather) {
            bytesPerSecond = bytes;
        }
    }

    /** Commands are kept on their way until the link is healed, and then arrive, also those whose sender has given up. */
    public void stall() {
        synchronized (weather) {
            stalled = true;
        }
    }

    /** All is well again. */
    public void heal() {
        synchronized (weather) {
            repliesToTear = 0;
            repliesToLose = 0;
            delay = Duration.ZERO;
            bytesPerSecond = 0;
            stalled = false;
            down = false;
            refusal = "";
            if (listener.isClosed()) {
                listener = bound();
                listen();
            }
            weather.notifyAll();
        }
    }

    private ServerSocket bound() {
        try {
            return new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on the port of a link again", e);
        }
    }

    /** With the listener that there is now. */
    private void listen() {
        synchronized (weather) {
            ServerSocket now = listener;
            start(() -> accept(now));
        }
    }

    private void accept(ServerSocket from) {
        try {
            while (true) {
                Socket client = from.accept();
                Socket server = isDown() ? null : reach();
                if (server == null) {
                    end(client);
                    continue;
                }
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(server);
                Connection connection = new Connection(client, server);
                start(connection::toServer);
                start(connection::fromServer);
                start(connection::toClient);
            }
        } catch (IOException closed) {
            // The run is over, or the link is unplugged.
        }
    }

    /** Null if nobody is there. */
    private Socket reach() {
        try {
            return new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException e) {
            return null;
        }
    }

    /** Bytes of replies. */
    private static final class Piece {
        final byte[] bytes;
        /** When Redis sent them, by {@link System#nanoTime}. */
        final long sent;
        /** Whether nothing comes behind it. */
        final boolean last;

        private Piece(byte[] bytes, long sent, boolean last) {
            this.bytes = bytes;
            this.sent = sent;
            this.last = last;
        }

        static Piece of(byte[] bytes) {
            return new Piece(bytes, System.nanoTime(), false);
        }

        static Piece last() {
            return new Piece(new byte[0], 0, true);
        }
    }

    /** One connection of the node. */
    private final class Connection {
        private final Socket client;
        private final Socket server;
        private final RespCommands commands = new RespCommands();
        private final BlockingQueue<Piece> replies = new LinkedBlockingQueue<>();
        private volatile boolean losing;

        private Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void toServer() {
            try {
                InputStream in = client.getInputStream();
                OutputStream out = server.getOutputStream();
                byte[] buffer = new byte[PIECE];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    if (awaitPassage(buffer, count)) {
                        losing = true;
                    }
                    String passing = refuse(commands.add(buffer, count), refusal());
                    out.write(passing.getBytes(StandardCharsets.ISO_8859_1));
                }
                server.shutdownOutput(); // what has been sent is still executed
            } catch (IOException | InterruptedException e) {
                end(server);
            } finally {
                sockets.remove(client);
            }
        }

        /** What goes on to Redis: whole commands, for what is refused may come in several pieces. */
        private String refuse(List<String> whole, String error) throws IOException {
            StringBuilder passing = new StringBuilder();
            for (String command : whole) {
                if (!error.isEmpty() && command.contains("{hf:")) {
                    client.getOutputStream().write(("-" + error + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                } else {
                    passing.append(command);
                }
            }
            return passing.toString();
        }

        /** One who has given up still has his commands executed: his replies are read, and thrown away later. */
        void fromServer() {
            try (server) {
                InputStream in = server.getInputStream();
                byte[] buffer = new byte[PIECE];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    replies.add(Piece.of(Arrays.copyOf(buffer, count)));
                }
            } catch (IOException e) {
                // Redis has gone, or the link was cut.
            } finally {
                replies.add(Piece.last());
                sockets.remove(server);
            }
        }

        void toClient() {
            try {
                boolean gone = false;
                for (Piece piece = replies.take(); !piece.last; piece = replies.take()) {
                    gone = gone || !pass(piece);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                end(client);
            }
        }

        private boolean pass(Piece piece) {
            try {
                boolean torn = awaitReply(piece);
                int count = piece.bytes.length;
                if (losing) {
                    end(client);
                    return false;
                }
                client.getOutputStream().write(piece.bytes, 0, torn ? count / 2 : count);
                if (torn) {
                    end(client);
                }
                return !torn;
            } catch (IOException | InterruptedException e) {
                return false;
            }
        }
    }

    private boolean isDown() {
        synchronized (weather) {
            return down;
        }
    }

    private String refusal() {
        synchronized (weather) {
            return refusal;
        }
    }

    /** Waits while commands are kept; true if the reply is to be lost. */
    private boolean awaitPassage(byte[] buffer, int count) throws InterruptedException {
        boolean script = new String(buffer, 0, count, StandardCharsets.ISO_8859_1).contains("EVALSHA");
        synchronized (weather) {
            while (stalled) {
                weather.wait();
            }
            awaitRoom(up, count);
            if (script && repliesToLose > 0) {
                repliesToLose--;
                return true;
            }
            return false;
        }
    }

    /** Waits as long as replies take; true if this one is to be torn. */
    private boolean awaitReply(Piece piece) throws InterruptedException {
        synchronized (weather) {
            while (System.nanoTime() - piece.sent < delay.toNanos()) {
                await(piece.sent + delay.toNanos());
            }
            awaitRoom(back, piece.bytes.length);
            if (repliesToTear > 0) {
                repliesToTear--;
                return true;
            }
            return false;
        }
    }

    /** Waits until so many bytes have passed behind those of all others. */
    private void awaitRoom(Direction direction, int bytes) throws InterruptedException {
        if (bytesPerSecond == 0) {
            return;
        }
        long passed =
                Math.max(direction.free, System.nanoTime()) + bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
        direction.free = passed;
        while (bytesPerSecond > 0 && System.nanoTime() < passed) {
            await(passed);
        }
    }

    /** Waits until then, or until the weather changes. */
    private void await(long time) throws InterruptedException {
        long left = time - System.nanoTime();
        if (left > 0) {
            TimeUnit.NANOSECONDS.timedWait(weather, left);
        }
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It has ended.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "redis-link");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        heal();
        synchronized (weather) {
            end(listener);
        }
        cut();
    }

    private static void end(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
