package dev.holdfast.redis.client;

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
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A socket whose connecting, reading and writing all end at one moment, and that knows whether anything was sent.
 *
 * <p>Used by one thread at a time.
 *
 * <p><b>Implementation note.</b> The time-out of a plain socket starts again with each packet and does not cover
 * writing: a value larger than the socket buffers, sent to a server that stands still, would hold the container's
 * thread until that server goes on. A channel that does not block also tells without waiting that the server has closed
 * an idle connection, so that this costs no attempt. Proved by {@code RedisServerIT}.
 */
final class BoundedSocket extends Socket {
    // A larger heap buffer would make the JDK cache a direct buffer of that size per thread.
    private static final int CHUNK = 64 * 1024;

    /** How often a thread that waits looks whether it still makes sense. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private long deadline;
    private long patience = Long.MAX_VALUE;
    /** When something came or went last, or the deadline was set. */
    private long movedAt;

    private @Nullable Waiter waiter;
    private long sent;

    private BoundedSocket(
            SocketChannel channel, Selector selector, SelectionKey key, long deadline, @Nullable Waiter waiter) {
        this.channel = channel;
        this.selector = selector;
        this.key = key;
        this.deadline = deadline;
        this.waiter = waiter;
    }

    /**
     * Connects to the first address of a host that answers. One that says nothing leaves time for the others.
     *
     * @param deadline by {@link OwnTime}
     * @param waiter may give up before, and is told of what {@link #heard}; null for none
     */
    static BoundedSocket connect(String host, int port, long deadline, @Nullable Waiter waiter) throws IOException {
        BoundedSocket socket = connect(Addresses.system().of(host, deadline), port, deadline, waiter);
        Addresses.system().took(host, socket.channel.socket().getInetAddress());
        return socket;
    }

    static BoundedSocket connect(List<InetAddress> all, int port, long deadline, @Nullable Waiter waiter)
            throws IOException {
        IOException last = null;
        for (int i = 0; i < all.size(); i++) {
            long now = OwnTime.now();
            try {
                BoundedSocket socket = connect(
                        new InetSocketAddress(all.get(i), port), now + (deadline - now) / (all.size() - i), waiter);
                socket.endAt(deadline, Long.MAX_VALUE, waiter);
                return socket;
            } catch (IOException e) {
                last = e;
            }
        }
        throw last == null ? new UnknownHostException("no address") : last;
    }

    @SuppressWarnings("resource") // the socket owns channel and selector, or they are closed here
    private static BoundedSocket connect(InetSocketAddress address, long deadline, @Nullable Waiter waiter)
            throws IOException {
        SocketChannel channel = SocketChannel.open();
        Selector selector = null;
        try {
            selector = Selector.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            SelectionKey key = channel.register(selector, 0);
            BoundedSocket socket = new BoundedSocket(channel, selector, key, deadline, waiter);
            socket.movedAt = OwnTime.now();
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

    /**
     * Sets when every read and write ends with a {@link SocketTimeoutException}.
     *
     * @param end at the latest, by {@link OwnTime}
     * @param longest for how long nothing may come or go, in nanoseconds
     * @param hearing may give up before, and hears what comes; null for none
     */
    void endAt(long end, long longest, @Nullable Waiter hearing) {
        deadline = end;
        patience = longest;
        waiter = hearing;
        movedAt = OwnTime.now();
    }

    /** What came is Redis' own, and not that of whoever does TLS for it. */
    void heard() {
        if (waiter != null) {
            waiter.heard(movedAt);
        }
    }

    /** When something came or went last, by {@link OwnTime}. */
    long movedAt() {
        return movedAt;
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

    /** Waits until something comes, or the other side ends it. What comes is left to be read. */
    void awaitReply() throws IOException {
        await(SelectionKey.OP_READ);
    }

    /** Whether something has come, or the other side has ended it. Does not wait, and leaves it to be read. */
    boolean isReadable() throws IOException {
        try {
            key.interestOps(SelectionKey.OP_READ);
            selector.selectedKeys().clear();
            return selector.selectNow() > 0;
        } catch (CancelledKeyException | ClosedSelectorException e) {
            return true; // closed here, by another thread
        }
    }

    private void await(int operation) throws IOException {
        key.interestOps(operation);
        selector.selectedKeys().clear();
        while (true) {
            long now = OwnTime.now();
            long left = Math.min(deadline - now, patience - (now - movedAt));
            boolean leaves = waiter != null && waiter.waitsInVain();
            if (left <= 0 || leaves) {
                // What is there already was not too late: this thread was, for lack of a processor.
                if (selector.selectNow() > 0) {
                    return;
                }
                throw new SocketTimeoutException("out of time");
            }
            if (selector.select(TimeUnit.NANOSECONDS.toMillis(Math.min(left, LOOK_NANOS)) + 1) > 0) {
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
            if (count > 0) {
                movedAt = OwnTime.now();
            }
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
            } else {
                movedAt = OwnTime.now();
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

    /** Closes it, as what is of no use either way. */
    void end() {
        try {
            close();
        } catch (IOException e) {
            // It is closed all the same.
        }
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

    /** All waits end at one moment; the method of Socket would open a second socket for it. */
    @Override
    public synchronized void setSoTimeout(int timeout) {}

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
