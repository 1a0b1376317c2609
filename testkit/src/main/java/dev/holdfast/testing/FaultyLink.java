package dev.holdfast.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The network between a client and Redis, which can be bad in several ways, and at whose end another server than Redis
 * may seem to be. For many threads.
 */
public final class FaultyLink implements AutoCloseable {
    /** What one read takes: a slow network passes the pieces of several connections by turns. */
    private static final int PIECE = 16_384;

    private final int port;
    private final int target;
    private final @Nullable RoundTrips trips;
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
    private int answers;
    private String instead = "";
    private boolean breakingOff;
    private UnaryOperator<String> rewriting = UnaryOperator.identity();
    private ServerSocket listener;

    private FaultyLink(ServerSocket listener, int target, @Nullable RoundTrips trips) {
        this.listener = listener;
        this.port = listener.getLocalPort();
        this.target = target;
        this.trips = trips;
    }

    /** One direction, shared by all connections; guarded like the weather. */
    private static final class Direction {
        /** When all that was sent before has passed. */
        private long free = System.nanoTime();
    }

    /** A good link to a Redis on the loopback interface. */
    public static FaultyLink to(int port) {
        return open(port, null);
    }

    /** The same; what passes is noted. */
    static FaultyLink to(int port, RoundTrips trips) {
        return open(port, trips);
    }

    private static FaultyLink open(int port, @Nullable RoundTrips trips) {
        try {
            FaultyLink link = new FaultyLink(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port, trips);
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
    public void cut() {
        sockets.forEach(FaultyLink::end);
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
    public void tearReplies(int count) {
        synchronized (weather) {
            repliesToTear = count;
        }
    }

    /** The replies to the next scripts are lost after these have run, and their connections with them. */
    public void loseReplies(int count) {
        synchronized (weather) {
            repliesToLose = count;
        }
    }

    /** The next scripts, so many of them, do not reach Redis and get this answer, as it goes over the wire. */
    public void answerInstead(String answer, int count) {
        answerInstead(answer, count, false);
    }

    /** As {@link #answerInstead}; behind the answer the connection ends. */
    public void answerAndBreakOff(String answer, int count) {
        answerInstead(answer, count, true);
    }

    private void answerInstead(String answer, int count, boolean breakOff) {
        synchronized (weather) {
            instead = answer;
            answers = count;
            breakingOff = breakOff;
        }
    }

    /** What Redis answers from now on is changed on its way; it must stay as long as it is. */
    public void rewrite(UnaryOperator<String> change) {
        synchronized (weather) {
            rewriting = change;
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

    /**
     * Commands are kept on their way until the link is healed, and then arrive, also those whose sender has given up.
     */
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
            answers = 0;
            rewriting = UnaryOperator.identity();
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
                Joined connection = new Joined(client, server);
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
    private final class Joined {
        private final Socket client;
        private final Socket server;
        private final RoundTrips.@Nullable Connection own = trips == null ? null : trips.new Connection();
        private final BlockingQueue<Piece> replies = new LinkedBlockingQueue<>();
        private volatile boolean losing;

        private Joined(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void toServer() {
            try {
                InputStream in = client.getInputStream();
                byte[] buffer = new byte[PIECE];
                RespCommands commands = new RespCommands();
                List<String> batch = new ArrayList<>();
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    if (own != null) {
                        own.sent(buffer, count);
                    }
                    awaitPassage(count);
                    batch.addAll(commands.add(buffer, count));
                    if (commands.isEmpty() || !isAnswering()) { // else none of what is answered here may reach Redis
                        send(batch);
                        batch.clear();
                    }
                }
                server.shutdownOutput(); // what has been sent is still executed
            } catch (IOException | InterruptedException e) {
                end(server);
            } finally {
                sockets.remove(client);
            }
        }

        private void send(List<String> batch) throws IOException {
            boolean script = batch.stream().anyMatch(command -> command.contains("EVAL"));
            String answer;
            synchronized (weather) {
                answer = script && answers > 0 ? instead : null;
                if (answer != null) {
                    answers--;
                } else if (script && repliesToLose > 0) {
                    repliesToLose--;
                    losing = true;
                }
            }
            if (answer == null) {
                String passing = refuse(batch, refusal());
                server.getOutputStream().write(passing.getBytes(StandardCharsets.ISO_8859_1));
                return;
            }
            client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
            if (isBreakingOff()) {
                end(client);
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
                    if (own != null) {
                        own.answered();
                    }
                    replies.add(Piece.of(rewritten(Arrays.copyOf(buffer, count))));
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

    private boolean isAnswering() {
        synchronized (weather) {
            return answers > 0;
        }
    }

    private boolean isBreakingOff() {
        synchronized (weather) {
            return breakingOff;
        }
    }

    private byte[] rewritten(byte[] reply) {
        UnaryOperator<String> change;
        synchronized (weather) {
            change = rewriting;
        }
        return change.apply(new String(reply, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Waits while commands are kept. */
    private void awaitPassage(int count) throws InterruptedException {
        synchronized (weather) {
            while (stalled) {
                weather.wait();
            }
            awaitRoom(up, count);
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
        Thread thread = new Thread(work, "faulty-link");
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
