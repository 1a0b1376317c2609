package dev.holdfast.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A socket whose connecting, reading and writing all end at one moment, and that knows whether anything was sent.
 *
 * <p>Used by one thread at a time.
 *
 * <p><b>Implementation note.</b> The time-out of a plain socket starts again with each packet and does not cover writing: a value larger
 * than the socket buffers, sent to a server that stands still, would hold the container's thread until that server goes on. A channel
 * that does not block also tells without waiting that the server has closed an idle connection, so that this costs no attempt. Proved
 * by {@code RedisServerIT}.
 */
final class BoundedSocket extends Socket {
    // A larger heap buffer would make the JDK cache a direct buffer of that size per thread.
    private static final int CHUNK = 64 * 1024;

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private long deadline;
    private long sent;

    private BoundedSocket(SocketChannel channel, Selector selector, SelectionKey key, long deadline) {
        this.channel = channel;
        this.selector = selector;
        this.key = key;
        this.deadline = deadline;
    }

    /**
     * Connects to the first address of a host that answers.
     *
     * @param deadline by {@link System#nanoTime}
     */
    static BoundedSocket connect(String host, int port, long deadline) throws IOException {
        // Whoever is out of time is not to wait for a look-up of the name, which has no deadline.
        if (deadline - System.nanoTime() <= 0) {
            throw new SocketTimeoutException("out of time");
        }
        IOException last = new UnknownHostException(host);
        for (InetAddress address : InetAddress.getAllByName(host)) {
            try {
                return connect(new InetSocketAddress(address, port), deadline);
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    @SuppressWarnings("resource") // the socket owns channel and selector, or they are closed here
    private static BoundedSocket connect(InetSocketAddress address, long deadline) throws IOException {
        SocketChannel channel = SocketChannel.open();
        Selector selector = null;
        try {
            selector = Selector.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            SelectionKey key = channel.register(selector, 0);
            BoundedSocket socket = new BoundedSocket(channel, selector, key, deadline);
            if (!channel.connect(address)) {
                socket.await(SelectionKey.OP_CONNECT);
                channel.finishConnect();
            }
            return socket;
        } catch (IOException | RuntimeException e) {
            channel.close();
            if (selector != null) {
                selector.close();
            }
            throw e;
        }
    }

    /** Sets the moment, by {@link System#nanoTime}, at which every read and write ends with a {@link SocketTimeoutException}. */
    void endAt(long nanoTime) {
        deadline = nanoTime;
    }

    /** Bytes handed to the network since the socket was opened. */
    long bytesSent() {
        return sent;
    }

    /** Whether the other side has closed an idle connection, or said something unasked. Does not wait. */
    boolean hasEnded() {
        try {
            return channel.read(ByteBuffer.allocate(1)) != 0;
        } catch (IOException e) {
            return true;
        }
    }

    private void await(int operation) throws IOException {
        key.interestOps(operation);
        selector.selectedKeys().clear();
        while (true) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new SocketTimeoutException("out of time");
            }
            if (selector.select(TimeUnit.NANOSECONDS.toMillis(left) + 1) > 0) {
                return;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted");
            }
        }
    }

    private int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        ByteBuffer buffer = ByteBuffer.wrap(target, offset, Math.min(length, CHUNK));
        while (true) {
            int count = channel.read(buffer);
            if (count != 0) {
                return count;
            }
            await(SelectionKey.OP_READ);
        }
    }

    private void write(byte[] source, int offset, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(source, offset, length);
        int end = offset + length;
        while (buffer.position() < end) {
            buffer.limit(Math.min(buffer.position() + CHUNK, end));
            int count = channel.write(buffer);
            sent += count;
            if (count == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
    }

    @Override
    public InputStream getInputStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return BoundedSocket.this.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                return BoundedSocket.this.read(target, offset, length);
            }
        };
    }

    @Override
    public OutputStream getOutputStream() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                BoundedSocket.this.write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] source, int offset, int length) throws IOException {
                BoundedSocket.this.write(source, offset, length);
            }
        };
    }

    @Override
    public synchronized void close() throws IOException {
        selector.close();
        channel.close();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isBound() {
        return channel.isConnected();
    }

    @Override
    public synchronized int getSoTimeout() {
        return 0;
    }

    // What TLS asks and does at the farewell; the methods of Socket would open a second socket for it.

    @Override
    public int getSoLinger() {
        return -1;
    }

    @Override
    public void shutdownInput() throws IOException {
        channel.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public @Nullable SocketAddress getLocalSocketAddress() {
        return channel.socket().getLocalSocketAddress();
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        return channel.socket().getRemoteSocketAddress();
    }

    @Override
    public String toString() {
        return channel.toString();
    }
}
