package dev.holdfast.affinity;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The names of nodes, as they stand in the route cookie. */
public final class Routes {
    private Routes() {}

    /**
     * A route for a node to which nobody gave a name: {@code n-} and 8 hex digits of the SHA-256 of {@code host:port},
     * so that a node keeps its name over a restart.
     */
    public static String derive(String host, int port) {
        byte[] digest = sha256().digest((host + ":" + port).getBytes(StandardCharsets.UTF_8));
        return "n-" + HexFormat.of().formatHex(digest, 0, 4);
    }

    /** What the log says of a node with a {@link #derive derived} route: the balancer does not know it. */
    public static String whyNamed(String route) {
        return "HF-303: This node has no name of its own and is called \"" + route
                + "\", made of its host and port: set holdfast.node (system property or environment) to the name that"
                + " the balancer uses for it.";
    }

    /**
     * The name of this machine, or its address if it has none. May ask a name server once.
     *
     * @param otherwise what to answer if the machine cannot be asked, for example the local address of a connection
     */
    public static String localHost(String otherwise) {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return otherwise;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
