package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import org.junit.jupiter.api.Test;

class FaultyLinkIT {
    /** It once took a piece of a script for all of it, and Redis the next piece for a command. */
    @Test
    void scriptThatComesInPiecesIsAnsweredWhole() throws IOException {
        try (RedisProcess redis = RedisProcess.start();
                FaultyLink link = FaultyLink.to(redis.port());
                Socket client =
                        new Socket(InetAddress.getLoopbackAddress(), link.uri().getPort());
                Scanner replies = new Scanner(client.getInputStream(), StandardCharsets.US_ASCII)) {
            OutputStream out = client.getOutputStream();
            link.answerInstead("-BUSY\r\n", 1);

            String script = "-".repeat(200_000);
            out.write(("*3\r\n$4\r\nEVAL\r\n$200000\r\n" + script + "\r\n$1\r\n0\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(replies.nextLine()).isEqualTo("-BUSY");

            out.write("*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(replies.nextLine()).isEqualTo("+PONG");
        }
    }
}
