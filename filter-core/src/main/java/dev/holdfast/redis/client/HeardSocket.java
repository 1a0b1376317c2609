package dev.holdfast.redis.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;

/**
 * A socket, or TLS over one, of which can be told whether Redis has said something, without waiting for it and without
 * taking it away from who reads on. Used by one thread at a time.
 *
 * <p><b>Implementation note.</b> What TLS says for itself (that it ends, a ticket) is no word of Redis, so one byte is
 * read through TLS, and given first to who reads next.
 */
final class HeardSocket extends Socket {
    private static final int NONE = -2;

    private final BoundedSocket plain;
    private final Socket safe;
    private int ahead = NONE;

    /** @param safe the plain one, or TLS over it */
    HeardSocket(BoundedSocket plain, Socket safe) {
        this.plain = plain;
        this.safe = safe;
    }

    /** What became of a connection on which no answer came in time. */
    enum Late {
        SILENT,
        /** The beginning of an answer. */
        HEARD,
        /** The beginning of an error: it may say no more than that nobody can be served. */
        REFUSED,
        ENDED
    }

    /** Whether something has come since. Does not wait, and leaves it to be read. */
    Late late() {
        if (ahead == NONE) {
            try {
                if (!plain.isReadable()) {
                    return Late.SILENT;
                }
                plain.endAt(plain.movedAt(), Long.MAX_VALUE, null);
                ahead = safe.getInputStream().read();
            } catch (SocketTimeoutException e) {
                return Late.SILENT; // a part of what TLS has to say
            } catch (IOException | RuntimeException e) {
                return Late.ENDED; // by the other side, or closed here by another thread
            }
        }
        return switch (ahead) {
            case '+', '$', '*', ':' -> Late.HEARD;
            case '-' -> Late.REFUSED;
            default -> Late.ENDED; // or nothing that Redis says
        };
    }

    private int takeAhead() {
        int taken = ahead;
        ahead = NONE;
        return taken;
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(safe.getInputStream()) {
            @Override
            public int read() throws IOException {
                int read = ahead == NONE ? super.read() : takeAhead();
                if (read >= 0) {
                    plain.heard();
                }
                return read;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (ahead != NONE && length > 0) {
                    int first = read();
                    if (first >= 0) {
                        target[offset] = (byte) first;
                    }
                    return first < 0 ? -1 : 1;
                }
                int count = super.read(target, offset, length);
                if (count > 0) {
                    plain.heard();
                }
                return count;
            }
        };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return safe.getOutputStream();
    }

    @Override
    public synchronized void close() throws IOException {
        safe.close();
    }

    @Override
    public boolean isClosed() {
        return safe.isClosed();
    }

    @Override
    public boolean isConnected() {
        return safe.isConnected();
    }

    @Override
    public boolean isBound() {
        return safe.isBound();
    }

    @Override
    public boolean isInputShutdown() {
        return safe.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        return safe.isOutputShutdown();
    }

    @Override
    public synchronized int getSoTimeout() {
        return plain.getSoTimeout();
    }

    @Override
    public synchronized void setSoTimeout(int timeout) {
        plain.setSoTimeout(timeout);
    }
}
