package dev.holdfast.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForwardedProtoWarningTest {
    private final List<String> messages = new ArrayList<>();
    private final Logger logger = Logger.getLogger(ForwardedProtoWarning.class.getName());
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            messages.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private final ForwardedProtoWarning warning = new ForwardedProtoWarning();

    @BeforeEach
    void listen() {
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void warnsOnceIfTheContainerDoesNotKnowOfHttps() {
        warning.check(request("HTTPS, http", false));
        warning.check(request("https", false));

        assertThat(messages).singleElement().asString().startsWith("HF-302: ");
    }

    @Test
    void isSilentWhereTheContainerKnowsOrThereIsNoHttps() {
        warning.check(request("https", true));
        warning.check(request("http", false));
        warning.check(request(null, false));

        assertThat(messages).isEmpty();
    }

    private static HttpServletRequest request(String proto, boolean secure) {
        HttpServletRequest request = mock(HttpServletRequest.class);
        when(request.getHeader("X-Forwarded-Proto")).thenReturn(proto);
        when(request.isSecure()).thenReturn(secure);
        return request;
    }
}
