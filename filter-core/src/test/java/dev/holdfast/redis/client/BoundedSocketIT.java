package dev.holdfast.redis.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names with several addresses. */
class BoundedSocketIT {
    // Has room for a slow machine; what it excludes is waiting without end.
    private static final Duration ROOM = Duration.ofSeconds(3);

    @Test
    void anAddressThatSaysNothingLeavesTimeForTheNext() throws IOException {
        InetAddress dead = InetAddress.getByName("127.0.0.2");
        try (ServerSocket blackHole = new ServerSocket(0, 1, dead)) {
            List<Socket> full = new ArrayList<>();
            boolean silent = false;
            for (int i = 0; i < 10 && !silent; i++) { // what nobody accepts; the next packet is left without an answer
                Socket socket = new Socket();
                full.add(socket);
                try {
                    socket.connect(blackHole.getLocalSocketAddress(), 200);
                } catch (SocketTimeoutException e) {
                    silent = true;
                }
            }
            assertThat(silent).as("says nothing").isTrue();
            try (ServerSocket well =
                    new ServerSocket(blackHole.getLocalPort(), 5, InetAddress.getByName("127.0.0.3"))) {
                long deadline = OwnTime.now() + ROOM.toNanos();
                BoundedSocket socket = BoundedSocket.connect(
                        List.of(dead, well.getInetAddress()), well.getLocalPort(), deadline, null);
                assertThat(deadline - OwnTime.now()).as("time left").isPositive();
                assertThat(socket.getRemoteSocketAddress()).isEqualTo(well.getLocalSocketAddress());
                socket.close();
            }
            for (Socket socket : full) {
                socket.close();
            }
        }
    }
}
