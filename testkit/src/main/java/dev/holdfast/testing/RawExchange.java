package dev.holdfast.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One request of HTTP/1.1 on a connection of its own, which tells of the first and of the last byte of the answer the
 * moment that it has them.
 */
public final class RawExchange {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final InputStream in;
    private final Runnable firstByte;
    private final byte[] buffer = new byte[64 * 1024];
    private int position;
    private int limit;
    private boolean began;

    private RawExchange(InputStream in, Runnable firstByte) {
        this.in = in;
        this.firstByte = firstByte;
    }

    /**
     * Sends a request and reads the answer as far as it comes.
     *
     * @param head all lines of the request, each with its line end, without the empty line
     * @param firstByte runs when the first byte of the answer was read
     * @param lastByte runs when the last one was read
     * @throws IOException if there is no connection, or no answer within half a minute
     */
    public static Answer run(InetSocketAddress address, String head, String body, Runnable firstByte, Runnable lastByte)
            throws IOException {
        return run(address, head, body, PATIENCE, firstByte, lastByte);
    }

    /**
     * Sends a request and reads the answer as far as it comes.
     *
     * @throws IOException if there is no connection, or nothing comes for so long: then the client goes, and the server
     *     may not notice
     */
    public static Answer run(InetSocketAddress address, String head, String body, Duration patience)
            throws IOException {
        return run(address, head, body, patience, () -> {}, () -> {});
    }

    private static Answer run(
            InetSocketAddress address,
            String head,
            String body,
            Duration patience,
            Runnable firstByte,
            Runnable lastByte)
            throws IOException {
        int millis = (int) patience.toMillis();
        try (Socket socket = new Socket()) {
            socket.connect(address, millis);
            socket.setSoTimeout(millis);
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write((head + "\r\n" + body).getBytes(StandardCharsets.ISO_8859_1));
            return new RawExchange(socket.getInputStream(), firstByte).read(head.startsWith("HEAD "), lastByte);
        }
    }

    private Answer read(boolean headOnly, Runnable lastByte) throws IOException {
        int status = 0;
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean complete = false;
        try {
            String line = line();
            status = Integer.parseInt(line.split(" ", 3)[1]);
            for (line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                headers.add(Map.entry(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).trim()));
            }
            if (!headOnly && status >= 200 && status != 204 && status != 304) {
                readBody(new Answer(status, headers, "", false), body);
            }
            complete = true;
        } catch (EndedException e) {
            complete = false;
        }
        if (complete) {
            lastByte.run();
            if (status >= 200 && headers.contains(Map.entry("connection", "close"))) {
                readToEnd(body); // a server that says more than it announced is found out
            }
        }
        return new Answer(status, headers, body.toString(StandardCharsets.UTF_8), complete);
    }

    private void readBody(Answer head, ByteArrayOutputStream body) throws IOException, EndedException {
        if (head.header("transfer-encoding").equals("chunked")) {
            for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
                read(size, body);
                line();
            }
            line();
        } else if (!head.header("content-length").isEmpty()) {
            read(Integer.parseInt(head.header("content-length")), body);
        } else {
            readToEnd(body);
        }
    }

    private void readToEnd(ByteArrayOutputStream body) throws IOException {
        while (true) {
            try {
                body.write(next());
            } catch (EndedException e) {
                return; // this is how such an answer ends
            }
        }
    }

    private void read(int count, ByteArrayOutputStream body) throws IOException, EndedException {
        for (int i = 0; i < count; i++) {
            body.write(next());
        }
    }

    private String line() throws IOException, EndedException {
        StringBuilder line = new StringBuilder();
        for (int c = next(); c != '\n'; c = next()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private int next() throws IOException, EndedException {
        if (position == limit) {
            try {
                limit = in.read(buffer);
            } catch (java.net.SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                throw new EndedException(e); // reset by the death of the server
            }
            position = 0;
            if (limit < 0) {
                limit = 0;
                throw new EndedException(null);
            }
            if (!began) {
                began = true;
                firstByte.run();
            }
        }
        return buffer[position++] & 0xff;
    }

    /** The connection ended. */
    private static final class EndedException extends Exception {
        private static final long serialVersionUID = 1L;

        EndedException(Throwable cause) {
            super(cause);
        }
    }
}
