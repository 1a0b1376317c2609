package dev.holdfast.gadgets.protocols.counted;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.concurrent.atomic.AtomicInteger;

/** Of URLs whose host is asked for, and counted, where others ask a name server. */
public final class Handler extends URLStreamHandler {
    /** How often a name server would have been asked. */
    public static final AtomicInteger ASKED = new AtomicInteger();

    @Override
    protected URLConnection openConnection(URL url) throws IOException {
        throw new IOException("nobody opens " + url.getProtocol());
    }

    @Override
    protected InetAddress getHostAddress(URL url) {
        ASKED.incrementAndGet();
        return null;
    }
}
