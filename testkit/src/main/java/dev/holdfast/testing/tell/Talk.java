package dev.holdfast.testing.tell;

import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Another protocol that says one line about the session of its handshake, as a WebSocket could, and closes. */
public final class Talk implements HttpUpgradeHandler {
    private HttpSession session;

    void greet(HttpSession handshake) {
        session = handshake;
    }

    @Override
    public void init(WebConnection connection) {
        try (connection) {
            String seen = session.getId() + " a=" + session.getAttribute("a");
            connection.getOutputStream().write(seen.getBytes(StandardCharsets.UTF_8));
            connection.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void destroy() {}
}
