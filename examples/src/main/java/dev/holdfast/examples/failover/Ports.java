package dev.holdfast.examples.failover;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * Free ports on loopback for servers that are killed and come back on the same port. They are taken below 32768: the
 * ports above are what outgoing connections get, and one of those could take the port of a node that is down.
 */
final class Ports {

    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;
    private static final int TRIES = 200;

    private final Random random = new Random();
    private final Set<Integer> taken = new HashSet<>();

    /** A port that nobody listens on and that this object has not given out before. */
    int next() throws CannotRunException {
        for (int i = 0; i < TRIES; i++) {
            int port = LOWEST + random.nextInt(HIGHEST - LOWEST);
            if (isFree(port) && taken.add(port)) {
                return port;
            }
        }
        throw new CannotRunException("Found no free port between " + LOWEST + " and " + HIGHEST + " on 127.0.0.1 in "
                + TRIES + " tries. Stop what listens there and run again.");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }
}
