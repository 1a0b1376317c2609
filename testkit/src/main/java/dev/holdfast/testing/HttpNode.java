package dev.holdfast.testing;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/** A node of a test, whatever container it is and wherever it runs. */
public interface HttpNode {
    /** The name that the test gave it. */
    String name();

    /** Where it listens. */
    InetSocketAddress address();

    /** The address of a path that begins with a slash. */
    default URI uri(String path) {
        return URI.create("http://" + address().getAddress().getHostAddress() + ":"
                + address().getPort() + path);
    }

    /** One that listens on the loopback interface. */
    static HttpNode at(String name, int port) {
        return new HttpNode() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public InetSocketAddress address() {
                return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            }
        };
    }
}
