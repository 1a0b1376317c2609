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
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The network between one node and Redis, which can be bad in several ways. For many threads. */
public final class RedisLink implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** Guards all fields below. */
    private final Object weather = new Object();

    private int repliesToTear;
    private int repliesToLose;
    private Duration delay = Duration.ZERO;
    private boolean stalled;
    private boolean down;
    private String refusal = "";

    private RedisLink(ServerSocket listener, int target) {
        this.listener = listener;
        this.target = target;
    }

    /** A good link to a Redis on the loopback interface. */
    public static RedisLink to(int port) {
        try {
            RedisLink link = new RedisLink(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
            start(link::accept);
            return link;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI uri() {
        return URI.create("redis://127.0.0.1:" + listener.getLocalPort());
    }

    /** The same for a user. */
    public URI uri(String user, String password) {
        return URI.create("redis://" + user + ":" + password + "@127.0.0.1:" + listener.getLocalPort());
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

    /** Each reply takes so much longer. */
    public void slow(Duration longer) {
        synchronized (weather) {
            delay = longer;
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
            stalled = false;
            down = false;
            refusal = "";
            weather.notifyAll();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
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
                start(connection::toClient);
            }
        } catch (IOException closed) {
            // The run is over.
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

    /** One connection of the node. */
    private final class Connection {
        private final Socket client;
        private final Socket server;
        private final RespCommands commands = new RespCommands();
        private volatile boolean losing;

        private Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void toServer() {
            try {
                InputStream in = client.getInputStream();
                OutputStream out = server.getOutputStream();
                byte[] buffer = new byte[65_536];
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

        void toClient() {
            try (server) {
                InputStream in = server.getInputStream();
                byte[] buffer = new byte[65_536];
                boolean gone = false;
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    // One who has given up still has his commands executed: his replies are read and thrown away.
                    gone = gone || !pass(buffer, count);
                }
            } catch (IOException e) {
                // Redis has gone, or the link was cut.
            } finally {
                end(client);
                sockets.remove(server);
            }
        }

        private boolean pass(byte[] buffer, int count) {
            try {
                boolean torn = awaitReply();
                if (losing) {
                    end(client);
                    return false;
                }
                client.getOutputStream().write(buffer, 0, torn ? count / 2 : count);
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
            if (script && repliesToLose > 0) {
                repliesToLose--;
                return true;
            }
            return false;
        }
    }

    /** Waits as long as replies take; true if this one is to be torn. */
    private boolean awaitReply() throws InterruptedException {
        synchronized (weather) {
            long until = System.nanoTime() + delay.toNanos();
            while (!delay.isZero() && System.nanoTime() < until) {
                weather.wait(TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime()) + 1);
            }
            if (repliesToTear > 0) {
                repliesToTear--;
                return true;
            }
            return false;
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
        end(listener);
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
